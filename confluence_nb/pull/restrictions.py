"""The restrictions of one page, in rows: its people and groups page inside the answer, at limits of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from confluence_nb.api.catalog import collection
from confluence_nb.api.columns import Column
from confluence_nb.api.paging import ListReader
from confluence_nb.errors import Interrupted, Unreachable
from confluence_nb.pull.pull import Part
from confluence_nb.pull.shapes import PAGE_ID, Rows

PATH = "/wiki/rest/api/content/{id}/restriction"

UNSAID_LIMIT = 100
"""People, and groups, that one answer names for an operation at most, where it does not say how many."""

KINDS = {"user": "accountId", "group": "id"}
"""Whom a restriction names, and where their ids are."""

_UNKNOWN_FORM = "The restrictions came in a form that is not known. Try again; if it stays so, report it."

Named = tuple[str, str, str]
"""Operation, kind and id: what makes a row itself."""

Reader = Callable[[int], ListReader]
"""The list of a page's restrictions from that person, and that group, of each operation on."""


def columns() -> tuple[Column, ...]:
    """What the rows hold; the operations are those of the specification."""
    return (
        PAGE_ID,
        next(column for column in collection(PATH).columns if column.name == "operation"),
        Column("subject_type", "category", ("subjectType",), tuple(KINDS)),
        Column("subject_id", "string", ("subjectId",)),
        Column("subject_name", "string", ("subjectName",)),
    )


def restrictions(
    page_id: str,
    reader: Reader,
    *,
    subject: str | None,
    start: int = 0,
    seen: frozenset[Named] = frozenset(),
) -> Part:
    """A part with one row for each operation, and person or group that it is restricted to.

    Parameters
    ----------
    subject:
        As of `Part`.
    start, seen:
        From where on, and what the answers before this one named.
    """

    def fresh(operations: Rows) -> Rows:
        return [row for row in _rows(page_id, operations) if _named(row) not in seen]

    def further(operations: Rows) -> list[Part]:
        following = _next_start(operations, start)
        if following is None:
            return []
        found = fresh(operations)
        if not found:
            raise Interrupted(
                f"The restrictions of {page_id} come again and again. The rows so far are in .frame; try again, and "
                "report it if it stays so."
            )
        known = seen | {named for row in found if (named := _named(row)) is not None}
        return [restrictions(page_id, reader, subject=None, start=following, seen=known)]

    return Part(reader(start), subject=subject, shape=fresh, follow=further)


def _rows(page_id: str, operations: Rows) -> Iterator[dict[str, Any]]:
    for operation, kind, listed in _lists(operations):
        for one in listed["results"]:
            who = one if isinstance(one, Mapping) else {}
            yield {
                "pageId": page_id,
                "operation": operation,
                "subjectType": kind,
                "subjectId": who.get(KINDS[kind]),
                "subjectName": who.get("name") or who.get("displayName") or who.get("publicName"),
            }


def _lists(operations: Rows) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """What is listed of each operation and kind, as far as anything is.

    Raises
    ------
    Unreachable
        Something is there, and it is no list: taken for none, it would say that everybody may see the page.
    """
    for operation in operations:
        restricted = _mapping(operation.get("restrictions"))
        for kind in KINDS:
            listed = _mapping(restricted.get(kind))
            if not (found := listed.get("results")):
                continue
            name = operation.get("operation")
            if not isinstance(found, list) or not isinstance(name, str):
                raise Unreachable(_UNKNOWN_FORM)
            yield name, kind, listed


def _mapping(told: Any) -> Mapping[str, Any]:
    if told and not isinstance(told, Mapping):
        raise Unreachable(_UNKNOWN_FORM)
    return told or {}


def _named(row: Mapping[str, Any]) -> Named | None:
    """What a row is about; None where the site hides who it is."""
    found = row["operation"], row["subjectType"], str(row["subjectId"])
    return None if row["subjectId"] is None else found


def _next_start(operations: Rows, start: int) -> int | None:
    """Where those lists go on that are as long as their limit, None when every one has ended."""
    full = [len(listed["results"]) for _, _, listed in _lists(operations) if _goes_on(listed)]
    return start + min(full) if full else None


def _goes_on(listed: Mapping[str, Any]) -> bool:
    links = listed.get("_links")
    limit = listed.get("limit")
    most = limit if isinstance(limit, int) and limit > 0 else UNSAID_LIMIT
    return len(listed["results"]) >= most or (isinstance(links, Mapping) and bool(links.get("next")))
