"""Who is there, who watches a page, and who alone may see it."""

from __future__ import annotations

import pandas as pd

from confluence_nb._given import is_several, truth
from confluence_nb.api.catalog import collection
from confluence_nb.api.columns import Column
from confluence_nb.api.paging import ListReader
from confluence_nb.errors import ConfluenceNBError, NotFound, NotPermitted
from confluence_nb.oauth.sites import Site
from confluence_nb.pull import Part, Subjects
from confluence_nb.pull import restrictions as restricted
from confluence_nb.pull.people import ACCOUNTS_AT_ONCE
from confluence_nb.pull.shapes import Rows, Shape
from confluence_nb.pull.subjects import refuse_doubled, without_gaps
from confluence_nb.wiki.pulling import rows_wanted
from confluence_nb.wiki.reading import Reading

ACCOUNT_COLUMNS = ("author_id", "account_id", "watcher_account_id", "author_account_id")
"""Where a frame given as ids may hold them, the first that it has."""

_PAGE_WATCHES = "/wiki/rest/api/content/{id}/notification/child-created"
_SPACE_WATCHES = "/wiki/rest/api/content/{id}/notification/created"


class People(Reading):
    """Users, groups, watchers, restrictions."""

    def users(
        self, ids: object = None, *, limit: int | None = None, progress: bool | None = None
    ) -> pd.DataFrame:
        """People by account id, or everybody whom a search for people finds.

        Parameters
        ----------
        ids:
            Account ids: one, several, a Series, or a frame with a column `author_id`, `account_id`,
            `watcher_account_id` or `author_account_id`. None searches for all, which takes the scope
            `read:content-details:confluence` beside the default ones.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `account_id`, `display_name`, `public_name`, `email` … string; `account_type`, `account_status` category.
        One request for 250 ids; ids that the site does not know have no row.

        Source: `POST /wiki/api/v2/users-bulk`; without ids `GET /wiki/rest/api/search/user`.
        """
        if ids is None:
            return self._read("/wiki/rest/api/search/user", {"cql": "type = user"}, limit, progress)
        accounts = _account_ids(ids)
        calls: list[dict[str, object]] = [
            {"accountIds": accounts[start : start + ACCOUNTS_AT_ONCE]}
            for start in range(0, len(accounts), ACCOUNTS_AT_ONCE)
        ]
        return self._read_each("/users-bulk", calls, {"account_ids": len(accounts)}, limit, progress)

    def groups(self, *, limit: int | None = None, progress: bool | None = None) -> pd.DataFrame:
        """Every group of people, in alphabetical order. One request for 200 groups.

        Parameters
        ----------
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `id`, `name` string; `type`, `usage_type`, `managed_by` category. Takes the scope
        `read:confluence-groups` or `read:group:confluence`. Who is in one:
        `wiki.table("/wiki/rest/api/group/{groupId}/membersByGroupId", group_id=…)`.

        Source: `GET /wiki/rest/api/group`.
        """
        return self._read("/wiki/rest/api/group", {}, limit, progress)

    def watchers(
        self,
        pages: object,
        *,
        spaces: bool = False,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Who is told when pages or posts change. One request for each.

        Parameters
        ----------
        pages:
            An id, several, a Series, or a frame with a column `page_id` or `id`; blog posts too.
        spaces:
            True adds, for each page, the people who watch its whole space. One more request for each space when
            the frame has a column `space_id`, else for each page.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        One row for each page and person: `page_id`, `watcher_account_id`, `watcher_display_name` …, `space_key`
        (of a space that is watched) string; `kind` (`page`, `space`: what is watched) category. Pages that
        cannot be read are in `attrs["skipped"]`. Takes the scope `read:confluence-content.summary`, or
        `read:watcher:confluence` with `read:user:confluence`.

        Raises
        ------
        NotFound
            When the one id given is not there, or not for this account.

        Source: `GET /wiki/rest/api/content/{id}/notification/child-created` and `…/notification/created`.
        """
        entry = collection(_PAGE_WATCHES)
        found = self._subjects(pages, known=False)
        rows_wanted(limit)
        site = self._chosen_site()
        parts = [
            Part(
                ListReader(self._client, site, entry, {"id": page_id}),
                subject=None if found.single else page_id,
                shape=_watched("page", [page_id]),
            )
            for page_id in found.ids
        ]
        if truth("spaces", spaces):
            parts += [self._space_watches(site, together, found.single) for together in _by_space(found)]
        return self._pulled(
            parts,
            _watch_columns(),
            endpoint=f"{entry.method} {entry.url}",
            said={"pages": found.ids, "spaces": spaces},
            limit=limit,
            progress=progress,
            skipped=found.absent,
        )

    def restrictions(
        self, pages: object, *, limit: int | None = None, progress: bool | None = None
    ) -> pd.DataFrame:
        """Who alone may view or edit pages or posts. One request for each, more where over 100 people are named.

        Parameters
        ----------
        pages:
            An id, several, a Series, or a frame with a column `page_id` or `id`; blog posts too.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        One row for each page, operation, and person or group named: `page_id`, `subject_id` (an account id, or
        the id of a group), `subject_name` string; `operation` (`read`, `update`), `subject_type` (`user`,
        `group`) category. A page that restricts nothing itself has no row; what it inherits is in the rows of
        the pages above it. Pages that cannot be read are in `attrs["skipped"]`. Takes the scope
        `read:confluence-content.all` or `read:content-details:confluence`.

        Raises
        ------
        NotFound
            When the one id given is not there, or not for this account.

        Source: `GET /wiki/rest/api/content/{id}/restriction`.
        """
        entry = collection(restricted.PATH)
        found = self._subjects(pages, known=False)
        rows_wanted(limit)
        site = self._chosen_site()

        def of_page(page_id: str) -> Part:
            def reader(start: int) -> ListReader:
                params = {"id": page_id, "start": start} if start else {"id": page_id}
                return ListReader(self._client, site, entry, params)

            return restricted.restrictions(page_id, reader, subject=None if found.single else page_id)

        return self._pulled(
            [of_page(page_id) for page_id in found.ids],
            restricted.columns(),
            endpoint=f"{entry.method} {entry.url}",
            said={"pages": found.ids},
            limit=limit,
            progress=progress,
            skipped=found.absent,
        )

    def _space_watches(self, site: Site, pages: list[str], single: bool) -> Part:
        """Who watches the space of these pages, asked of the first that can be seen."""
        entry = collection(_SPACE_WATCHES)
        part = Part(ListReader(self._client, site, entry, {"id": pages[0]}), shape=_watched("space", pages))

        def of_the_others(error: ConfluenceNBError) -> list[Part] | None:
            hidden = isinstance(error, (NotFound, NotPermitted)) and not error.of_site
            if single or part.started or not hidden:
                return None
            return [self._space_watches(site, pages[1:], single)] if pages[1:] else []

        part.instead = of_the_others
        return part


def _watched(kind: str, pages: list[str]) -> Shape:
    """Each watch once for each page that it is about."""

    def told(rows: Rows) -> Rows:
        return [{**row, "type": kind, "contentId": page_id} for page_id in pages for row in rows]

    return told


def _watch_columns() -> tuple[Column, ...]:
    """Those of both lists; what is watched comes first."""
    both = {
        column.name: column for path in (_PAGE_WATCHES, _SPACE_WATCHES) for column in collection(path).columns
    }
    page, kind = both.pop("content_id"), both.pop("type")
    return (
        Column("page_id", "string", page.source),
        Column("kind", "category", kind.source, ("page", "space")),
        both.pop("space_key"),
        *both.values(),
    )


def _by_space(found: Subjects) -> list[list[str]]:
    """The ids, those together that are known to be in one space."""
    together: dict[str, list[str]] = {}
    for page_id in found.ids:
        together.setdefault(found.spaces.get(page_id, f"of page {page_id}"), []).append(page_id)
    return list(together.values())


def _account_ids(ids: object) -> list[str]:
    if isinstance(ids, pd.DataFrame):
        named = [name for name in ACCOUNT_COLUMNS if name in ids.columns]
        if not named:
            raise ConfluenceNBError(
                f"The frame given as ids has none of {', '.join(ACCOUNT_COLUMNS)}. Give the column itself."
            )
        refuse_doubled(ids, named[0])
        ids = ids[named[0]]
    ids = without_gaps(ids)
    items = list(ids) if is_several(ids) else [ids]
    accounts = [item.strip() for item in items if isinstance(item, str) and item.strip()]
    if len(accounts) != len(items):
        raise ConfluenceNBError(
            "ids takes account ids: strings such as '712020:…', one or several, and none of them empty or missing."
        )
    return list(dict.fromkeys(accounts))
