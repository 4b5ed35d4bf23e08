"""How an answer says that its endpoint, or a part of it, will end: a Warning and a Link, as the service sends them."""

from __future__ import annotations

from collections.abc import MutableMapping

CHANGELOG = "https://developer.atlassian.com/cloud/confluence/changelog/"


def announce(change: str, headers: MutableMapping[str, str]) -> None:
    """Add the announcement to an answer's headers, before the links that it has.

    Parameters
    ----------
    change:
        Its anchor in the changelog, such as CHANGE-1411.
    """
    headers["Warning"] = f'299 - "Deprecated: see {change}"'
    link = f'<{CHANGELOG}#{change}>; rel="deprecation"'
    headers["Link"] = ", ".join(filter(None, [link, headers.get("Link")]))
