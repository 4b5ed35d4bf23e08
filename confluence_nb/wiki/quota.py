"""What is left of the points that the app may spend in this hour."""

from __future__ import annotations

from confluence_nb.api.budget import Quota
from confluence_nb.connection import Connection


class Quotas(Connection):
    """`quota`."""

    def quota(self) -> Quota:
        """The points used and left of this clock hour; asks nobody.

        Reading costs points: one for each call, one for each page, post, space and attachment that it brings, two
        for each user, group and permission. When an hour's points are used up the site answers nothing more until
        the hour ends.

        Returns
        -------
        `used`, `left`, `limit`: points; `resets_at`: when the hour ends (UTC); `near_limit`: less than a fifth is
        left; `enforced`: going over is stopped, not only told.

        `source` is `"headers"` when the answers of this connection say how much is left, whoever used it. Else it is
        `"counted"`: the points of this connection by the documented prices, measured on 65,000, the share of an app
        that Atlassian gave no larger one.

        Source: https://developer.atlassian.com/cloud/confluence/rate-limiting/.
        """
        return self._client.budget.quota()
