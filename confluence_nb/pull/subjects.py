"""What a fan-out is about: the ids that a caller gave as an id, a list, a Series or a frame."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from confluence_nb.api.budget import points_of
from confluence_nb.api.catalog import Collection, collections
from confluence_nb.api.client import ApiClient
from confluence_nb.errors import ApiError, ConfluenceNBError, MissingScope
from confluence_nb.oauth.sites import Site
from confluence_nb.pull.spent import Spent

ROOTS = {
    "page": "pages",
    "blogpost": "blogposts",
    "attachment": "attachments",
    "footer-comment": "footer-comments",
    "inline-comment": "inline-comments",
    "whiteboard": "whiteboards",
    "database": "databases",
    "folder": "folders",
    "embed": "embeds",
    "custom-content": "custom-content",
}
"""Kinds of content, and where the API keeps each."""

IDS_AT_ONCE = 100
"""Ids that one POST /content/convert-ids-to-types takes."""

_NO_CONTENT = ("/spaces", "/labels", "/space-permissions", "/space-roles")
"""Lists whose rows have ids that are not of content."""

_OTHER_HOLDERS = ("blog_post_id", "custom_content_id")
"""Columns of what a row hangs on, where that is no page."""

_CONVERSION = "/wiki/api/v2/content/convert-ids-to-types"

_UNTOLD = (403, 404, 405, 410, 501)
"""How a site answers that does not convert ids, or not for everybody."""

_ID = re.compile(r"(?:att)?\d{1,19}", re.ASCII)


@dataclass(frozen=True)
class Subjects:
    """The things that a fan-out asks about.

    Parameters
    ----------
    ids:
        Each once, in the order given.
    kinds:
        What each is, as the keys of `ROOTS`, where that is known.
    spaces:
        Their space ids, where the given frame had them.
    single:
        One bare id was given: what cannot be read of it is an error, not something to go on without.
    absent:
        Ids that are not there or not visible, and a sentence why.
    spent:
        What it took to find out about them.
    """

    ids: tuple[str, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)
    spaces: Mapping[str, str] = field(default_factory=dict)
    single: bool = False
    absent: Mapping[str, str] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent, compare=False)

    def __len__(self) -> int:
        return len(self.ids)

    def of_kind(self, *kinds: str) -> list[str]:
        """The ids of these kinds, in their order."""
        return [subject for subject in self.ids if self.kinds.get(subject) in kinds]

    def lists(self, name: str) -> Iterator[tuple[str, Collection]]:
        """Each id with the list of that name below it, `labels` or `versions`, where its kind has one."""
        for subject in self.ids:
            kind = self.kinds.get(subject)
            entry = list_below(kind, name) if kind else None
            if entry is not None:
                yield subject, entry

    def left_out(self, name: str) -> dict[str, str]:
        """The ids that are not there or whose kind has no list of that name, and a sentence that says so.

        Raises
        ------
        ConfluenceNBError
            When the one id given has no such list.
        """
        without = {
            subject: f"The API has no {name.replace('-', ' ')} of a {kind}."
            for subject in self.ids
            if (kind := self.kinds.get(subject)) and list_below(kind, name) is None
        }
        if self.single and without:
            raise ConfluenceNBError(f"{self.ids[0]}: {without[self.ids[0]]} Pages have them; check the id.")
        return {**self.absent, **without}


def subjects(given: object) -> Subjects:
    """Read what a caller gave: an id, several, a Series, or a frame with a column `id` or `page_id`.

    Raises
    ------
    ConfluenceNBError
        For anything that is no id.
    """
    if isinstance(given, pd.DataFrame):
        return _of_frame(given)
    given = without_gaps(given)
    is_one = isinstance(given, (str, bytes, Mapping)) or getattr(given, "ndim", 1) == 0
    if isinstance(given, Iterable) and not is_one:
        return Subjects(_distinct(given))
    return Subjects(_distinct([given]), single=True)


def without_gaps(given: object) -> object:
    """A column, or what its `unique()` gives, without the cells that are missing; anything else as it is."""
    is_column = hasattr(given, "dtype") and getattr(given, "ndim", 0) == 1
    return pd.Series(given).dropna() if is_column else given


def refuse_doubled(frame: pd.DataFrame, *names: str) -> None:
    """Stop at a frame that has one of these columns more than once, as frames put side by side have.

    Raises
    ------
    ConfluenceNBError
        Names the column.
    """
    doubled = [name for name in names if (frame.columns == name).sum() > 1]
    if doubled:
        raise ConfluenceNBError(
            f"The frame given has the column {doubled[0]!r} more than once. Leave out all but one: "
            "frame.loc[:, ~frame.columns.duplicated()]."
        )


@cache
def list_below(kind: str, name: str) -> Collection | None:
    """The catalog's `/pages/{id}/<name>` for a kind of content, None when it has none."""
    roots = [ROOTS[kind], "comments"] if kind.endswith("comment") else [ROOTS[kind]]
    shape = re.compile(rf"/(?:{'|'.join(roots)})/\{{[^}}]+\}}/{re.escape(name)}")
    return next((entry for entry in collections() if shape.fullmatch(entry.path)), None)


