"""One page as a value: its facts, and what its body says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from confluence_nb import content
from confluence_nb.content.document import parsed
from confluence_nb.content.markdown import markdown_of
from confluence_nb.content.own_space import in_space, space_of
from confluence_nb.page.preview import preview


@dataclass(frozen=True)
class Page:
    """A page or blog post. `wiki.page()` reads it; a cell shows it.

    What it says is worked out from `body` when first asked for.

    Attributes
    ----------
    id, title, status, space_id, parent_id, author_id, owner_id, created_at, url:
        As in the columns of `wiki.pages()`; None where the wiki has none. `url` opens it in a browser.
    type:
        `"page"` or `"blogpost"`.
    version:
        The number of this version; `modified_at` is when it was saved, `modified_by` the account id of who did.
    body:
        The storage format.
    names:
        The people whom the page mentions or who wrote it, account id to name.
    """

    id: str
    type: str
    title: str
    status: str
    space_id: str | None
    parent_id: str | None
    author_id: str | None
    owner_id: str | None
    created_at: datetime | None
    version: int | None
    modified_at: datetime | None
    modified_by: str | None
    url: str | None
    body: str = field(repr=False)
    names: Mapping[str, str] = field(repr=False, hash=False)
    _read_children: Callable[[], pd.DataFrame] = field(repr=False, compare=False)

    @cached_property
    def text(self) -> str:
        """The words, without any markup."""
        return content.to_text(self.body, names=self.names)

    @cached_property
    def markdown(self) -> str:
        """The body as Markdown."""
        return markdown_of(self._tree(), self.names)

    @cached_property
    def tables(self) -> list[pd.DataFrame]:
        """Each table of the body as a DataFrame of texts."""
        return content.tables(self.body, names=self.names)

    @cached_property
    def links(self) -> pd.DataFrame:
        """One row for each link in the body; the columns are those of `content.links`."""
        return content.links(self._as_frame())

    @cached_property
    def headings(self) -> pd.DataFrame:
        """The outline, one row for each heading; the columns are those of `content.headings`."""
        return content.headings(self._as_frame())

    @cached_property
    def children(self) -> pd.DataFrame:
        """What hangs directly under the page; asks the wiki the first time, as `wiki.children()` does."""
        return self._read_children()

    def _tree(self) -> Any:
        return in_space(parsed(self.body), space_of(self.url))

    def _as_frame(self) -> pd.DataFrame:
        return pd.DataFrame({"id": [self.id], "body": [self.body], "url": [self.url]}, dtype="string")

    def _repr_html_(self) -> str:
        return preview(self)
