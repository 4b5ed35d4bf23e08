"""How an answer says that its endpoint, or a part of it, will end: a Warning and a Link, as the service sends them."""

from __future__ import annotations

from collections.abc import MutableMapping

INLINE_COMMENTS = "CHANGE-1411"
"""The change that every answer about inline comments announces."""

_IN_WORDS = {
    INLINE_COMMENTS: "Deprecated Fields: inline-marker-ref and inline-original-selection are deprecated, use "
    "inlineMarkerRef and inlineOriginalSelection instead."
}

CHANGELOG = "https://developer.atlassian.com/cloud/confluence/changelog/"


def announce(change: str, headers: MutableMapping[str, str]) -> None:
    """Add the announcement to an answer's headers, before the links that it has.

    Parameters
    ----------
    change:
        Its anchor in the changelog, such as CHANGE-1411.
    """
    words = _IN_WORDS.get(change, f"Deprecated: see {change}")
    headers["Warning"] = f'299 - "{words}"'
    link = f'<{CHANGELOG}#{change}>; rel="deprecation"'
    headers["Link"] = ", ".join(filter(None, [link, headers.get("Link")]))
