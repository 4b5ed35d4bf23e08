"""What administrators and analysts ask of a site: permissions, views, templates, the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from confluence_nb.api.catalog import collection
from confluence_nb.api.columns import Column
from confluence_nb.api.paging import ListReader
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.pull import Part
from confluence_nb.pull.shapes import PAGE_ID, Rows
from confluence_nb.pull.spent import Spent
from confluence_nb.wiki.pulling import rows_wanted
from confluence_nb.wiki.reading import Reading

_VIEWS = (PAGE_ID, Column("views", "Int64", ("views",)), Column("viewers", "Int64", ("viewers",)))
_TEMPLATES = ("page", "blueprint")


class Administration(Reading):
    """Permissions, views, templates, audit log."""

    def permissions(
        self, space: object = None, *, limit: int | None = None, progress: bool | None = None
    ) -> pd.DataFrame:
        """Who may do what in each space. One request for each space, more where it has over 250 permissions.

        Parameters
        ----------
        space:
            A key, an id, several of them, or a frame of `spaces()`. None reads those of every space.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        One row for each permission: `space_id`, `space_key`, `id`, `principal_id` (of a person: the account id)
        string; `principal_type`, `operation_key`, `operation_target_type` category. Of several spaces, those
        that cannot be read are in `attrs["skipped"]`. Takes the scope `read:space:confluence`.

        Raises
        ------
        NotFound
            For a space that is not there.

        Source: `GET /wiki/api/v2/spaces/{id}/permissions`.
        """
        entry = collection("/spaces/{id}/permissions")
        names = None if space is None else self._space_names(space)
        rows_wanted(limit)
        site, spent = self._chosen_site(), Spent()

        def of_space(space_id: str, key: str | None) -> Part:
            about = {"spaceId": space_id, "spaceKey": key}
            return Part(
                ListReader(self._client, site, entry, {"id": space_id}),
                subject=None if isinstance(space, (str, Integral)) else space_id,
                shape=lambda rows: [{**row, **about} for row in rows],
            )

        def of_each(rows: Rows) -> list[Part]:
            return [of_space(str(row["id"]), row.get("key")) for row in rows if row.get("id")]

        if names is None:
            listed = ListReader(self._client, site, collection("/spaces"), {})
            parts = [Part(listed, shape=lambda rows: [], follow=of_each)]
        else:
            self._leave_what_broke_off()
            parts = [of_space(*one) for one in self._space_keys(self._space_ids(names, spent), spent).items()]
        return self._pulled(
            parts,
            (
                Column("space_id", "string", ("spaceId",)),
                Column("space_key", "string", ("spaceKey",)),
                *entry.columns,
            ),
            endpoint=f"{entry.method} {entry.url}",
            said={"space": names},
            limit=limit,
            progress=progress,
            skipped={},
            spent=spent,
        )

    def views(
        self, pages: object, since: object = None, *, limit: int | None = None, progress: bool | None = None
    ) -> pd.DataFrame:
        """How often, and by how many people, pages and posts were viewed. Two requests for each.

        Parameters
        ----------
        pages:
            An id, several, a Series, or a frame with a column `page_id` or `id`; blog posts too.
        since:
            Count from this moment on: a date or datetime, or one as ISO text; without a time zone it is in UTC.
            None counts all views.
        limit:
            How many of the pages are asked for, from the first on; None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        One row for each page, in the order given: `page_id` string; `views`, `viewers` (different people) Int64.
        Pages that cannot be read are in `attrs["skipped"]`.

        Takes the scope `read:confluence-content.summary`, or `read:analytics.content:confluence`.

        Raises
        ------
        NotFound
            When the one id given is not there, or not for this account.

        Source: `GET /wiki/rest/api/analytics/content/{contentId}/views`, and `…/viewers`.
        """
        entry = collection("/wiki/rest/api/analytics/content/{contentId}/views")
        beside = collection("/wiki/rest/api/analytics/content/{contentId}/viewers")
        moment = _moment("since", since)
        found = self._subjects(pages, known=False)
        wanted = rows_wanted(limit)
        site = self._chosen_site()
        asked = {} if moment is None else {"fromDate": _iso(moment)}

        def viewers_of(page_id: str, views: object) -> Part:
            return Part(
                ListReader(self._client, site, beside, {"contentId": page_id, **asked}),
                subject=None if found.single else page_id,
                shape=lambda rows: [{"pageId": page_id, "views": views, "viewers": _count(rows)}],
            )

        def views_of(page_id: str) -> Part:
            return Part(
                ListReader(self._client, site, entry, {"contentId": page_id, **asked}),
                subject=None if found.single else page_id,
                shape=lambda rows: [],
                follow=lambda rows: [viewers_of(page_id, _count(rows))],
            )

        return self._pulled(
            [views_of(page_id) for page_id in found.ids[:wanted]],
            _VIEWS,
            endpoint=f"{entry.method} {entry.url}",
            said={"pages": found.ids, "since": asked.get("fromDate")},
            limit=limit,
            progress=progress,
            skipped=found.absent,
        )

    def templates(
        self, space: object = None, *, limit: int | None = None, progress: bool | None = None
    ) -> pd.DataFrame:
        """Templates for new pages: those that people made, and those of blueprints. Two requests for each space.

        Parameters
        ----------
        space:
            A key, an id, several of them, or a frame of `spaces()`. None reads the global templates.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        One row for each template: `template_id`, `name`, `description`, `space_key` (missing for global ones),
        `referencing_blueprint` … string; `kind` (`page`, `blueprint`) category; `labels` list. A space also
        offers the global blueprints. Spaces that cannot be read are in `attrs["skipped"]`.

        Takes the scope `read:confluence-content.summary`, or `read:template:confluence` with
        `read:content-details:confluence`.

        Raises
        ------
        NotFound
            For a space that is not there.

        Source: `GET /wiki/rest/api/template/page` and `GET /wiki/rest/api/template/blueprint`.
        """
        entries = {kind: collection(f"/wiki/rest/api/template/{kind}") for kind in _TEMPLATES}
        names = None if space is None else self._space_names(space)
        rows_wanted(limit)
        site, spent = self._chosen_site(), Spent()

        def of(kind: str, about: Mapping[str, str | None], subject: str | None) -> Part:
            return Part(
                ListReader(self._client, site, entries[kind], about),
                subject=subject,
                shape=lambda rows: [{**row, "kind": kind} for row in rows],
            )

        if names is None:
            parts = [of(kind, {}, None) for kind in _TEMPLATES]
        else:
            self._leave_what_broke_off()
            alone = isinstance(space, (str, Integral))
            parts = [
                of(kind, {"spaceKey": key}, None if alone else space_id)
                for space_id, key in self._space_keys(self._space_ids(names, spent), spent).items()
                for kind in _TEMPLATES
            ]
        return self._pulled(
            parts,
            (Column("kind", "category", ("kind",), _TEMPLATES), *entries["page"].columns_for({})),
            endpoint=" and ".join(f"{entry.method} {entry.url}" for entry in entries.values()),
            said={"space": names},
            limit=limit,
            progress=progress,
            skipped={},
            spent=spent,
        )

    def audit(
        self,
        since: object = None,
        until: object = None,
        *,
        search: str | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """The audit log, newest first. One request for each 1,000 records.

        Parameters
        ----------
        since, until:
            Records from and up to these moments, both included: dates or datetimes, or ISO text; without a time
            zone they are in UTC, and a date is its first moment. None sets no bound. The log is counted from its
            newest record, so one that is written while a long list is read shifts the others: an `until` in the
            past keeps the list still.
        search:
            Only records that have this text in them.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        One row for each record: `creation_date` datetime (UTC); `author_display_name`, `author_account_id`,
        `remote_address`, `summary`, `description`, `category`, `affected_object_name` … string;
        `sys_admin` boolean; `changed_values`, `associated_objects` list.

        Takes the scope `read:audit-log:confluence`.

        Raises
        ------
        NotPermitted
            Unless the account administers Confluence.

        Source: `GET /wiki/rest/api/audit`.
        """
        first, last = _moment("since", since), _moment("until", until)
        if first is not None and last is not None and first > last:
            raise ConfluenceNBError(f"since ({_iso(first)}) is after until ({_iso(last)}). Swap them.")
        params = {"start_date": first, "end_date": last, "search_string": search}
        return self._read("/wiki/rest/api/audit", params, limit, progress)


def _count(rows: Rows) -> Any:
    return rows[0].get("count") if rows else None


def _moment(name: str, value: object) -> datetime | None:
    """A date, a datetime or ISO text as a moment in UTC, None for None.

    Raises
    ------
    ConfluenceNBError
        For anything else, numbers among it: nobody can tell seconds from milliseconds.
    """
    if value is None:
        return None
    moment: object = pd.Timestamp(value) if isinstance(value, np.datetime64) else value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            moment = None
    if isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if not isinstance(moment, datetime) or pd.isna(moment):
        raise ConfluenceNBError(
            f"{name}={str(value)[:60]!r} is no moment. Give a date or a datetime, or one as text such as '2026-03-01'."
        )
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _iso(moment: datetime) -> str:
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
