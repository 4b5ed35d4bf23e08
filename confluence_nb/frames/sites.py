"""Says of each row which site it is of: an id means something on one site only."""

from __future__ import annotations

import pandas as pd

SITE = "site"


def with_site(frame: pd.DataFrame, host: str) -> pd.DataFrame:
    """The frame with the site's host as its first column, of dtype string, whatever the number of rows.

    Text and not a category: frames of two sites have two, and joined to one they would be no category any more.
    """
    if SITE in frame.columns:  # a field of the API that has this name
        attrs = frame.attrs
        frame = frame.rename(columns={SITE: f"{SITE}_2"})
        frame.attrs = attrs
    frame.insert(0, SITE, pd.Series(host, index=frame.index, dtype="string"))
    return frame


def other_sites(given: object, host: str) -> list[str]:
    """Hosts of other sites in the rows of a frame that says where they are from; a column of one's own says nothing."""
    if not isinstance(given, pd.DataFrame) or SITE not in given.columns:
        return []
    named = given[SITE].dropna().unique()
    return sorted(one for one in named if isinstance(one, str) and "." in one and one != host)
