"""Lists that may be very long, read the way that their first window tells to be best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from confluence_nb.api.catalog import collection
from confluence_nb.api.cql import cql
from confluence_nb.api.plan import checked_wish
from confluence_nb.pull.planned import PLANNED, PlannedList, Wanted, is_planned, told_of
from confluence_nb.wiki.reading import Reading, Step

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
        calls, said = self._calls(path, params, limit, space)
        if not is_planned(entry, said, limit):
            return self._read_each(path, calls, said, limit, progress, steps=steps)
        lists = [
            PlannedList(
                Wanted(
                    self._client,
                    self._chosen_site(),
                    entry,
                    call,
                    wish,
                    self._counting(path, call),
                    self._points,
                )
            )
            for call in calls
        ]
        return self._pulled(
            [planned.part() for planned in lists],
            entry.columns_for(calls[0]),
            endpoint=f"{entry.method} {entry.url}",
            said={**said, "plan": plan},
            limit=limit,
            progress=progress,
            steps=[*(planned.in_order for planned in lists), *steps],
            plan=told_of(lists),
        )

    def _counting(self, path: str, call: Mapping[str, object]) -> str | None:
        """The search whose count says how long a list is, about; None when nothing here can count it."""
        may = any(set(needed) <= set(self._session.granted_scopes()) for needed in collection(SEARCH).scopes)
        if not may or "status" in call:
            return None
        kind = f"type = {PLANNED[path]}"
        if "space_id" not in call:
            return kind
        keys = self._space_keys(call["space_id"]).values()  # type: ignore[arg-type]  # ids, as `_calls` made them
        return cql(kind + " and space in {}", list(keys)) if all(keys) else None

    def _points(self) -> tuple[int | None, int | None]:
        """Points left in this hour and points of an hour."""
        quota = self._client.budget.quota()
        return quota.left, quota.limit
