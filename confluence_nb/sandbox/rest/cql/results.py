"""A query asked of a wiki: matches in order, found as far as somebody reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import lru_cache

from confluence_nb.sandbox.rest.cql.calendar import moment
from confluence_nb.sandbox.rest.cql.estimate import about
from confluence_nb.sandbox.rest.cql.functions import Asker, resolved
from confluence_nb.sandbox.rest.cql.grammar import (
    All,
    Any,
    Clause,
    CQLError,
    Function,
    Node,
    Not,
    Query,
    Value,
)
from confluence_nb.sandbox.rest.cql.hits import TYPES, Hit, candidates
from confluence_nb.sandbox.rest.cql.vocabulary import DATES, PEOPLE
from confluence_nb.sandbox.wiki import SiteContent

Test = Callable[[Hit], bool]

_COSTLY = ("text", "siteSearch", "mention", "macro", "ancestor")


class Results:
    """The matches of one query; reading the n-th looks no further than needed, unless they are sorted."""

    def __init__(
        self, hits: Iterator[Hit], examined: Callable[[], int], candidates: Callable[[], int]
    ) -> None:
        self._hits = hits
        self._found: list[Hit] = []
        self._examined = examined
        self._candidates = lru_cache(maxsize=1)(candidates)
        self._complete = False

    def slice(self, start: int, count: int) -> list[Hit]:
        """Some matches from the `start`-th on."""
        while len(self._found) < start + count and not self._complete:
            hit = next(self._hits, None)
            if hit is None:
                self._complete = True
            else:
                self._found.append(hit)
        return self._found[start : start + count]

    def sort(self, order: tuple[tuple[str, bool], ...]) -> None:
        """Find all matches and put them in an order."""
        self._found.extend(self._hits)
        self._complete = True
        for field, descending in reversed(order):
            self._found.sort(key=_SORTS[field], reverse=descending)

    def estimate(self) -> int:
        """About how many matches there are: the service never says exactly."""
        if self._complete:
            return len(self._found)
        return max(len(self._found), len(self._found) * self._candidates() // max(1, self._examined()))


def run(
    content: SiteContent, query: Query, asker: Asker, statuses: Collection[str] = ("current",)
) -> Results:
    """Ask a query of a site.

    Parameters
    ----------
    statuses:
        Of the spaces to look in: those that are archived have to be asked for.

    Raises
    ------
    CQLError
        When a value does not fit its field.
    """
    where = resolved(query.where, content, asker)
    compiler = _Compiler(content, asker.account, content.now())
    test = compiler.test(where)
    types = _types(where)
    spaces = _spaces(content, where)
    left_out = frozenset(space.index for space in content.spaces if space.status not in statuses)
    seen = 0

    def matching() -> Iterator[Hit]:
        nonlocal seen
        for hit in candidates(content, types, spaces):
            if left_out and hit.space is not None and hit.space.index in left_out:
                continue
            seen += 1
            if test(hit):
                yield hit

    def candidates_about() -> int:
        looked_in = range(len(content.spaces)) if spaces is None else spaces
        kept = [index for index in looked_in if index not in left_out]
        return about(content, types, kept if left_out else spaces)

    results = Results(matching(), lambda: seen, candidates_about)
    if query.order:
        results.sort(query.order)
    return results


_SORTS: dict[str, Callable[[Hit], str | int]] = {
    "title": lambda hit: hit.title.casefold(),
    "created": lambda hit: hit.created,
    "lastmodified": lambda hit: hit.modified,
    "id": lambda hit: int(hit.id.removeprefix("att")),
    "type": lambda hit: hit.type,
    "space": lambda hit: hit.space.key if hit.space else "",
}


def _types(node: Node) -> tuple[str, ...]:
    """The types worth looking at: those that the clauses every match has to meet leave."""
    left = set(TYPES)
    for clause in _needed(node):
        if clause.field == "type" and clause.operator in ("=", "in"):
            left &= {value.casefold() for value in clause.values if isinstance(value, str)}
    return tuple(name for name in TYPES if name in left)


def _spaces(content: SiteContent, node: Node) -> list[int] | None:
    left: list[int] | None = None
    for clause in _needed(node):
        if clause.field in ("space", "space.key") and clause.operator in ("=", "in"):
            named = [content.space(value) for value in clause.values if isinstance(value, str)]
            indexes = [space.index for space in named if space is not None]
            left = indexes if left is None else [index for index in left if index in indexes]
    return left


def _needed(node: Node) -> Iterator[Clause]:
    if isinstance(node, Clause):
        yield node
    elif isinstance(node, All):
        for part in node.parts:
            yield from _needed(part)


class _Compiler:
    """Turns the tree of a query into one test."""

    def __init__(self, content: SiteContent, account: int, now: datetime) -> None:
        self._content = content
        self._account = account
        self._now = now

    def test(self, node: Node) -> Test:
        match node:
            case Clause():
                return self._clause(node)
            case Not():
                inner = self.test(node.inner)
                return lambda hit: not inner(hit)
            case All():
                # Words cost more than all else together, so they are looked at last.
                parts = [self.test(part) for part in sorted(node.parts, key=_reads_words)]
                return lambda hit: all(part(hit) for part in parts)
            case Any():
                some = [self.test(part) for part in node.parts]
                return lambda hit: any(part(hit) for part in some)

    def _clause(self, clause: Clause) -> Test:
        if clause.operator in ("in", "not in"):
            singles = [self._single(clause.field, "=", value) for value in clause.values]
            if clause.operator == "in":
                return lambda hit: any(single(hit) for single in singles)
            return lambda hit: not any(single(hit) for single in singles)
        value = clause.values[0]
        if clause.operator in ("!=", "!~"):
            opposite = self._single(clause.field, clause.operator[1:], value)
            return lambda hit: not opposite(hit)
        return self._single(clause.field, clause.operator, value)

    def _single(self, field: str, operator: str, value: Value) -> Test:
        if field in DATES:
            return self._dated(field, operator, value)
        if field in PEOPLE:
            return self._person(field, value)
        if isinstance(value, Function):
            raise CQLError(f"The function {value.name} is not supported for the field '{field}'")
        if operator == "~":
            return _text(field, value)
        return self._equal(field, value)

    def _dated(self, field: str, operator: str, value: Value) -> Test:
        bound = moment(value, self._now)
        day = 86_400_000
        told: Callable[[Hit], int] = (
            (lambda hit: hit.created) if field == "created" else (lambda hit: hit.modified)
        )
        match operator:
            case ">":
                return lambda hit: told(hit) > bound
            case ">=":
                return lambda hit: told(hit) >= bound
            case "<":
                return lambda hit: told(hit) < bound
            case "<=":
                return lambda hit: told(hit) <= bound
        return lambda hit: bound <= told(hit) < bound + day

    def _person(self, field: str, value: Value) -> Test:
        if isinstance(value, Function):
            if value.name != "currentUser":
                raise CQLError(f"The function {value.name} is not supported for the field '{field}'")
            index: int | None = self._account
        else:
            index = self._content.account_index(value)
        match field:
            case "creator":
                return lambda hit: hit.author == index
            case "contributor":
                return lambda hit: index in hit.people
            case "owner":
                return lambda hit: index is not None and hit.owner == index
            case "favourite":
                return lambda hit: index is not None and hit.is_favourite_of(index)
            case "watcher":
                return lambda hit: index in hit.watchers
            case "mention":
                named = b"" if index is None else self._content.accounts[index].account_id.encode()
                return lambda hit: named != b"" and named in hit.storage
        raise CQLError(f"The field '{field}' can only be used to search users")

    def _equal(self, field: str, value: str) -> Test:
        folded = value.casefold()
        match field:
            case "type":
                if folded not in (*TYPES, "user"):
                    raise CQLError(f"Unsupported value for the field 'type': {value}")
                return lambda hit: hit.type == folded
            case "space" | "space.key":
                space = self._content.space(value)
                return lambda hit: space is not None and hit.space is space
            case "space.type":
                return lambda hit: hit.space is not None and hit.space.type == folded
            case "label":
                return lambda hit: value in hit.labels
            case "id" | "content":
                return lambda hit: hit.id == value
            case "parent":
                return lambda hit: hit.parent == value
            case "ancestor":
                return lambda hit: value in hit.ancestors
            case "container":
                return lambda hit: (
                    hit.holder is not None and hit.holder.id == value and hit.holder is not hit.thing
                )
            case "macro":
                named = re.compile(rb'<ac:structured-macro[^>]*ac:name=\\"%s\\"' % re.escape(value).encode())
                return lambda hit: named.search(hit.storage) is not None
            case "title":
                return lambda hit: hit.title.casefold() == folded
            case "space.title":
                return lambda hit: hit.space is not None and hit.space.name.casefold() == folded
        raise CQLError(f"The field '{field}' can only be used to search users")


def words_of(value: str) -> list[str]:
    """The words a text value asks for; a star at the end is a wish for beginnings, which any part answers."""
    return [word.strip('"*').casefold() for word in value.split() if word.strip('"*')]


def _text(field: str, value: str) -> Test:
    wanted = words_of(value)
    match field:
        case "title":
            return lambda hit: all(word in hit.title.casefold() for word in wanted)
        case "space.title":
            return lambda hit: (
                hit.space is not None and all(word in hit.space.name.casefold() for word in wanted)
            )
    return lambda hit: all(word in hit.title.casefold() or word in hit.words.casefold() for word in wanted)


def _reads_words(node: Node) -> bool:
    return not isinstance(node, Clause) or node.field in _COSTLY
