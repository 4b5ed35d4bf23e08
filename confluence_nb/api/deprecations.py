"""Says once for each endpoint that Atlassian announces its end: in the log, where it disturbs no notebook."""

from __future__ import annotations

import logging
import re

from confluence_nb._http import httpx

_LOG = logging.getLogger("confluence_nb")
# Without a handler of anybody's, Python would print the warnings.
_LOG.addHandler(logging.NullHandler())

_TEXT = re.compile(r'^299\s+\S+\s+"((?:\\.|[^"\\])*)"')
_LINK = re.compile(r'<([^>]*)>[^<]*?;\s*rel="?deprecation"?', re.IGNORECASE)
_ID = re.compile(r"/(?:att)?\d+(?=/|$)")

_said: set[str] = set()


def log_deprecation(method: str, path: str, headers: httpx.Headers) -> None:
    """Log what an answer says about the end of its endpoint, or of a field of it.

    Parameters
    ----------
    path:
        From the root of the site; its ids make no new endpoint.
    headers:
        Of the answer: `Warning: 299 - "…"`, or a `Link` whose rel is `deprecation`.
    """
    text = _TEXT.search(headers.get("Warning", ""))
    link = _LINK.search(headers.get("Link", ""))
    if text is None and link is None:
        return
    endpoint = f"{method} {_ID.sub('/{id}', path)}"
    if endpoint not in _said:
        _said.add(endpoint)
        reason = " ".join(text[1].split())[:300] if text else "deprecated"
        _LOG.warning("%s: %s%s", endpoint, reason, f" ({link[1][:300]})" if link else "")
