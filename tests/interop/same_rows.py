"""Compares a frame of ours with the raw rows of another client, by id and field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Any

import pandas as pd

Fields = Mapping[str, str]
"""Column of the frame to the place of its value in a row."""


def fields(text: str) -> Fields:
    """`title version_number=version.number`: a column, and where its place is called otherwise, that place."""
    return {column: place or column for column, _, place in (word.partition("=") for word in text.split())}


ID = fields("id")
SPACES = fields("key name type status created_at=createdAt author_id=authorId homepage_id=homepageId")
_VERSION = (
    "version_number=version.number version_created_at=version.createdAt version_message=version.message "
    "version_author_id=version.authorId "
)
BLOGPOSTS = fields(f"title status space_id=spaceId created_at=createdAt author_id=authorId {_VERSION}")
PAGES = {
    **BLOGPOSTS,
    **fields("parent_id=parentId parent_type=parentType position owner_id=ownerId"),
}
STORAGE = fields("body=body.storage.value")
ATLAS_DOC = fields("body=body.atlas_doc_format.value")
ON_PAGES = fields(f"title status page_id=pageId {_VERSION}")
COMMENTS = {**ON_PAGES, **fields("blog_post_id=blogPostId parent_comment_id=parentCommentId")}
ATTACHMENTS = fields(
    "title status page_id=pageId blog_post_id=blogPostId created_at=createdAt media_type=mediaType "
    f"file_id=fileId file_size=fileSize comment {_VERSION}"
)
LABELS = fields("name prefix")
VERSIONS = fields("created_at=createdAt message author_id=authorId minor_edit=minorEdit")
TASKS = fields(
    "status space_id=spaceId page_id=pageId assigned_to=assignedTo created_at=createdAt due_at=dueAt "
    "completed_at=completedAt"
)
HITS = fields("title=content.title type=content.type status=content.status last_modified=lastModified")
USERS = fields(
    "display_name=displayName public_name=publicName email account_type=accountType "
    "account_status=accountStatus"
)


def differences(
    frame: pd.DataFrame, rows: Sequence[Any], compared: Fields, *, known_by: Fields = ID
) -> list[str]:
    """What is not the same, a few sentences; nothing when every row and field is.

    Parameters
    ----------
    frame, rows:
        Ours and theirs.
    compared:
        What has to be the same.
    known_by:
        What tells one row from every other.
    """
    if not rows:
        return ["their client read nothing, so there is nothing to compare"]
    theirs = {tuple(_at(row, place) for place in known_by.values()): row for row in rows}
    ours = list(zip(*(map(_plain, frame[column]) for column in known_by), strict=True))
    lacking, surplus = theirs.keys() - set(ours), set(ours) - theirs.keys()
    if lacking or surplus or not len(ours) == len(rows) == len(theirs):
        counted = f"{len(ours)} rows here, {len(rows)} there, {len(theirs)} of them different"
        return [f"{counted}; lacking here {sorted(lacking)[:5]}, there {sorted(surplus)[:5]}"]
    return [
        f"{column} of {row}: here {str(here)[:60]!r}, there {str(there)[:60]!r}"
        for column, place in compared.items()
        for row, here in zip(ours, map(_plain, frame[column]), strict=True)
        if here != (there := _read_as(here, _at(theirs[row], place)))
    ][:10]


def _at(row: Any, place: str) -> Any:
    return reduce(lambda value, name: value.get(name) if value else None, place.split("."), row)


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def _read_as(ours: Any, theirs: Any) -> Any:
    return datetime.fromisoformat(theirs) if isinstance(ours, datetime) and theirs is not None else theirs
