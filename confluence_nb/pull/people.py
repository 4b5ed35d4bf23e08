"""Finds the names behind account ids, many at a time, and remembers them: rows hold ids, people read names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from confluence_nb.api.catalog import collection
from confluence_nb.api.client import ApiClient
from confluence_nb.api.paging import ListReader
from confluence_nb.oauth.sites import Site
from confluence_nb.pull.spent import Spent

ACCOUNTS_AT_ONCE = 250
"""Account ids that one POST /users-bulk takes."""


class PeopleIndex:
    """Display names of one site's accounts, asked for as they are needed."""

    def __init__(self, client: ApiClient, site: Site) -> None:
        self._client = client
        self.site = site
        self._names: dict[str, str | None] = {}

    async def names_of(self, accounts: Iterable[str], spent: Spent) -> dict[str, str | None]:
        """The name of each account, None where the site tells none.

        Source: `POST /wiki/api/v2/users-bulk`.
        """
        wanted = list(dict.fromkeys(accounts))
        unknown = [account for account in wanted if account not in self._names]
        for start in range(0, len(unknown), ACCOUNTS_AT_ONCE):
            await self._read(unknown[start : start + ACCOUNTS_AT_ONCE], spent)
        return {account: self._names[account] for account in wanted}

    async def _read(self, accounts: list[str], spent: Spent) -> None:
        found: dict[str, str | None] = dict.fromkeys(accounts)
        reader = ListReader(self._client, self.site, collection("/users-bulk"), {"accountIds": accounts})
        while (window := await reader.window()) is not None:
            for row in window.rows:
                account = row.get("accountId") if isinstance(row, Mapping) else None
                if isinstance(account, str) and account in found:
                    told = (row.get("displayName"), row.get("publicName"))
                    found[account] = next((name for name in told if isinstance(name, str) and name), None)
        self._names |= found
        spent.add(reader)
