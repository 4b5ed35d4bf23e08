"""Puts names beside ids: the key of a space, the people behind account ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

PEOPLE = {
    "author_id": "author",
    "owner_id": "owner",
    "created_by": "creator",
    "assigned_to": "assignee",
    "completed_by": "completer",
    "account_id": "name",
}
"""Columns of account ids, and the column of names that each gets."""

Lookup = Callable[[Iterable[str]], Mapping[str, str | None]]


def with_names(frame: pd.DataFrame, *, keys_of: Lookup, names_of: Lookup) -> pd.DataFrame:
    """The frame with `space_key`, `author`, `owner` … for the ids that it has; unknown ones are missing.

    A comment or an attachment has no author of its own: its author is who wrote its present version.
    """
    people = {column: name for column, name in PEOPLE.items() if column in frame.columns}
    if "author_id" not in people and "version_author_id" in frame.columns:
        people["version_author_id"] = "author"
    accounts = [account for column in people for account in frame[column].dropna().unique()]
    names = names_of(accounts) if accounts else {}
    added = {name: _looked_up(frame[column], names) for column, name in people.items()}
    if "space_id" in frame.columns:
        spaces = list(frame["space_id"].dropna().unique())
        added = {"space_key": _looked_up(frame["space_id"], keys_of(spaces) if spaces else {}), **added}
    return frame.assign(**added)


def _looked_up(ids: pd.Series, names: Mapping[str, str | None]) -> pd.Series:
    found = [None if value is pd.NA else names.get(value) for value in ids]
    return pd.Series(found, index=ids.index, dtype="string")
