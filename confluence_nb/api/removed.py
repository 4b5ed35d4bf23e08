"""What to call in place of the v1 endpoints that Atlassian removed for OAuth apps, ids filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from confluence_nb.errors import Gone

V1 = "/wiki/rest/api"


@dataclass(frozen=True)
class Removed:
    """One endpoint that is gone.

    Parameters
    ----------
    method:
        The one that is gone; others of the same path may still be there.
    pattern:
        Its path behind `/wiki/rest/api`, with named groups for what its replacement takes.
    helper:
        The call of `Wiki` that reads the same, "" where none does.
    path:
        What it reads from: a path of v2, or one of v1 that is still there. `POST …` for a call that is no GET.
    """

    method: str
    pattern: re.Pattern[str]
    helper: str
    path: str


def _gone(method: str, pattern: str, helper: str, path: str) -> Removed:
    return Removed(method, re.compile(pattern), helper, path)


_ID = r"/content/(?P<id>(?:att)?\d+|\{\w+\})"  # a template's {id} stays as it is
_KEY = r"/space/(?P<key>[^/]+)"

REMOVED: tuple[Removed, ...] = (
    _gone("GET", r"/content", "wiki.pages() or wiki.blogposts()", "/pages"),
    _gone("POST", r"/content", "", "POST /pages"),
    _gone("GET", r"/content/(?P<id>att\d+)", 'wiki.get("/attachments/{id}")', "/attachments/{id}"),
    _gone("GET", _ID, 'wiki.get("/pages/{id}")', "/pages/{id}"),
    _gone("PUT", _ID, "", "PUT /pages/{id}"),
    _gone("DELETE", _ID, "", "DELETE /pages/{id}"),
    _gone("GET", rf"{_ID}/child/comment", 'wiki.comments("{id}")', "/pages/{id}/footer-comments"),
    _gone("GET", rf"{_ID}/child/attachment", 'wiki.attachments("{id}")', "/pages/{id}/attachments"),
    _gone("GET", rf"{_ID}/child(?:/page)?", 'wiki.children("{id}")', "/pages/{id}/direct-children"),
    _gone("GET", rf"{_ID}/label", 'wiki.labels("{id}")', "/pages/{id}/labels"),
    _gone("GET", rf"{_ID}/property(?:/[^/]+)?", 'wiki.properties("{id}")', "/pages/{id}/properties"),
    _gone("POST", rf"{_ID}/property(?:/[^/]+)?", "", "POST /pages/{id}/properties"),
    _gone("GET", rf"{_ID}/(?:history|version(?:/\d+)?)", 'wiki.versions("{id}")', "/pages/{id}/versions"),
    _gone(
        "POST",
        r"/contentbody/convert/(?P<to>(?!async)[^/]+)",
        "",
        f"POST {V1}/contentbody/convert/async/{{to}}",
    ),
    _gone("GET", r"/group/by-name", "wiki.groups()", f"{V1}/group"),
    _gone("GET", r"/group/[^/]+/member", "", f"{V1}/group/{{groupId}}/membersByGroupId"),
    _gone("GET", r"/inlinetasks/search", "wiki.tasks()", "/tasks"),
    _gone("GET", r"/inlinetasks/(?P<id>\d+)", 'wiki.get("/tasks/{id}")', "/tasks/{id}"),
    _gone("PUT", r"/inlinetasks/(?P<id>\d+)", "", "PUT /tasks/{id}"),
    _gone("GET", r"/space", "wiki.spaces()", "/spaces"),
    _gone("GET", _KEY, 'wiki.table("/spaces", keys="{key}")', "/spaces"),
    _gone("GET", rf"{_KEY}/content/blogpost", 'wiki.blogposts(space="{key}")', "/blogposts"),
    _gone("GET", rf"{_KEY}/content(?:/page)?", 'wiki.pages(space="{key}")', "/pages"),
    _gone(
        "GET",
        rf"{_KEY}/property(?:/[^/]+)?",
        'wiki.table("/spaces/{space-id}/properties", space_id=…)',
        "/spaces/{space-id}/properties",
    ),
)


def replacement(method: str, path: str) -> str | None:
    """What does the same now, as a clause such as `wiki.comments("7"), which reads /pages/7/footer-comments`.

    Parameters
    ----------
    path:
        From the root of the site, `/wiki/rest/api/content/7/child/comment`; `{id}` may stand for the id.

    Returns
    -------
    None where nothing is known to do the same.
    """
    rest = path.removeprefix(V1).rstrip("/")
    for gone in REMOVED:
        match = gone.pattern.fullmatch(rest)
        if match and method.upper() == gone.method:
            filled = _filled(gone.path, match)
            if not gone.helper:
                return filled if filled[0] != "/" else f"GET {filled}"
            return f"{_filled(gone.helper, match)}, which reads {filled}"
    return None


def gone(method: str, path: str) -> Gone:
    """The error that says so, and what to call instead."""
    instead = replacement(method, path)
    advice = (
        f"Use {instead}."
        if instead
        else "Its v2 API has most of it: wiki.table(path) reads any of its lists, wiki.get(path) anything."
    )
    return Gone(f"Atlassian removed {method} {path} for OAuth apps. {advice}", status=410, path=path)


def _filled(template: str, match: re.Match[str]) -> str:
    for name, value in match.groupdict().items():
        template = template.replace(f"{{{name}}}", value[:80])
    return template
