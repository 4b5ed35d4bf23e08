"""Functions of CQL that stand for spaces or content: put in their place what they are for whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from confluence_nb.sandbox.rest.cql.grammar import All, Any, Clause, CQLError, Function, Node, Not, Value
from confluence_nb.sandbox.rest.preferences import favours_space, recently_viewed
from confluence_nb.sandbox.wiki import SiteContent

_SPACES = ("space", "space.key")
_CONTENT = ("ancestor", "content", "id", "parent")
_LISTS = ("in", "not in")
_LIMIT = 100


@dataclass(frozen=True)
class Asker:
    """Who asks, and in what context.

    Parameters
    ----------
    account:
        An index into the accounts.
    space:
        The key of the space that the search is made in, None outside of any.
    """

    account: int
    space: str | None = None


def resolved(node: Node, content: SiteContent, asker: Asker) -> Node:
    """The same query with plain values for such functions.

    Raises
    ------
    CQLError
        When one stands where it cannot, or asks for a space that nobody gave.
    """
    match node:
        case Clause():
            values = [one for value in node.values for one in _resolve(node, value, content, asker)]
            return Clause(node.field, node.operator, tuple(values))
        case Not():
            return Not(resolved(node.inner, content, asker))
        case All():
            return All(tuple(resolved(part, content, asker) for part in node.parts))
        case Any():
            return Any(tuple(resolved(part, content, asker) for part in node.parts))


def _resolve(clause: Clause, value: Value, content: SiteContent, asker: Asker) -> list[Value]:
    if not isinstance(value, Function) or value.name not in _SETS:
        return [value]
    fields, operators, values = _SETS[value.name]
    if clause.field not in fields:
        raise CQLError(f"The function {value.name} is not supported for the field '{clause.field}'")
    if clause.operator not in operators:
        raise CQLError(f"The function {value.name} is not supported for the operator '{clause.operator}'")
    return list(values(value, content, asker))


def _number(function: Function, place: int, default: int) -> int:
    if place >= len(function.arguments):
        return default
    given = function.arguments[place].strip()
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise CQLError(f"The function {function.name} takes whole numbers, not '{given}'")
    return int(given)


def _current_space(function: Function, content: SiteContent, asker: Asker) -> list[str]:
    if asker.space is None:
        raise CQLError("The function currentSpace needs a space: give its key in cqlcontext")
    return [asker.space]


def _favourite_spaces(function: Function, content: SiteContent, asker: Asker) -> list[str]:
    return [space.key for space in content.spaces if favours_space(content, asker.account, space)]


def _viewed_content(function: Function, content: SiteContent, asker: Asker) -> list[str]:
    limit, offset = _number(function, 0, _LIMIT), _number(function, 1, 0)
    pages = islice(recently_viewed(content, asker.account), offset, offset + limit)
    return [page.id for page in pages]


def _viewed_spaces(function: Function, content: SiteContent, asker: Asker) -> list[str]:
    keys = dict.fromkeys(content.spaces[page.space].key for page in recently_viewed(content, asker.account))
    return list(keys)[: _number(function, 0, _LIMIT)]


_Values = Callable[[Function, SiteContent, Asker], list[str]]
_SETS: dict[str, tuple[tuple[str, ...], tuple[str, ...], _Values]] = {
    "currentSpace": (_SPACES, ("=", "!="), _current_space),
    "favouriteSpaces": (_SPACES, _LISTS, _favourite_spaces),
    "recentlyViewedContent": (_CONTENT, _LISTS, _viewed_content),
    "recentlyViewedSpaces": (_SPACES, _LISTS, _viewed_spaces),
}
