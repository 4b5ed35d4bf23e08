"""Who is there and who may do what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.pull.people import ACCOUNTS_AT_ONCE
from confluence_nb.wiki.reading import Reading


class People(Reading):
    """Users."""

    def users(
        self, ids: object = None, *, limit: int | None = None, progress: bool | None = None
    ) -> pd.DataFrame:
        """People by account id, or everybody whom a search for people finds.

        Parameters
        ----------
        ids:
            Account ids: one, several, a Series, or a frame with a column `author_id`. None searches for all,
            which takes the scope `read:content-details:confluence` beside the default ones.

        Returns
        -------
        `account_id`, `display_name`, `public_name`, `email` … string; `account_type`, `account_status` category.

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


def _account_ids(ids: object) -> list[str]:
    if isinstance(ids, pd.DataFrame):
        named = [name for name in ("author_id", "account_id") if name in ids.columns]
        if not named:
            raise ConfluenceNBError(
                "The frame given as ids has neither 'author_id' nor 'account_id'. Give the column itself."
            )
        ids = ids[named[0]].dropna()
    elif isinstance(ids, pd.Series):
        ids = ids.dropna()
    items = [ids] if isinstance(ids, (str, Mapping)) or not isinstance(ids, Iterable) else list(ids)
    accounts = [item.strip() for item in items if isinstance(item, str) and item.strip()]
    if len(accounts) != len(items):
        raise ConfluenceNBError("ids takes account ids: strings such as '712020:…', one or several.")
    return list(dict.fromkeys(accounts))
