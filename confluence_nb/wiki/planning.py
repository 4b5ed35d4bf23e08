"""Lists that may be very long, read the way that their first window tells to be best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from confluence_nb._callers import callers_line
from confluence_nb.api.catalog import collection
from confluence_nb.api.cql import cql
from confluence_nb.api.plan import checked_wish
from confluence_nb.pull.planned import PlannedList, rows_of, told_of
from confluence_nb.pull.spent import Spent
from confluence_nb.pull.wanted import PLANNED, Wanted, is_planned
from confluence_nb.wiki.pulling import Step
from confluence_nb.wiki.reading import Reading

SEARCH = "/wiki/rest/api/search"


class Planning(Reading):
    """Adds to a reading connection how pages and blog posts are read."""

    def _read_planned(
        self,
        path: str,
        params: Mapping[str, object],
        limit: int | None,
        progress: bool | None,
        *,
        space: object,
        plan: str | None,
        steps: Sequence[Step] = (),
    ) -> pd.DataFrame:
        """A collection that may be long, read the way that its first window tells to be best."""
        wish, entry = checked_wish(plan), collection(path)
        spent = Spent()
        calls, said = self._calls(path, params, limit, space, spent)
        if not is_planned(entry, said, limit):
            return self._read_each(path, calls, said, limit, progress, steps=steps, spent=spent)
        asked_at = callers_line()
        lists = [
            PlannedList(
                Wanted(
                    self._client,
                    self._chosen_site(),
                    entry,
                    call,
                    wish,
                    self._counting(path, call, spent),
                    self._points,
                    asked_at,
                )
            )
            for call in calls
        ]
        return self._pulled(
            [part for planned in lists for part in planned.parts()],
            entry.columns_for(calls[0]),
            endpoint=f"{entry.method} {entry.url}",
            said={**said, "plan": plan},
            limit=limit,
            progress=progress,
            steps=[*(planned.in_order for planned in lists), *steps],
            facts=lambda: {"plan": told_of(lists)},
            expected=lambda: rows_of(lists),
            spent=spent,
        )

    def _counting(self, path: str, call: Mapping[str, object], spent: Spent) -> str | None:
        """The search whose count says how long a list is, about; None when nothing here can count it."""
        may = any(set(needed) <= set(self._session.granted_scopes()) for needed in collection(SEARCH).scopes)
        if not may or "status" in call:
            return None
        kind = f"type = {PLANNED[path]}"
        if "space_id" not in call:
            return kind
        keys = self._space_keys(call["space_id"], spent).values()  # type: ignore[arg-type]  # ids, as `_calls` made them
        return cql(kind + " and space in {}", list(keys)) if all(keys) else None

    def _points(self) -> tuple[int | None, int | None]:
        """Points left in this hour and points of an hour."""
        quota = self._client.budget.quota()
        return quota.left, quota.limit
