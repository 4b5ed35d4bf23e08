"""Who watches what, as the v1 API tells it: pages and posts, spaces, labels."""

from __future__ import annotations

from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v1
from confluence_nb.sandbox.rest.offset import offset_window
from confluence_nb.sandbox.rest.preferences import content_watchers, space_watchers
from confluence_nb.sandbox.rest.problems import v1_problem
from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.rest.v1_shapes import watcher
from confluence_nb.sandbox.rest.v1_subjects import content_of, person_asked, space_of_key
from confluence_nb.sandbox.wiki.things import SITE_LABELS

_SUMMARY = "read:confluence-content.summary"


def _child_watches(call: Call) -> Answer:
    thing = content_of(call)
    rows: list[Row] = [
        {"type": "page-watch", "watcher": watcher(call.content, index), "contentId": int(thing.id)}
        for index in content_watchers(call.content, thing.number)
    ]
    return offset_window(call, rows, 200, cost=2)


def _space_watches(call: Call) -> Answer:
    thing = content_of(call)
    key = call.content.spaces[thing.space].key
    rows: list[Row] = [
        {"type": "space-watch", "watcher": watcher(call.content, index), "spaceKey": key}
        for index in content_watchers(call.content, thing.number)
    ]
    return offset_window(call, rows, 200, cost=2)


def _watchers_of_space(call: Call) -> Answer:
    space = space_of_key(call, call.path["spaceKey"])
    rows: list[Row] = [
        {"type": "space-watch", "watcher": watcher(call.content, who), "spaceKey": space.key}
        for who in space_watchers(call.content, space)
    ]
    return offset_window(call, rows, 200, cost=2)


def _watches_content(call: Call) -> Answer:
    thing = content_of(call)
    return plain({"watching": person_asked(call) in content_watchers(call.content, thing.number)})


def _watches_space(call: Call) -> Answer:
    space = space_of_key(call, call.path["spaceKey"])
    return plain({"watching": person_asked(call) in space_watchers(call.content, space)})


def _watches_label(call: Call) -> Answer:
    name = call.path["labelName"]
    found = next((label for label in SITE_LABELS if label.name == name), None)
    if found is None:
        raise v1_problem(404, f"No label found with name: {name}")
    return plain({"watching": call.content.chance.bits(person_asked(call) * 64 + found.index, 216) & 7 == 0})


OPERATIONS = (
    v1("/content/{id}/notification/child-created", _child_watches, _SUMMARY, "read:watcher", "read:user"),
    v1("/content/{id}/notification/created", _space_watches, _SUMMARY, "read:watcher", "read:user"),
    v1("/space/{spaceKey}/watch", _watchers_of_space, "", "read:watcher", "read:user"),
    v1("/user/watch/content/{contentId}", _watches_content, _SUMMARY, "read:watcher"),
    v1("/user/watch/space/{spaceKey}", _watches_space, _SUMMARY, "read:watcher"),
    v1("/user/watch/label/{labelName}", _watches_label, _SUMMARY, "read:watcher"),
)
