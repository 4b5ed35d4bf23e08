"""Finds the pages that links name by a title: the table of links has titles alone, since pages are renamed."""

from __future__ import annotations

import pandas as pd

from confluence_nb.content.links import Titles
from confluence_nb.content.targets import Kind, Target
from confluence_nb.mirror.edition import Edition
from confluence_nb.mirror.schema import to_frame
from confluence_nb.mirror.store import in_words

_HOLDERS: tuple[tuple[Kind, str], ...] = (("page", "pages"), ("blogpost", "blogposts"))
"""Kinds of links that name a title, and the table of what has it."""


def links_with_targets(edition: Edition) -> pd.DataFrame:
    """The links of an edition, with the ids of what they name by title and space, as far as it has them."""
    links = edition.frame("links")
    for kind, name in _HOLDERS:
        if name not in edition.record.tables:
            continue
        resolve = _titles(edition, name).resolver(None)
        rows = links["kind"].eq(kind) & links["target_id"].isna() & links["title"].notna()
        named = zip(links.loc[rows, "title"], links.loc[rows, "space_key"], strict=True)
        found = [resolve(Target(kind, title, None if key is pd.NA else key)) for title, key in named]
        links.loc[rows, "target_id"] = pd.array(found, dtype="string")
    return links


def _titles(edition: Edition, name: str) -> Titles:
    with in_words(edition.store):
        rows = edition.delta(name).to_pyarrow_table(columns=["id", "title", "url"])
    return Titles(to_frame(rows, None))