async def with_kinds(found: Subjects, client: ApiClient, site: Site) -> Subjects:
    """The same, every kind known: ids of unknown kind are asked for, 100 at a time, or guessed where nobody tells.

    Source: `POST /wiki/api/v2/content/convert-ids-to-types`.
    """
    unknown = [subject for subject in found.ids if subject not in found.kinds]
    kinds = dict(found.kinds)
    absent = dict(found.absent)
    for start in range(0, len(unknown), IDS_AT_ONCE):
        asked = unknown[start : start + IDS_AT_ONCE]
        found.spent.add(Spent(1, points_of(_CONVERSION, len(asked))))
        known = await _kinds_told(asked, client, site)
        if known is None:
            # Most ids are of pages; one that is not is then answered with 404, and skipped.
            kinds |= {subject: _guessed(subject) for subject in unknown[start:]}
            break
        for subject in asked:
            kind = known.get(subject)
            if kind is None and (kind := _shown_apart(subject, known)) is None:
                absent[subject] = f"{site.host} has nothing with that id, or this account may not see it."
            else:
                named = kind.lower() if isinstance(kind, str) else ""
                kinds[subject] = named if named in ROOTS else "custom-content"
    present = tuple(subject for subject in found.ids if subject not in absent)
    return replace(found, ids=present, kinds=kinds, absent=absent)


async def _kinds_told(ids: list[str], client: ApiClient, site: Site) -> Mapping[str, Any] | None:
    """What the site says that these ids are of, None where it does not tell this sign-in, or nobody."""
    try:
        answer = await client.ask(site, "POST", _CONVERSION, json={"contentIds": ids})
    except ApiError as error:
        if isinstance(error, MissingScope) or (error.status in _UNTOLD and not error.of_site):
            return None
        raise
    said = answer.said.get("results") if isinstance(answer.said, Mapping) else None
    return said if isinstance(said, Mapping) else None


def _shown_apart(subject: str, known: Mapping[str, Any]) -> str | None:
    """An attachment's id may come back without its letters."""
    return known.get(subject.removeprefix("att")) if subject.startswith("att") else None


def _guessed(subject: str) -> str:
    return "attachment" if subject.startswith("att") else "page"


def _of_frame(frame: pd.DataFrame) -> Subjects:
    """What the rows are, where they are content themselves, such as children; else the pages that they are about."""
    refuse_doubled(frame, "id", "page_id", "type", "space_id", *_OTHER_HOLDERS)
    is_content = "id" in frame.columns and ("page_id" not in frame.columns or "type" in frame.columns)
    if not is_content and "page_id" not in frame.columns:
        raise ConfluenceNBError(
            "The frame given has neither a column 'page_id' nor 'id'. Give the column that holds the ids."
        )
    found = frame["id"] if is_content else _holders(frame)
    rows, found = frame[found.notna()], found.dropna()
    ids = [_id(value) for value in found]
    return Subjects(
        tuple(dict.fromkeys(ids)),
        kinds=(_kinds_by_row(rows, ids) or _kinds_by_list(frame, ids)) if is_content else {},
        spaces=_texts(rows, ids, "space_id"),
    )


def _holders(frame: pd.DataFrame) -> pd.Series:
    """What each row hangs on: a page, or as the files of blog posts something else."""
    found = frame["page_id"].astype(object)
    for column in _OTHER_HOLDERS:
        if column in frame.columns:
            found = found.where(found.notna(), frame[column])
    return found


def _kinds_by_row(rows: pd.DataFrame, ids: list[str]) -> dict[str, str]:
    if "type" not in rows.columns:
        return {}
    pairs = zip(ids, rows["type"], strict=True)
    # A comment of a search may be a footer or an inline one: that is left to be asked.
    return {subject: str(kind) for subject, kind in pairs if isinstance(kind, str) and kind in ROOTS}


def _kinds_by_list(frame: pd.DataFrame, ids: list[str]) -> dict[str, str]:
    """A frame says in `attrs` which list it is of, one of a mirror which table.

    Raises
    ------
    ConfluenceNBError
        For one of another kind, whose ids would be taken for those of some page.
    """
    endpoint = str(frame.attrs.get("endpoint", ""))
    path = endpoint.rpartition("/wiki/api/v2")[2] or f"/{frame.attrs.get('table', '')}"
    kind = next((kind for kind, root in ROOTS.items() if path.endswith(f"/{root}")), None)
    if kind is None and path in _NO_CONTENT:
        raise ConfluenceNBError(
            f"The frame given is of {path.strip('/')}, and ids of content are needed. Give a frame of pages, or "
            "space= where spaces are meant."
        )
    return dict.fromkeys(ids, kind) if kind else {}


def _texts(rows: pd.DataFrame, ids: list[str], column: str) -> dict[str, str]:
    if column not in rows.columns:
        return {}
    return {
        subject: text
        for subject, text in zip(ids, rows[column], strict=True)
        if isinstance(text, str) and text
    }


def _distinct(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_id(value) for value in values))


def _id(value: Any) -> str:
    """An id as text; whole numbers are ids too, also those that a column with gaps made floats."""
    value = value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, bool) or not isinstance(value, Real):
        text = ""
    elif isinstance(value, Integral):
        text = str(int(value))
    else:
        number = float(value)
        text = str(int(number)) if number.is_integer() and abs(number) < 2**53 else ""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        raise ConfluenceNBError(
            f"{value} is no content id: one of those given is missing. Leave out what is missing, as .dropna() does."
        )
    if not _ID.fullmatch(text):
        raise ConfluenceNBError(
            f"{str(value)[:60]!r} is no content id. Ids are digits, as in the column 'id' of wiki.pages() and in a "
            "page's address after /pages/; give one, several, or a frame that has them."
        )
    return text
