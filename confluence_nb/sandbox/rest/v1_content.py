"""What the v1 API still tells about content: what is below it, its state, its label, its views."""

from __future__ import annotations

from collections.abc import Callable

from confluence_nb.sandbox.rest.cql.hits import Hit
from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v1, whole
from confluence_nb.sandbox.rest.offset import offset_window
from confluence_nb.sandbox.rest.problems import v1_problem
from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.rest.v1_expansions import content_row, read_expand
from confluence_nb.sandbox.rest.v1_shapes import label
from confluence_nb.sandbox.rest.v1_subjects import content_of, hit_of, space_of_key
from confluence_nb.sandbox.rest.v1_tree import DEEPEST, KINDS, below, below_row
from confluence_nb.sandbox.wiki.moments import iso, milliseconds
from confluence_nb.sandbox.wiki.order import Order
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.things import SITE_LABELS

_SUMMARY = "read:confluence-content.summary"
_ALL = "read:confluence-content.all"
STATES = (("Rough draft", "#ffc400"), ("In progress", "#2684ff"), ("Ready for review", "#57d9a3"))
_DAY = 86_400_000


def _below(call: Call) -> Answer:
    return plain(below_row(hit_of(call), read_expand(call.query.many("expand")), "descendant"))


def _descendants(call: Call) -> Answer:
    kind = call.path["type"]
    if kind not in KINDS:
        raise v1_problem(400, f"Unsupported type of descendants: {kind}")
    hits = below(hit_of(call), kind, _depth(call))
    expand = read_expand(call.query.many("expand"))
    return offset_window(call, hits, 25, shape=lambda hit: content_row(hit, expand), cost=1)


def _depth(call: Call) -> int:
    asked = call.query.one("depth")
    if asked in (None, "all"):
        return DEEPEST
    return 1 if asked == "root" else call.query.whole("depth", DEEPEST, 1, DEEPEST)


def state_row(index: int) -> Row:
    """A content state."""
    name, color = STATES[index]
    return {"id": index + 1, "name": name, "color": color}


def _state(call: Call) -> Answer:
    thing = content_of(call)
    call.query.chosen("status", ("current", "draft", "archived"))
    row = state_row(call.content.chance.below(len(STATES), thing.number, 220))
    return plain({"contentState": row, "lastUpdated": iso(thing.version.created)})


def _states(call: Call) -> Answer:
    rows = whole(call, [state_row(index) for index in range(len(STATES))])
    return plain(rows, rows=len(rows))


def _space(call: Call) -> Space:
    return space_of_key(call, call.path["spaceKey"])


def _available_states(call: Call) -> Answer:
    content_of(call)
    rows = [state_row(index) for index in range(len(STATES))]
    return plain({"spaceContentStates": rows, "customContentStates": []})


def _space_states(call: Call) -> Answer:
    _space(call)
    return _states(call)


def _in_state(call: Call) -> Answer:
    space, content = _space(call), call.content
    wanted = call.query.whole("state-id", 0, 1, len(STATES)) - 1
    expand = read_expand(call.query.many("expand"))
    call.query.whole("limit", 25, 0, 100)
    hits = [
        Hit(content, "page", page)
        for page in content.pages.read(Order(), None, [space.index])
        if page.status == "current" and content.chance.below(len(STATES), page.number, 220) == wanted
    ]
    return offset_window(call, hits, 25, shape=lambda hit: content_row(hit, expand), cost=1)


def _space_labels(call: Call) -> Answer:
    _space(call)
    prefix = call.query.chosen("prefix", ("global", "my", "team"))
    return offset_window(call, [label(one) for one in SITE_LABELS if prefix in (None, one.prefix)], 200)


def _label(call: Call) -> Answer:
    name = call.query.one("name")
    kind = call.query.chosen("type", ("page", "blogpost", "attachment", "page_template"))
    found = next((one for one in SITE_LABELS if one.name == name), None)
    if found is None:
        raise v1_problem(404, f"No label found with name: {name}")
    start = call.query.whole("start", 0, 0, None)
    limit = call.query.whole("limit", 200, 0, None)
    content = call.content
    rows: list[Row] = []
    if kind in (None, "page"):
        rows += [
            {"contentType": "page", "contentId": int(page.id), "title": page.title}
            for page in content.pages.read(Order())
            if page.status == "current" and found in content.labels_of(page.ref)
        ]
    if kind in (None, "blogpost"):
        rows += [
            {"contentType": "blogpost", "contentId": int(post.id), "title": post.title}
            for post in content.blogposts.read(Order())
            if post.status == "current" and found in content.labels_of(post.ref)
        ]
    shown = rows[start : start + limit]
    listed = {"results": shown, "start": start, "limit": limit, "size": len(shown)}
    return plain({"label": label(found), "associatedContents": listed}, points=1 + len(shown))


def _analytics(question: int) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        thing = content_of(call)
        since = call.query.moment("fromDate")
        views = call.content.chance.below(5_000, thing.number, 230)
        if since is not None:
            # Views are taken to be spread evenly over the life of the page.
            end = max(milliseconds(call.content.now()), thing.created + _DAY)
            views = views * max(0, end - max(since, thing.created)) // (end - thing.created)
        return plain(
            {"id": int(thing.id), "count": views if question == 0 else min(views, len(call.content.accounts))}
        )

    return answer


def _unknown_conversion(task: str) -> Row:
    unknown = "No conversion with this id was started, or its result is no longer kept"
    return {"renderTaskId": task, "status": "FAILED", "error": unknown}


def _conversions(call: Call) -> Answer:
    """The bodies being converted; nothing here starts a conversion, so every id is one that is not known."""
    asked = call.query.many("ids")
    if not asked:
        raise v1_problem(400, "Required parameter ids is missing")
    rows = whole(call, [_unknown_conversion(task) for task in asked])
    return plain(rows, rows=len(rows))


def _conversion(call: Call) -> Answer:
    return plain(_unknown_conversion(call.path["id"]))


OPERATIONS = (
    v1("/contentbody/convert/async/{id}", _conversion, _ALL, "read:content.metadata"),
    v1("/contentbody/convert/async/bulk/tasks", _conversions, _ALL, "read:content.metadata"),
    v1("/content/{id}/descendant", _below, _SUMMARY, "read:content-details"),
    v1("/content/{id}/descendant/{type}", _descendants, _SUMMARY, "read:content-details"),
    v1("/content/{id}/state", _state, _SUMMARY, "read:content-details"),
    v1("/content/{id}/state/available", _available_states, "write:confluence-content", "write:content"),
    v1("/content-states", _states, "read:user.property:confluence", "read:user.property"),
    v1("/space/{spaceKey}/state", _space_states, "read:confluence-space.summary", "read:space.setting"),
    v1("/space/{spaceKey}/state/content", _in_state, _ALL, "read:content"),
    v1("/space/{spaceKey}/label", _space_labels, "read:confluence-space.summary", "read:label"),
    v1("/label", _label, _SUMMARY, "read:label", "read:content"),
    v1("/analytics/content/{contentId}/views", _analytics(0), _SUMMARY, "read:analytics.content"),
    v1("/analytics/content/{contentId}/viewers", _analytics(1), _SUMMARY, "read:analytics.content"),
)
