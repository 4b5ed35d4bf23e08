"""What the pages say: text, Markdown, tables, links, macros and more, of one body or a column of them.

    from confluence_nb import content

    pages = wiki.pages(space="ENG", body="storage")
    pages["text"] = content.to_text(pages["body"])
    content.links(pages)

Both representations are read, storage format and atlas_doc_format. Each function takes one body, a Series of bodies,
or a frame with the columns `id` and `body`. Of one body it gives a text or a list; of many a Series or one frame,
whose first column is the index label of the body (`row`), or the `page_id` where a frame of pages was given. What is
found in a frame that has `page_id` beside `id`, as one of comments has, keeps both. A body that
cannot be read ends nothing: it is left out, a warning says so, and `.attrs["unreadable"]` lists each with its reason.
`.attrs["mended"]` lists those that were no well-formed XML and were read all the same.
"""

from __future__ import annotations

from typing import Any, overload

import pandas as pd

from confluence_nb._given import truth
from confluence_nb.content.column import Column, gathered, is_column, written
from confluence_nb.content.document import parsed
from confluence_nb.content.links import Link, Titles, cells_of, host_of, links_in, unresolved
from confluence_nb.content.markdown import markdown_of
from confluence_nb.content.parts import code, headings, images, macros, mentions, tasks
from confluence_nb.content.people import Names, names_by_account
from confluence_nb.content.structure import Code, Heading, Image, Macro, Mention, Task
from confluence_nb.content.tables import tables_in
from confluence_nb.content.text import text_of
from confluence_nb.content.unreadable import UnreadableBody

__all__ = [
    "Code",
    "Heading",
    "Image",
    "Link",
    "Macro",
    "Mention",
    "Task",
    "UnreadableBody",
    "code",
    "headings",
    "images",
    "links",
    "macros",
    "mentions",
    "tables",
    "tasks",
    "to_markdown",
    "to_text",
]


def __dir__() -> list[str]:
    return __all__


@overload
def to_text(bodies: str, *, names: Names = None) -> str: ...
@overload
def to_text(bodies: pd.Series | pd.DataFrame, *, names: Names = None) -> pd.Series: ...
def to_text(bodies: Any, *, names: Names = None) -> Any:
    """What a body says, as plain text: paragraphs apart by empty lines, cells of a table by tabs.

    A macro that Confluence fills in when somebody looks leaves a mark, such as `[children]`.

    Parameters
    ----------
    bodies:
        One body, a Series of them, or a frame with `id` and `body`.
    names:
        Names of people by account id: a dict, a Series, or the frame of `wiki.users(pages)`. A person without a
        name is `@` and the account id.

    Returns
    -------
    A str of a str; else a Series of dtype string on the same index, missing where a body is.

    Raises
    ------
    UnreadableBody
        One body is neither storage format nor atlas_doc_format.
    """
    people = names_by_account(names)
    return written(bodies, lambda root: text_of(root, people))


@overload
def to_markdown(bodies: str, *, names: Names = None) -> str: ...
@overload
def to_markdown(bodies: pd.Series | pd.DataFrame, *, names: Names = None) -> pd.Series: ...
def to_markdown(bodies: Any, *, names: Names = None) -> Any:
    """What a body says, as Markdown: CommonMark with GitHub's tables, tasks and strikethrough.

    A merged cell of a table says its words once. A link to a page without an id leads to an address with its space
    and title, which Confluence finds; one to a file, to the file's name. Of a link within its own space the storage
    format leaves out the key: it is taken from the column `space_key` or `url` of a frame.

    Parameters
    ----------
    bodies:
        One body, a Series of them, or a frame with `id` and `body`.
    names:
        Names of people, as for `to_text`.

    Returns
    -------
    A str of a str; else a Series of dtype string on the same index, missing where a body is.

    Raises
    ------
    UnreadableBody
        One body is neither storage format nor atlas_doc_format.
    """
    people = names_by_account(names)
    return written(bodies, lambda root: markdown_of(root, people))


