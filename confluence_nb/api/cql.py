"""Writes CQL, Confluence's query language: values put into a query so that they stay values, and a query cut apart.

Source: https://developer.atlassian.com/cloud/confluence/cql-fields/ (dates, lists),
https://developer.atlassian.com/cloud/confluence/advanced-searching-using-cql/.
"""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime

from confluence_nb._given import is_several
from confluence_nb.api.parameters import encodable
from confluence_nb.errors import ConfluenceNBError

LITERAL = r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
_PIECE = re.compile(
    rf"(?P<literal>{LITERAL})|(?P<quote>[\"'])|\{{(?P<name>\w*)\}}|(?P<brace>[{{}}])", re.DOTALL
)
_ORDER = re.compile(rf"(?:{LITERAL})|\b(?P<order>order\s+by)\b", re.DOTALL | re.IGNORECASE)
_BLANK = re.compile(rf"~\s*(?P<text>\"\s*\"|'\s*')|{LITERAL}", re.DOTALL)
_PLACE = re.compile(r"\{\w*\}")

Given = tuple[object, ...]


def cql(template: str, /, *values: object, **named: object) -> str:
    """A CQL query with values put in safely: quotes, backslashes and brackets in a value stay part of the value.

    `cql("text ~ {}", words)`, `cql("space in {keys} and lastmodified > {since}", keys=["ENG", "~ada"], since=day)`

    Parameters
    ----------
    template:
        The query, with `{}` where each of `values` goes and `{name}` for each of `named`, without quotes around.
        A brace in a text of the query itself is written twice: `text ~ "{{team}}"`.
    values, named:
        Text, whole numbers, fractions, booleans, dates, datetimes and pandas Timestamps, or several of them (a list,
        a Series …), written `("a", "b")`. A datetime is written to the minute, one with a time zone in UTC;
        Confluence reads it in the time zone of the account's profile.

    Raises
    ------
    ConfluenceNBError
        When values and places do not match, and for a value that no query can say.
    """
    if not isinstance(template, str):
        raise ConfluenceNBError(
            f'The template is a {type(template).__name__}. Give a string such as "text ~ {{}}".'
        )
    places = [piece for piece in _PIECE.finditer(template) if _is_place(piece, template)]
    _check_match([piece["name"] for piece in places], values, named)
    following = iter(values)
    written: list[str] = []
    end = 0
    for piece in places:
        value = named[piece["name"]] if piece["name"] else next(following)
        written += [_undoubled(template[end : piece.start()]), _written(value, piece["name"] or "a value")]
        end = piece.end()
    return "".join([*written, _undoubled(template[end:])])


def refuse_blank(query: str) -> None:
    """Stop what the server answers with an error of its own instead of a reason.

    Raises
    ------
    ConfluenceNBError
        For a query without words, and for a search for no words.
    """
    if not query.strip():
        raise ConfluenceNBError("The CQL query is blank. Say what to find, such as type = page.")
    if any(piece["text"] for piece in _BLANK.finditer(query)):
        raise ConfluenceNBError(
            "The CQL query looks for a text that is blank. Give a word after ~, or leave that clause out."
        )


def without_order(query: str) -> tuple[str, str]:
    """A query in two: what is looked for, and its `order by …`, empty when it has none."""
    found = [piece.start() for piece in _ORDER.finditer(query) if piece["order"]]
    return (query[: found[-1]].strip(), query[found[-1] :].strip()) if found else (query.strip(), "")


def _is_place(piece: re.Match[str], template: str) -> bool:
    """Whether a value goes here; what would be misread is refused."""
    if piece["literal"] is not None:
        alone = piece["literal"].replace("{{", "").replace("}}", "")
        if _PLACE.search(alone):
            raise ConfluenceNBError(
                f"{piece['literal'][:80]} has a place for a value inside quotes. Leave out the quotes: cql() puts "
                "them round the value, as in text ~ {}."
            )
        if "{" in alone or "}" in alone:
            raise ConfluenceNBError(
                f"{piece['literal'][:80]} has a brace in it, and braces mark the places of values. Write it twice "
                "({{ or }}), or give the text as a value."
            )
        return False
    if piece["quote"] is not None:
        raise ConfluenceNBError(
            f"A quote is opened and not closed at {template[piece.start() :][:40]!r}. Close it, or give the text as a "
            "value."
        )
    if piece["brace"] is not None:
        raise ConfluenceNBError(
            f"A brace stands alone at {template[piece.start() :][:40]!r}. A place for a value is {{}} or {{name}}, "
            "with nothing else inside."
        )
    return True


def _undoubled(between: str) -> str:
    """What stands between the places: the only braces left there are double ones inside quotes."""
    return between.replace("{{", "{").replace("}}", "}")


def _check_match(places: list[str], values: Given, named: Mapping[str, object]) -> None:
    numbered = places.count("")
    if numbered != len(values):
        raise ConfluenceNBError(
            f"The template has {numbered} places {{}} and {len(values)} values were given. Give one value for each; "
            "several values for one place go in a list."
        )
    missing = [name for name in places if name and name not in named]
    if missing:
        raise ConfluenceNBError(f"Nothing was given for {{{missing[0]}}}. Give it as {missing[0]}=….")
    unused = [name for name in named if name not in places]
    if unused:
        raise ConfluenceNBError(
            f"The template has no place {{{unused[0]}}}. Put one in, or leave {unused[0]}= out."
        )


def _written(value: object, name: str) -> str:
    if isinstance(value, (bytes, Mapping)) or hasattr(value, "columns"):
        raise ConfluenceNBError(
            f"{name} is a {type(value).__name__}, which is no value of CQL. Give text, a number, a date, or several."
        )
    if not is_several(value):
        return _single(value, name)
    items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else list(value)
    if not items:
        raise ConfluenceNBError(
            f"{name} is an empty list, and nothing is in nothing. Give at least one value."
        )
    return "(" + ", ".join(dict.fromkeys(_single(item, name) for item in items)) + ")"


def _single(value: object, name: str) -> str:
    if isinstance(value, str):
        return _quoted(value, name)
    # NaT is no None, NA compares to nothing, and this floor does not know pandas.
    if value is None or type(value).__name__ in ("NAType", "NaTType") or _is_nan(value):
        raise ConfluenceNBError(
            f"{name} is missing (None or NaN). Give a value, or drop the empty ones (.dropna())."
        )
    if type(value).__name__ in ("bool", "bool_"):  # numpy's too
        return "true" if value else "false"
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return f'"{moment.year:04}-{moment:%m-%d %H:%M}"'
    if isinstance(value, date):
        return f'"{value.year:04}-{value:%m-%d}"'
    return _number(value, name)


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _number(value: object, name: str) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.0f}" if value.is_integer() else float.__repr__(value)
    try:
        return str(operator.index(value))  # type: ignore[arg-type]  # numpy's integers too
    except TypeError:
        raise ConfluenceNBError(
            f"{name} is a {type(value).__name__}, which is no value of CQL. Give text, a number or a date."
        ) from None


def _quoted(text: str, name: str) -> str:
    strange = [
        mark for mark in encodable(name, text) if unicodedata.category(mark) == "Cc" and mark not in "\t\n\r"
    ]
    if strange:
        raise ConfluenceNBError(
            f"{name} has the control character {strange[0]!r} in it, which no page has in its text. Take it out."
        )
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
