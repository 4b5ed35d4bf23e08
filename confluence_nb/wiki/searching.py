"""What a CQL query finds, however much it is."""

from __future__ import annotations

import pandas as pd

from confluence_nb.api.cql import refuse_blank
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.wiki.reading import Reading

SEARCH = "/wiki/rest/api/search"


class Searching(Reading):
    """`search`."""

    def search(
        self,
        cql: str,
        *,
        excerpt: str | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """What a CQL query finds.

        Parameters
        ----------
        cql:
            Such as `type = page and lastmodified > now("-30d")`. `cnb.cql("text ~ {}", words)` puts values in
            safely.
        excerpt:
            Which part of the text comes as `excerpt`: `"highlight"` (the API's default: around what was found),
            `"indexed"` (the beginning) or `"none"`.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        One row for each page, post, comment, attachment, space or user found: `id`, `title`, `space_key`,
        `excerpt` (plain text), `url` … string; `type`, `entity_type` category; `last_modified` datetime (UTC).

        Archived pages are not found, nor what is in archived spaces, and changes of the last minutes may be missing:
        that is how the search works. `table("/wiki/rest/api/search", cql=..., includeArchivedSpaces=True)` looks into
        archived spaces too.

        `attrs["estimated_total"]` is the server's count, which is never exact: `attrs["total_is_estimate"]`.
        A search that grows too long for the server is read in slices by date, `attrs["slices"]` of them, nothing
        lost and nothing twice. They follow an `order by created` or `lastmodified`; any other order holds within
        each slice, oldest slice first, and `attrs["order"]` says so.

        Raises
        ------
        BadRequest
            For a query that the server does not understand, in its own words, or one that is too long.
        ConfluenceNBError
            For a blank query or text and for an unknown `excerpt`, before anything is asked.

        Source: `GET /wiki/rest/api/search`; https://developer.atlassian.com/cloud/confluence/cql-fields/.
        """
        if not isinstance(cql, str):
            raise ConfluenceNBError(
                f"cql is a {type(cql).__name__}. Give the query as a string, such as 'type = page'."
            )
        refuse_blank(cql)
        return self._read(SEARCH, {"cql": cql, "excerpt": excerpt}, limit, progress)