@overload
def tables(
    bodies: str, *, numbers: bool = False, dates: bool = False, names: Names = None
) -> list[pd.DataFrame]: ...
@overload
def tables(
    bodies: pd.Series | pd.DataFrame, *, numbers: bool = False, dates: bool = False, names: Names = None
) -> pd.DataFrame: ...
def tables(bodies: Any, *, numbers: bool = False, dates: bool = False, names: Names = None) -> Any:
    """The tables of a body as frames; one inside a cell of another comes after that.

    A merged cell is in every place that it covers. Header rows name the columns, several joined by " / "; header
    columns are the index. Of a table that is nothing but headers, the first row names the columns.

    Parameters
    ----------
    bodies:
        One body, a Series of them, or a frame with `id` and `body`.
    numbers:
        Make columns numbers (Int64, Float64) that hold nothing else. `1,234` is one; `1,234 €` and `007` are text.
    dates:
        Make columns UTC datetimes that hold nothing but dates such as 2024-01-31.
    names:
        Names of people, as for `to_text`.

    Returns
    -------
    A list of frames of a str, their columns of dtype string; else a frame of `row` or `page_id`, `number` Int64
    (from 1, within the body) and `table`, an object: the frame.

    Raises
    ------
    UnreadableBody
        One body is neither storage format nor atlas_doc_format.
    """
    as_numbers, as_dates = truth("numbers", numbers), truth("dates", dates)
    people = names_by_account(names)

    def find(root: Any) -> list[pd.DataFrame]:
        return tables_in(root, people, numbers=as_numbers, dates=as_dates)

    if not is_column(bodies):
        return find(parsed(bodies))
    column = Column(bodies)
    found = [
        (label, number, table)
        for label, root in zip(column.labels, column.roots(), strict=True)
        for number, table in enumerate([] if root is None else find(root), 1)
    ]
    labels, numbered, frames = zip(*found, strict=True) if found else ((), (), ())
    cells = {"number": pd.array(numbered, dtype="Int64"), "table": pd.Series(frames, dtype="object")}
    return column.told(pd.DataFrame({**column.named(labels), **cells}))


@overload
def links(bodies: str, *, pages: pd.DataFrame | None = None) -> list[Link]: ...
@overload
def links(bodies: pd.Series | pd.DataFrame, *, pages: pd.DataFrame | None = None) -> pd.DataFrame: ...
def links(bodies: Any, *, pages: pd.DataFrame | None = None) -> Any:
    """The links of a body, in the order of reading.

    Storage format names a page by title and space key. Its id is found in `pages`, or in the frame itself where one
    with titles was given: by title and space (`space_key`, else `url`), and by the title alone where no page tells a
    space and only one has it.
    Rows of several sites, told apart by `site`, are each looked for on their own.

    Parameters
    ----------
    bodies:
        One body, a Series of them, or a frame with `id` and `body`.
    pages:
        The pages to find ids in, such as `wiki.pages(names=True)`.

    Returns
    -------
    A list of `Link` of a str; else a frame of `row` or `page_id`, and `kind`, `text`, `target_id`, `title`,
    `space_key`, `filename`, `account_id`, `anchor`, `url`, all string.

    Raises
    ------
    UnreadableBody
        One body is neither storage format nor atlas_doc_format.
    """
    known = pages
    if known is None and isinstance(bodies, pd.DataFrame) and {"id", "title"} <= set(bodies.columns):
        known = bodies
    titles = None if known is None else Titles(known)
    told = {name: cells_of(bodies, name) for name in ("space_key", "url", "site")}

    def find(root: Any, place: int | None) -> list[Link]:
        # By its place and not its id, which a page of another site may have too.
        space, url, site = (cells[place] if cells and place is not None else None for cells in told.values())
        resolve = titles.resolver(space, site) if titles else unresolved
        return links_in(root, resolve, host_of(url))

    return gathered(bodies, find, Link)
