"""The tree in the v2 API: children, descendants and ancestors of pages, folders and the rest."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from confluence_nb.sandbox.rest.exchange import Answer, Call, Operation, plain, single, v2
from confluence_nb.sandbox.rest.facets import INCLUDED_AT_MOST, included
from confluence_nb.sandbox.rest.problems import missing
from confluence_nb.sandbox.rest.shapes import Row, child_row, descendant_row, node_row
from confluence_nb.sandbox.rest.stretch import stretched_ancestors
from confluence_nb.sandbox.rest.subjects import NODES, PAGE, Subject, Thing
from confluence_nb.sandbox.rest.window import in_memory, window
from confluence_nb.sandbox.wiki.pages import Page
from confluence_nb.sandbox.wiki.tree import TYPE_NAMES, Node

_HIERARCHY = "read:hierarchical-content"


def _position(thing: Page | Node) -> int | None:
    return thing.position


_CHILD_SORTS: dict[str, Callable[[Page | Node], Any]] = {
    "child-position": _position,
    "id": lambda thing: int(thing.id),
    "created-date": lambda thing: thing.created,
    "modified-date": lambda thing: thing.version.created,
    "title": lambda thing: thing.title.casefold(),
}


def _spot(call: Call, subject: Subject) -> Page | Node:
    thing: Thing = subject.of(call)
    if not isinstance(thing, Page | Node):
        raise missing(f"a {subject.name}", next(iter(call.path.values())))
    return thing


def _direct_children(subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        children = call.content.tree.children(_spot(call, subject).ref)
        return window(
            call,
            in_memory(children, _CHILD_SORTS),
            lambda pair: child_row(call.content, pair[1]),
            cost=1,
            loses_null_values=call.content.loses_null_positions,
        )

    return answer


def _page_children(call: Call) -> Answer:
    pages = [thing for thing in call.content.tree.children(_spot(call, PAGE).ref) if isinstance(thing, Page)]
    sorts = {name: key for name, key in _CHILD_SORTS.items() if name != "title"}

    def row(pair: tuple[int, Page]) -> Row:
        return {name: value for name, value in child_row(call.content, pair[1]).items() if name != "type"}

    return window(
        call,
        in_memory(pages, sorts),
        row,
        cost=1,
        loses_null_values=call.content.loses_null_positions,
    )


def _descendants(subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        depth = call.query.whole("depth", 2, 1, 10)
        found = list(call.content.tree.descendants(_spot(call, subject).ref, depth))
        rows = in_memory(found, {"id": lambda pair: None})
        return window(call, rows, lambda pair: descendant_row(*pair[1]), cost=1)

    return answer


def _ancestors(subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        limit = call.query.whole("limit", 25, 1, 250)
        if (count := call.around.rows_per_list) is not None:
            rows = stretched_ancestors(call.path["id"], count, limit)
            return plain({"results": rows}, rows=len(rows))
        above = call.content.tree.ancestors(_spot(call, subject).ref)
        # Without a cursor: the nearest ones, highest first; the next call asks for those of the highest.
        rows = [{"id": ref.id, "type": TYPE_NAMES[ref.kind]} for ref in above[-limit:]]
        return plain({"results": rows}, rows=len(rows))

    return answer


def _node(subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        node = _spot(call, subject)
        if not isinstance(node, Node):
            raise missing(f"a {subject.name}", call.path["id"])
        row = included(call, node, node_row(call.content, node))
        if call.query.flag("include-direct-children"):
            children = list(islice(call.content.tree.children(node.ref), INCLUDED_AT_MOST + 1))
            row["directChildren"] = {
                "results": [child_row(call.content, child) for child in children[:INCLUDED_AT_MOST]],
                "meta": {"hasMore": len(children) > INCLUDED_AT_MOST},
            }
        return single(call, row, points=2)

    return answer


def _operations() -> list[Operation]:
    found = [v2("/pages/{id}/children", _page_children, PAGE.scope)]
    for subject in (PAGE, *NODES):
        root = f"/{subject.plural}/{{id}}"
        found.append(v2(f"{root}/direct-children", _direct_children(subject), _HIERARCHY))
        found.append(v2(f"{root}/descendants", _descendants(subject), _HIERARCHY))
        found.append(v2(f"{root}/ancestors", _ancestors(subject), "read:content.metadata"))
    found += [v2(f"/{subject.plural}/{{id}}", _node(subject), subject.scope) for subject in NODES]
    return found


OPERATIONS = tuple(_operations())
