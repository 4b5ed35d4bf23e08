"""The grammar of CQL: clauses joined by and, or and not, with an order at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from confluence_nb.sandbox.rest.cql.vocabulary import (
    DATES,
    FIELDS,
    FIELDS_BY_NAME,
    FUNCTIONS,
    SORTABLE,
    TEXTS,
)

# Words that a parenthesis stands apart from; after any other it holds the arguments of a function.
_BEFORE_LIST = ("in", "and", "or", "not")
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<operator>!=|!~|>=|<=|=|~|>|<)
      | (?P<mark>[(),])
      | (?P<word>[^\s()=!<>~,"']+)
    )""",
    re.VERBOSE,
)


class CQLError(ValueError):
    """A query that cannot be read; the message is the service's."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function as a value, such as now("-30d")."""

    name: str
    arguments: tuple[str, ...]


Value = str | Function


@dataclass(frozen=True, slots=True)
class Clause:
    """A field compared with a value, or with several when the operator is `in` or `not in`."""

    field: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    inner: Node


@dataclass(frozen=True, slots=True)
class All:
    """Every one of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of them."""

    parts: tuple[Node, ...]


Node = Clause | Not | All | Any


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query: what is wanted, and the fields to sort by with True for descending."""

    where: Node
    order: tuple[tuple[str, bool], ...]


def parse(text: str) -> Query:
    """Read a query.

    Raises
    ------
    CQLError
        When it is empty, ends too early or names a field or function that does not exist.
    """
    return _Reader(text).query()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str) -> list[_Token]:
    found, position = [], 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise CQLError(f"Could not parse cql : {text}")
        found.append(_Token(match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return found


def spaced(text: str) -> str:
    """A query as the service repeats it: the same words, one space between them.

    Raises
    ------
    CQLError
        When it holds what is no part of a query.
    """
    found, before = "", _Token("mark", "(")
    for token in _tokens(text):
        calls = token.text == "(" and before.kind == "word" and before.text.casefold() not in _BEFORE_LIST
        tight = before.text == "(" and before.kind == "mark"
        if not (tight or calls or (token.kind == "mark" and token.text in "),")):
            found += " "
        found += token.text
        before = token
    return found


class _Reader:
    """Walks the tokens once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._position = 0

    def query(self) -> Query:
        where = self._any()
        order: list[tuple[str, bool]] = []
        if self._word("order"):
            if not self._word("by"):
                raise self._unreadable()
            order.append(self._sort())
            while self._take("mark", ","):
                order.append(self._sort())
        if self._position < len(self._tokens):
            raise self._unreadable()
        return Query(where, tuple(order))

    def _any(self) -> Node:
        parts = [self._all()]
        while self._word("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self._word("and"):
            parts.append(self._one())
        # The service ignores a siteSearch clause that stands between two others.
        if len(parts) == 3 and isinstance(parts[1], Clause) and parts[1].field == "siteSearch":
            del parts[1]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Node:
        if self._word("not"):
            return Not(self._one())
        if self._take("mark", "("):
            inner = self._any()
            self._expect("mark", ")")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        field = self._field(self._expect("word"))
        if self._word("in"):
            return Clause(field, "in", self._values())
        if self._word("not"):
            if not self._word("in"):
                raise self._unreadable()
            return Clause(field, "not in", self._values())
        operator = self._expect("operator")
        if operator in ("~", "!~") and field not in TEXTS:
            raise CQLError(f"The operator '{operator}' is not supported for the field '{field}'")
        if operator in (">", ">=", "<", "<=") and field not in DATES:
            raise CQLError(f"The operator '{operator}' is not supported for the field '{field}'")
        if operator in ("=", "!=") and field in ("text", "siteSearch"):
            raise CQLError(f"The operator '{operator}' is not supported for the field '{field}'")
        return Clause(field, operator, (self._value(),))

    def _values(self) -> tuple[Value, ...]:
        if not self._take("mark", "("):
            # A function may stand for the list.
            value = self._value()
            if not isinstance(value, Function):
                raise self._unreadable()
            return (value,)
        found = [self._value()]
        while self._take("mark", ","):
            found.append(self._value())
        self._expect("mark", ")")
        return tuple(found)

    def _value(self) -> Value:
        token = self._next()
        if token.kind == "string":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        if token.kind != "word":
            raise self._unreadable()
        if self._take("mark", "("):
            arguments: list[str] = []
            while not self._take("mark", ")"):
                value = self._value()
                if isinstance(value, Function):
                    raise self._unreadable()
                arguments.append(value)
                self._take("mark", ",")
            names = {name.casefold(): name for name in FUNCTIONS}
            if token.text.casefold() not in names:
                raise CQLError(f"No function exists with the name: '{token.text}'")
            return Function(names[token.text.casefold()], tuple(arguments))
        return token.text

    def _sort(self) -> tuple[str, bool]:
        field = self._field(self._expect("word"))
        if field not in SORTABLE:
            raise CQLError(f"The field '{field}' cannot be used in order by")
        descending = self._word("desc")
        if not descending:
            self._word("asc")
        return field, descending

    def _field(self, name: str) -> str:
        known = FIELDS_BY_NAME.get(name.casefold())
        if known is None:
            raise CQLError(
                f"No field exists with the name: '{name}' Did you mean one of : {', '.join(FIELDS)}"
            )
        return known

    def _next(self) -> _Token:
        if self._position >= len(self._tokens):
            raise self._unreadable()
        self._position += 1
        return self._tokens[self._position - 1]

    def _expect(self, kind: str, text: str | None = None) -> str:
        token = self._next()
        if token.kind != kind or (text is not None and token.text != text):
            raise self._unreadable()
        return token.text

    def _take(self, kind: str, text: str) -> bool:
        if self._position < len(self._tokens) and self._tokens[self._position] == _Token(kind, text):
            self._position += 1
            return True
        return False

    def _word(self, text: str) -> bool:
        if self._position >= len(self._tokens):
            return False
        token = self._tokens[self._position]
        if token.kind == "word" and token.text.casefold() == text:
            self._position += 1
            return True
        return False

    def _unreadable(self) -> CQLError:
        return CQLError(f"Could not parse cql : {self._text}")


def clauses(node: Node) -> Sequence[Clause]:
    """Every clause of a query, wherever it stands."""
    match node:
        case Clause():
            return (node,)
        case Not():
            return clauses(node.inner)
        case _:
            return [clause for part in node.parts for clause in clauses(part)]
