"""The query of a call, read the strict way the API reads it; names nobody knows are ignored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

_LONGEST_MOMENT = 15
"""Digits; more is no year that has a date."""

_TRUE = {"true": True, "false": False}


class BadValueError(ValueError):
    """A value that a parameter does not take; `expected` says what it does."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value}: {expected} expected")
        self.name, self.value, self.expected = name, value, expected


class Query:
    """Names and values, in order; a name may come several times."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)

    def one(self, name: str) -> str | None:
        """The first value of a name, or None."""
        return next((value for key, value in self.pairs if key == name), None)

    def many(self, name: str, most: int | None = None) -> list[str]:
        """Every value of a name, commas separating too."""
        values = [part for key, value in self.pairs if key == name for part in value.split(",") if part]
        if most is not None and len(values) > most:
            raise BadValueError(name, f"{len(values)} values", f"list of at most {most}")
        return values

    def ids(self, name: str, most: int) -> list[str]:
        """Every value of a name that takes numeric ids."""
        values = self.many(name, most)
        for value in values:
            if not (value.isascii() and value.isdigit()):
                raise BadValueError(name, value, "long")
        return values

    def chosen(self, name: str, options: Sequence[str]) -> str | None:
        """One of the options, or None when absent."""
        value = self.one(name)
        if value is not None and value not in options:
            raise BadValueError(name, value, f"one of {list(options)}")
        return value

    def several(self, name: str, options: Sequence[str], default: Sequence[str]) -> frozenset[str]:
        """Some of the options; the default when absent."""
        values = self.many(name)
        for value in values:
            if value not in options:
                raise BadValueError(name, value, f"one of {list(options)}")
        return frozenset(values or default)

    def whole(self, name: str, default: int, lowest: int, highest: int | None) -> int:
        """A whole number within bounds."""
        value = self.one(name)
        if value is None:
            return default
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
            raise BadValueError(name, value, "int")
        number = int(value)
        if number < lowest or (highest is not None and number > highest):
            bounds = f"int from {lowest}" + ("" if highest is None else f" to {highest}")
            raise BadValueError(name, value, bounds)
        return number

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self.one(name)
        if value is None:
            return default
        if value not in _TRUE:
            raise BadValueError(name, value, "boolean")
        return _TRUE[value]

    def moment(self, name: str) -> int | None:
        """Milliseconds since 1970, given so or as ISO 8601."""
        value = self.one(name)
        if value is None:
            return None
        try:
            if not (value.isascii() and value.isdigit()):
                return int(datetime.fromisoformat(value).timestamp() * 1000)
            if len(value) <= _LONGEST_MOMENT:
                return int(value)
        except (ValueError, OverflowError):
            pass
        raise BadValueError(name, value, "date")
