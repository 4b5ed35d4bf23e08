"""What a picture takes from a frame: its columns by name, times in UTC, the space of each row."""

from __future__ import annotations

from typing import Any

import pandas as pd

from confluence_nb.charts.words import plain
from confluence_nb.errors import ConfluenceNBError


def a_frame(frame: object, chart: str, call: str) -> pd.DataFrame:
    """The frame itself.

    Raises
    ------
    ConfluenceNBError
        It is something else, or has two columns of one name.
    """
    if not isinstance(frame, pd.DataFrame):
        raise ConfluenceNBError(
            f"charts.{chart} draws a DataFrame, and this is of type {type(frame).__name__}. Pass what {call} gives."
        )
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise ConfluenceNBError(
            f"This frame has two columns {plain(twice[0])}, and charts.{chart} cannot know which is meant. Pass "
            "frame.loc[:, ~frame.columns.duplicated()] to keep the first of each."
        )
    return frame


def column(frame: pd.DataFrame, name: str, chart: str, call: str) -> Any:
    """A column of the frame.

    Parameters
    ----------
    call:
        The call whose frame has that column, for the error.

    Raises
    ------
    ConfluenceNBError
        The frame lacks it.
    """
    return frame[first_column(frame, (name,), chart, call)]


def first_column(frame: pd.DataFrame, names: tuple[str, ...], chart: str, call: str) -> str:
    """The first of these columns that the frame has.

    Raises
    ------
    ConfluenceNBError
        It has none of them.
    """
    for name in names:
        if name in frame.columns:
            return name
    index = [name for name in names if name in frame.index.names]
    if index:
        raise ConfluenceNBError(
            f"charts.{chart} needs the column {index[0]}, which is the index of this frame. Pass frame.reset_index()."
        )
    listed = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
    raise ConfluenceNBError(
        f"charts.{chart} needs the column {listed}, which this frame does not have. Pass what {call} gives."
    )


def chosen_column(frame: pd.DataFrame, option: str, name: object) -> Any:
    """The column that the caller names.

    Raises
    ------
    ConfluenceNBError
        The frame has none of that name.
    """
    if not isinstance(name, str) or name not in frame.columns:
        there = ", ".join(str(each) for each in frame.columns[:40])
        raise ConfluenceNBError(f"{option}={name!r} names no column of this frame. It has {there}.")
    return frame[name]


def once_each(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with one row for each id: a join repeats a page for each comment or label that it has."""
    if "id" not in frame.columns:
        return frame
    ids = texts(frame["id"])
    return frame[(ids.isna() | ~ids.duplicated()).to_numpy()]


def moments(values: pd.Series, chart: str) -> Any:
    """Times in UTC, on an index of row numbers; a time without a zone is taken as UTC, what is none is missing.

    Raises
    ------
    ConfluenceNBError
        The column holds numbers or something else that is no time.
    """
    values = values.reset_index(drop=True)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return pd.to_datetime(values, utc=True)
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype("object")
    if not (pd.api.types.is_string_dtype(values.dtype) or pd.api.types.is_object_dtype(values.dtype)):
        raise ConfluenceNBError(
            f"charts.{chart} needs times, and the column {values.name} is of dtype {values.dtype}. "
            "Name a column of times, such as created_at, or make it one with pandas.to_datetime."
        )
    return pd.to_datetime(values, utc=True, errors="coerce", format="ISO8601")


def spaces_of(frame: pd.DataFrame) -> pd.Series | None:
    """The space of each row as text, on an index of row numbers; None when the frame does not tell.

    It is `space_key`, or the key that is in `url`; `space_id` where no row has either.
    """
    known = texts(frame["space_key"]) if "space_key" in frame.columns else None
    if "url" in frame.columns:
        keys = texts(frame["url"]).str.extract(r"/wiki/spaces/([^/?#]+)", expand=False)
        known = keys if known is None else known.fillna(keys)
    if (known is None or known.isna().all()) and "space_id" in frame.columns:
        return texts(frame["space_id"])
    return known


def texts(values: pd.Series) -> pd.Series:
    """A column as texts, missing where it is, on an index of row numbers."""
    values = values.reset_index(drop=True)
    # pandas reads the ids of a CSV file as numbers, and with a gap among them as 123.0.
    if pd.api.types.is_float_dtype(values.dtype):
        numbers = values.astype("Float64")
        values = numbers.astype("Int64") if (numbers.dropna() % 1 == 0).all() else values
    found = values.astype("object").where(lambda cells: cells.notna(), None)
    try:
        return found.astype("string")
    except UnicodeError:  # half a character, as damaged text has
        return found.map(lambda cell: str(cell).encode(errors="replace").decode(), na_action="ignore").astype(
            "string"
        )


def checked_count(value: object, name: str, most: int, why: str) -> int:
    """A number of things to draw.

    Raises
    ------
    ConfluenceNBError
        It is no whole number from 1 to `most`.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ConfluenceNBError(f"{name}={value!r} is no whole number from 1 to {most}. {why}")
    return value
