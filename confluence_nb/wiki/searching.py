"""What a CQL query finds."""

from __future__ import annotations

import pandas as pd

from confluence_nb.wiki.reading import Reading


class Searching(Reading):
    """`search`."""

    def search(self, cql: str, *, limit: int | None = None, progress: bool | None = None) -> pd.DataFrame:
        """What a CQL query finds.

        Parameters
        ----------
        cql:
            Such as `type = page and lastmodified > now("-30d")`.
        limit:
            Rows wanted, None for all.

        Returns
        -------
        One row for each page, post, comment, attachment, space or user found: `id`, `title`, `space_key`,
        `excerpt` (plain text), `url` … string; `type`, `entity_type` category; `last_modified` datetime (UTC).
        `attrs["estimated_total"]` is the server's estimate, which is not exact. Archived pages are not found,
        and changes of the last minutes may be missing: that is how the search works.

        Raises
        ------
        BadRequest
            For a query that the server does not understand, in its own words.

        Source: `GET /wiki/rest/api/search`.
        """
        return self._read("/wiki/rest/api/search", {"cql": cql}, limit, progress)
