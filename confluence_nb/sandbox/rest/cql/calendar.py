"""Dates of CQL: written out, or counted from now by a function."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from confluence_nb.sandbox.rest.cql.grammar import CQLError, Function, Value

_OFFSET = re.compile(r"([+-]?)(\d{1,5})([mhdwMy])")
_FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M:%S")
_DAYS = {"m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "M": 30, "y": 365}


def moment(value: Value, now: datetime) -> int:
    """Milliseconds since 1970 of a date value; a date without time is its first moment, UTC.

    Raises
    ------
    CQLError
        When it is no date.
    """
    found = _function(value, now) if isinstance(value, Function) else _written(value)
    return int(found.timestamp() * 1000)


def _written(text: str) -> datetime:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise CQLError(f"Unable to parse date '{text}'. Use one of yyyy-MM-dd, yyyy/MM/dd, yyyy-MM-dd HH:mm")


def _function(function: Function, now: datetime) -> datetime:
    start = _start(function.name, now)
    for argument in function.arguments[:1]:
        match = _OFFSET.fullmatch(argument.strip())
        if match is None:
            raise CQLError(f"Invalid period '{argument}' for the function {function.name}")
        sign = -1 if match[1] == "-" else 1
        start += timedelta(days=sign * int(match[2]) * _DAYS[match[3]])
    return start


def _start(name: str, now: datetime) -> datetime:
    if name == "now":
        return now
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match name.removeprefix("startOf").removeprefix("endOf"):
        case "Day":
            first, after = day, day + timedelta(days=1)
        case "Week":
            first = day - timedelta(days=day.weekday())
            after = first + timedelta(days=7)
        case "Month":
            first = day.replace(day=1)
            after = (first + timedelta(days=32)).replace(day=1)
        case "Year":
            first = day.replace(month=1, day=1)
            after = first.replace(year=first.year + 1)
        case _:
            raise CQLError(f"The function {name} gives no date")
    return first if name.startswith("start") else after - timedelta(milliseconds=1)
