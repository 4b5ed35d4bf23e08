"""What a parameter takes, and how a Python value is written on the wire, checked before any request."""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from confluence_nb._given import is_several
from confluence_nb.errors import ConfluenceNBError

Place = Literal["path", "query", "body"]


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation.

    Parameters
    ----------
    name:
        As the specification spells it.
    type:
        `string`, `integer`, `boolean`, `id` (a number), `content-id` (a number, or `att` and a number for an
        attachment) or `epoch-ms` (a moment).
    place:
        Where it goes: `path`, `query` or `body`.
    many, joined:
        Whether it takes several values, and whether these go as one text with commas or repeat the name.
    allowed, minimum, maximum, max_items, required, default:
        Limits of the specification; None or empty where it sets none.
    """

    name: str
    type: str = "string"
    place: Place = "query"
    many: bool = False
    joined: bool = True
    allowed: tuple[str, ...] = ()
    default: str | int | bool | None = None
    minimum: int | None = None
    maximum: int | None = None
    max_items: int | None = None
    required: bool = False

    @property
    def keyword(self) -> str:
        """As a keyword of Python: `space-id` is `space_id`."""
        return self.name.replace("-", "_")

    def wire(self, value: object) -> list[str]:
        """The checked texts of `value`, one for each item.

        Raises
        ------
        ConfluenceNBError
            For a value that the API would refuse, or would understand as something else.
        """
        if not self.many:
            if is_several(value):
                raise ConfluenceNBError(
                    f"{self.name} takes one value, not a {type(value).__name__}. Ask once for each."
                )
            return [self._text(value)]
        texts = list(dict.fromkeys(self._text(item) for item in self._items(value)))
        if not texts:
            raise ConfluenceNBError(
                f"{self.name} is empty, which the API would take for no filter at all. "
                f"Give at least one value, or leave {self.name} out."
            )
        if self.max_items is not None and len(texts) > self.max_items:
            raise ConfluenceNBError(
                f"{self.name} has {len(texts):,} values and one call takes {self.max_items}. "
                "Ask in several calls."
            )
        return texts

    def _items(self, value: object) -> Iterable[object]:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",")] if self.joined else [value]
        if isinstance(value, (set, frozenset)):
            return sorted(value, key=str)
        if isinstance(value, Mapping) or hasattr(value, "columns"):
            raise ConfluenceNBError(
                f"{self.name} takes values, not a {type(value).__name__}. Give one column of it, or a list."
            )
        return value if is_several(value) else [value]

    def _text(self, value: object) -> str:
        if _is_missing(value):
            raise ConfluenceNBError(
                f"{self.name} has an empty value in it. Drop the empty ones first (.dropna())."
            )
        text = _WRITERS.get(self.type, _written_string)(self.name, value)
        if self.allowed and text not in self.allowed:
            raise ConfluenceNBError(
                f"{self.name}={text!r} is not a value that this list takes. {nearest(text, self.allowed)}"
            )
        if self.type == "integer":
            self._check_range(int(text))
        # Quoting leaves the dots, and they would walk up the path.
        if self.place == "path" and text in (".", ".."):
            raise ConfluenceNBError(f"{self.name}={text!r} names nothing. Give the id or key that you mean.")
        if not text.strip() and (self.required or self.type != "string"):
            raise ConfluenceNBError(f"{self.name} is blank. Give a value.")
        return text

    def _check_range(self, number: int) -> None:
        low, high = self.minimum, self.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            span = f"at least {low}" if high is None else f"{low if low is not None else 'at most'} to {high}"
            raise ConfluenceNBError(f"{self.name}={number} is out of range. It takes {span}.")


def nearest(given: str, known: Iterable[str]) -> str:
    """A sentence that names what was probably meant, else everything there is."""
    names = list(known)
    by_fold = {name.lower(): name for name in names}
    close = difflib.get_close_matches(given.lower(), by_fold, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {by_fold[close[0]]!r}?" + (
            f" It takes {', '.join(names)}." if len(names) <= 12 else ""
        )
    return f"It takes {', '.join(names)}." if names else "It takes nothing."


def encodable(name: str, text: str) -> str:
    """The text, when it can be sent at all.

    Raises
    ------
    ConfluenceNBError
        For half of a surrogate pair, which is no character and which UTF-8 cannot write.
    """
    if not is_encodable(text):
        raise ConfluenceNBError(f"{name} has half a character in it, as damaged text does. Give it whole.")
    return text


def is_encodable(text: str) -> bool:
    """Whether no half of a surrogate pair is in it."""
    return text.isascii() or not any("\ud800" <= mark <= "\udfff" for mark in text)


def _is_missing(value: object) -> bool:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return type(value).__name__ in ("NAType", "NaTType")  # pandas' own, which this floor does not import


def _written_string(name: str, value: object) -> str:
    if isinstance(value, str):
        return encodable(name, value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    number = _whole_number(value)
    if number is not None:
        return str(number)
    raise ConfluenceNBError(f"{name} takes text, not a {type(value).__name__}. Give a string.")


def _written_integer(name: str, value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value.strip()):
        return value.strip()
    number = _whole_number(value)
    if number is None:
        raise ConfluenceNBError(f"{name} takes a whole number, not {value!r}.")
    return str(number)


def _written_boolean(name: str, value: object) -> str:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower()
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return "true" if value else "false"
    raise ConfluenceNBError(f"{name} takes True or False, not {value!r}.")


def _written_id(name: str, value: object) -> str:
    number = _whole_number(value)
    if number is not None and number >= 0:
        return str(number)
    if isinstance(value, str) and re.fullmatch(r"[0-9]+", value.strip()):
        return value.strip()
    advice = f"An id is a whole number such as 98310; {value!r} is none."
    if name == "space-id":
        advice += " A space's key is not its id: find the id in the list /spaces."
    raise ConfluenceNBError(f"{name} takes an id. {advice}")


def _written_content_id(name: str, value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"att[0-9]+", value.strip()):
        return value.strip()
    return _written_id(name, value)


def _written_moment(name: str, value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[0-9]+", value.strip()):
        return value.strip()
    number = _whole_number(value)
    if number is not None:
        return str(number)
    moment = _moment(value)
    if moment is None:
        raise ConfluenceNBError(
            f"{name} takes a moment, not {value!r}. Give a datetime, an ISO date, or milliseconds since 1970."
        )
    return str(round(moment.timestamp() * 1000))


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def _whole_number(value: object) -> int | None:
    if isinstance(value, (bool, str)) or type(value).__name__ == "bool_":
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]  # numpy's integers too
    except TypeError:
        return None


_WRITERS = {
    "integer": _written_integer,
    "boolean": _written_boolean,
    "id": _written_id,
    "content-id": _written_content_id,
    "epoch-ms": _written_moment,
}
