"""What a page is made of, of one body as a list and of a column as one frame."""

from __future__ import annotations

from typing import Any, overload

import pandas as pd

from confluence_nb.content.column import gathered
from confluence_nb.content.people import Names, names_by_account
from confluence_nb.content.structure import (
    Code,
    Heading,
    Image,
    Macro,
    Mention,
    Task,
    code_in,
    headings_in,
    images_in,
    macros_in,
    mentions_in,
    tasks_in,
)


@overload
def macros(bodies: str, *, names: Names = None) -> list[Macro]: ...
@overload
def macros(bodies: pd.Series | pd.DataFrame, *, names: Names = None) -> pd.DataFrame: ...
def macros(bodies: Any, *, names: Names = None) -> Any:
    """The macros of a body, those inside others too.

    Parameters
    ----------
    bodies:
        One body, a Series of them, or a frame with `id` and `body`.
    names:
        Names of people, as for `to_text`.

    Returns
    -------
    A list of `Macro` of a str; else a frame of `row` or `page_id`, and `name`, `parameters` (a JSON text of
    names and values), `body` (the text inside), all string.

    Raises
    ------
    UnreadableBody
        One body is neither storage format nor atlas_doc_format.
    """
    people = names_by_account(names)
    return gathered(bodies, lambda root, place: macros_in(root, people), Macro)


@overload
def tasks(bodies: str, *, names: Names = None) -> list[Task]: ...
@overload
def tasks(bodies: pd.Series | pd.DataFrame, *, names: Names = None) -> pd.DataFrame: ...
def tasks(bodies: Any, *, names: Names = None) -> Any:
    """The tasks of a body, that is its checkboxes, those inside others too.

    Parameters
    ----------
    bodies:
        One body, a Series of them, or a frame with `id` and `body`.
    names:
        Names of people, as for `to_text`.

    Returns
    -------
    A list of `Task` of a str; else a frame of `row` or `page_id`, and `task_id` string, `is_done` boolean,
    `text`, `assignee_id` (the first person mentioned) string, `due` (the first date) datetime64.

    Raises
    ------
    UnreadableBody
        One body is neither storage format nor atlas_doc_format.
    """
    people = names_by_account(names)
    return gathered(bodies, lambda root, place: tasks_in(root, people), Task)


@overload
def mentions(bodies: str, *, names: Names = None) -> list[Mention]: ...
@overload
def mentions(bodies: pd.Series | pd.DataFrame, *, names: Names = None) -> pd.DataFrame: ...
def mentions(bodies: Any, *, names: Names = None) -> Any:
    """Who is mentioned in a body, once for each time.

    Parameters
    ----------
    bodies:
        One body, a Series of them, or a frame with `id` and `body`.
    names:
        Names of people, as for `to_text`.

    Returns
    -------
    A list of `Mention` of a str; else a frame of `row` or `page_id`, and `account_id`, `name` (where it is
    known), string.

    Raises
    ------
    UnreadableBody
        One body is neither storage format nor atlas_doc_format.
    """
    people = names_by_account(names)
    return gathered(bodies, lambda root, place: mentions_in(root, people), Mention)


@overload
def headings(bodies: str, *, names: Names = None) -> list[Heading]: ...
@overload
def headings(bodies: pd.Series | pd.DataFrame, *, names: Names = None) -> pd.DataFrame: ...
def headings(bodies: Any, *, names: Names = None) -> Any:
    """The headings of a body, its outline.

    Parameters
    ----------
    bodies:
        One body, a Series of them, or a frame with `id` and `body`.
    names:
        Names of people, as for `to_text`.

    Returns
    -------
    A list of `Heading` of a str; else a frame of `row` or `page_id`, and `level` Int64, `text`, `path` (the
    headings from the top, joined by " / ") string.

    Raises
    ------
    UnreadableBody
        One body is neither storage format nor atlas_doc_format.
    """
    people = names_by_account(names)
    return gathered(bodies, lambda root, place: headings_in(root, people), Heading)


@overload
def code(bodies: str) -> list[Code]: ...
@overload
def code(bodies: pd.Series | pd.DataFrame) -> pd.DataFrame: ...
def code(bodies: Any) -> Any:
    """The blocks of code and preformatted text of a body.

    Parameters
    ----------
    bodies:
        One body, a Series of them, or a frame with `id` and `body`.

    Returns
    -------
    A list of `Code` of a str; else a frame of `row` or `page_id`, and `language`, `title`, `text`, all string.

    Raises
    ------
    UnreadableBody
        One body is neither storage format nor atlas_doc_format.
    """
    return gathered(bodies, lambda root, place: code_in(root), Code)


@overload
def images(bodies: str) -> list[Image]: ...
@overload
def images(bodies: pd.Series | pd.DataFrame) -> pd.DataFrame: ...
def images(bodies: Any) -> Any:
    """The images of a body.

    Parameters
    ----------
    bodies:
        One body, a Series of them, or a frame with `id` and `body`.

    Returns
    -------
    A list of `Image` of a str; else a frame of `row` or `page_id`, and `filename`, `url`, `alt`, `caption`,
    `width`, `height` (pixels, as written), `of_title` and `of_space_key` (the page whose file it is, when it is
    another one), all string.

    Raises
    ------
    UnreadableBody
        One body is neither storage format nor atlas_doc_format.
    """
    return gathered(bodies, lambda root, place: images_in(root), Image)
