"""Cursor paging of the v2 API: an opaque keyset cursor, a next link relative to the site, Link headers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import orjson

from confluence_nb.sandbox.rest.announcements import announce
from confluence_nb.sandbox.rest.exchange import Answer, Call, base_link
from confluence_nb.sandbox.rest.problems import bad_cursor
from confluence_nb.sandbox.rest.stretch import Row, stretched
from confluence_nb.sandbox.wiki.numbering import Kind, id_of, number_of
from confluence_nb.sandbox.wiki.order import Order, Place

T = TypeVar("T")


@dataclass(frozen=True)
class Rows(Generic[T]):
    """What a list reads from.

    Parameters
    ----------
    read:
        The things after a place, in an order.
    value, number:
        What a thing is sorted by, and what breaks ties.
    sorts:
        The fields one may sort by; the first is the default.
    kind:
        What the ids in cursors are ids of; None when the cursor counts rows.
    """

    read: Callable[[Order, Place | None], Iterator[T]]
    value: Callable[[T, str], Any]
    number: Callable[[T], int]
    sorts: Sequence[str]
    kind: Kind | None = None


def in_memory(items: Iterable[T], keys: Mapping[str, Callable[[T], Any]]) -> Rows[tuple[int, T]]:
    """Rows of a list short enough to be sorted whole; `keys` are its sorts, the first the default.

    Things whose key is None come last, first when descending.
    """
    numbered = list(enumerate(items))

    def key(pair: tuple[int, T], name: str) -> tuple[bool, Any, int]:
        value = keys[name](pair[1])
        return (value is None, 0 if value is None else value, pair[0])

    def read(order: Order, after: Place | None) -> Iterator[tuple[int, T]]:
        ordered = sorted(numbered, key=lambda pair: key(pair, order.field), reverse=order.descending)
        if after is None:
            return iter(ordered)
        bound = (after.value is None, 0 if after.value is None else after.value, after.number)
        if order.descending:
            return (pair for pair in ordered if key(pair, order.field) < bound)
        return (pair for pair in ordered if key(pair, order.field) > bound)

    return Rows(read, lambda pair, name: keys[name](pair[1]), lambda pair: pair[0], tuple(keys))


def sorted_whole(
    things: Iterable[T], value: Callable[[T, str], Any], number: Callable[[T], int]
) -> Callable[[Order, Place | None], Iterator[T]]:
    """Reads things whose ids are known but not their order: sorts them all, then goes past the place."""

    def read(order: Order, after: Place | None) -> Iterator[T]:
        def key(thing: T) -> tuple[Any, int]:
            return value(thing, order.field), number(thing)

        place = None if after is None else (after.value, after.number)
        for thing in sorted(things, key=key, reverse=order.descending):
            if place is None or (key(thing) < place if order.descending else key(thing) > place):
                yield thing

    return read


def from_number(
    things: Callable[[int], Iterator[T]], value: Callable[[T, str], Any], number: Callable[[T], int]
) -> Callable[[Order, Place | None], Iterator[T]]:
    """Reads things that come by number from any number on; in every other order they are sorted whole."""

    def read(order: Order, after: Place | None) -> Iterator[T]:
        if order == Order():
            return things(0 if after is None else after.number + 1)
        return sorted_whole(things(0), value, number)(order, after)

    return read


def window(
    call: Call,
    rows: Rows[T],
    shape: Callable[[T], Mapping[str, Any]],
    *,
    default_limit: int = 25,
    default_sort: str | None = None,
    lowest: int = 1,
    cost: int = 0,
    bodies: bool = False,
    deprecation: str | None = None,
    loses_null_values: bool = False,
) -> Answer:
    """One window of a list.

    Parameters
    ----------
    default_sort:
        The order when none is asked for; the first of `rows.sorts` unless given.
    cost:
        Points per row, over the one that every call costs.
    bodies:
        True when each row carries a page body.
    deprecation:
        A change that the answer warns of, by its anchor in the changelog.
    loses_null_values:
        A window after a row without sort value is empty and the last.
    """
    order = _order(call, rows.sorts, default_sort or rows.sorts[0])
    limit = call.query.whole("limit", default_limit, lowest, 250)
    paging = _Paging(limit, order, cost, bodies, deprecation, loses_null_values)
    count = call.around.rows_per_list
    if count is None:
        return _cut(call, rows, shape, paging)
    counted = list(enumerate(stretched(map(shape, rows.read(order, None)), count)))

    def read(order: Order, after: Place | None) -> Iterator[tuple[int, Row]]:
        return iter(counted if after is None else counted[after.number + 1 :])

    drawn: Rows[tuple[int, Row]] = Rows(read, lambda pair, name: 0, lambda pair: pair[0], rows.sorts)
    return _cut(call, drawn, lambda pair: pair[1], paging)


@dataclass(frozen=True)
class _Paging:
    """How a list is cut: the parameters of `window` that the query has a say in, and its costs."""

    limit: int
    order: Order
    cost: int
    bodies: bool
    deprecation: str | None
    loses_null_values: bool


def _cut(call: Call, rows: Rows[T], shape: Callable[[T], Mapping[str, Any]], paging: _Paging) -> Answer:
    limit, order = paging.limit, paging.order
    after = _read_cursor(call.query.one("cursor"), order, rows.kind)
    if paging.loses_null_values and after is not None and after.value is None:
        found: list[T] = []
    else:
        try:
            found = list(islice(rows.read(order, after), limit + 1))
        except TypeError:
            raise bad_cursor() from None
    links = {"base": call.base}
    header = [base_link(call)]
    if len(found) > limit > 0:
        found.pop()
        last = found[-1]
        number = rows.number(last)
        cursor = _write_cursor(rows.value(last, order.field), number, order, rows.kind)
        links = {"next": _next(call, cursor, cursor_first=number % 2 == 1), **links}
        header.insert(number % 3 % 2, f'<{links["next"]}>; rel="next"')
    headers = {"Content-Type": "application/json"}
    headers["Link"] = ", ".join(header)
    if paging.deprecation is not None:
        announce(paging.deprecation, headers)
    body = orjson.dumps({"results": [shape(thing) for thing in found], "_links": links})
    size = len(found)
    return Answer(200, body, headers, 1 + paging.cost * size, size if paging.bodies else 0, size)


def _order(call: Call, sorts: Sequence[str], default: str) -> Order:
    options = [sign + name for name in sorts for sign in ("", "-")]
    sortable = tuple(sorts) != ("id",)
    chosen = (call.query.chosen("sort", options) if sortable else None) or default
    return Order(chosen.removeprefix("-"), chosen.startswith("-"))


def _write_cursor(value: Any, number: int, order: Order, kind: Kind | None) -> str:
    identifier = str(number) if kind is None else id_of(kind, number)
    content = {
        "id": identifier,
        "contentOrder": ("-" if order.descending else "") + order.field,
        "contentOrderValue": int(identifier.removeprefix("att")) if _by_id(order, kind) else value,
    }
    return base64.b64encode(orjson.dumps(content)).decode()


def _read_cursor(cursor: str | None, order: Order, kind: Kind | None) -> Place | None:
    if cursor is None:
        return None
    try:
        content = orjson.loads(base64.b64decode(cursor, validate=True))
        identifier, value = content["id"], content["contentOrderValue"]
        same = content["contentOrder"] == ("-" if order.descending else "") + order.field
        number = int(identifier) if kind is None else number_of(kind, identifier)
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError):
        raise bad_cursor() from None
    if number is None or not same:
        raise bad_cursor()
    return Place(number if _by_id(order, kind) else value, number)


def _by_id(order: Order, kind: Kind | None) -> bool:
    return kind is not None and order.field == "id"


def _next(call: Call, cursor: str, *, cursor_first: bool) -> str:
    others = [(name, value) for name, value in call.request.query if name != "cursor"]
    kept = urlencode([pair for pair in others if pair[1]])
    # The service writes both of these, so a client has to read both.
    written = f"cursor={quote(cursor, safe='=')}" if cursor_first else f"cursor={quote(cursor, safe='')}"
    parts = [written, kept] if cursor_first else [kept, written]
    return f"{call.request.path}?{'&'.join(part for part in parts if part)}"
