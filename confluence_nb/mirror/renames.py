"""Finds the pages that name another one by a title or a space that it no longer has.

Storage format names a page by its title, and the service tells the new title in every body that links to a renamed
page, without a new version of any of them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from confluence_nb.mirror.table import MirrorTable

if TYPE_CHECKING:
    import pyarrow as pa


def old_titles(table: MirrorTable, rows: pa.Table) -> list[str]:
    """The titles that rows which are about to be put had, where they have another title or space now."""
    before = table.rows_of(table.keys_of(rows))
    names = {
        page: (title, space)
        for page, title, space in zip(*(rows.column(name).to_pylist() for name in _NAMED), strict=True)
    }
    known = zip(*(before.column(name).to_pylist() for name in _NAMED), strict=True)
    return sorted({title for page, title, space in known if title and names[page] != (title, space)})


def linking_to(titles: Collection[str], links: MirrorTable) -> list[str]:
    """The ids of the pages and posts whose links name one of these titles."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: dict[str, None] = {}
    for rows in links.each_file(["page_id", "title"]) if titles else ():
        named = pc.is_in(rows.column("title"), value_set=pa.array(sorted(titles), pa.string()))
        found.update(dict.fromkeys(rows.filter(named).column("page_id").to_pylist()))
    return list(found)


_NAMED = ("id", "title", "space_id")
