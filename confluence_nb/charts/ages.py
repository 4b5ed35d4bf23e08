"""What nobody has touched for long: pages by space and by the time since their last change."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from confluence_nb.charts.columns import a_frame, checked_count, first_column, moments, once_each, spaces_of
from confluence_nb.charts.groups import grouped
from confluence_nb.charts.look import finished, graph_objects, nothing
from confluence_nb.charts.words import counted, kind_of, plain, scope_of, sentences, space_labels
from confluence_nb.errors import ConfluenceNBError

if TYPE_CHECKING:
    import plotly.graph_objects as go

_TIMES = ("version_created_at", "last_modified")
_CALL = "wiki.pages(), wiki.blogposts() or wiki.search(cql)"

# Months of each age, and its colour: from blue over pale to red-brown, so that both ends are seen, and seen apart
# without telling red from green.
AGES = (
    ("within a month", 1, "#1c5fb0"),
    ("1 to 3 months ago", 3, "#6fa3dc"),
    ("3 to 12 months ago", 12, "#c5d9ee"),
    ("1 to 2 years ago", 24, "#f0cda2"),
    ("2 to 4 years ago", 48, "#d1884a"),
    ("over 4 years ago", None, "#8f3a1d"),
)


def stale(pages: pd.DataFrame, *, now: datetime | str | None = None, top: int = 25) -> go.Figure:
    """How long ago the pages of each space were changed last, as shares of the space.

    Parameters
    ----------
    pages:
        Pages or blog posts, or what a search found. Archived pages count too, where the frame has them; one
        that the frame has several times counts once.
    now:
        The moment to count back from, for a picture that stays the same; else the present one.
    top:
        How many spaces have a bar of their own, at most 60: those with most pages. The others share one.

    Returns
    -------
    A figure of stacked bars, one trace for each age; the space with the largest share of old pages is on top.

    Raises
    ------
    ConfluenceNBError
        The frame has neither `version_created_at` nor `last_modified`, or `now` is no time.
    """
    pages = once_each(a_frame(pages, "stale", _CALL))
    changed = moments(pages[first_column(pages, _TIMES, "stale", _CALL)], "stale")
    checked_count(top, "top", 60, "More bars cannot be read.")
    moment = _moment(now)
    one, many = kind_of(pages, ("page", "pages"))
    spaces = spaces_of(pages)
    scope = scope_of(pages, spaces)
    dated = changed.notna()
    if not dated.any():
        words = f"No {many}" if pages.empty else "No times"
        return nothing(f"{many.capitalize()}{scope}, by time since the last change", words)
    if spaces is None:
        spaces = pd.Series(f"all {many}", index=changed.index, dtype="string")
    groups = grouped(spaces[dated].fillna("no space"), top)
    bars = space_labels(groups.keys)
    bars += [f"{groups.gathered:,} others"] if groups.gathered else []
    cells = np.zeros((len(bars), len(AGES)), dtype=np.int64)
    np.add.at(cells, (groups.codes, _ages(changed[dated], moment)), 1)
    totals = cells.sum(axis=1)
    shares = cells / totals[:, None]
    order = sorted(range(len(bars)), key=lambda bar: (*(-shares[bar, ::-1].cumsum()), bars[bar]))
    figure = graph_objects().Figure()
    for age, (name, _, colour) in enumerate(AGES):
        figure.add_bar(
            x=shares[order, age],
            y=[f"{bars[bar]}  {totals[bar]:,}" for bar in order],
            orientation="h",
            name=name,
            marker_color=colour,
            customdata=cells[order, age],
            hovertemplate=(
                f"%{{y}}<br>%{{customdata:,}} {many} changed %{{fullData.name}}: %{{x:.0%}}<extra></extra>"
            ),
        )
    figure.update_layout(
        barmode="stack",
        height=max(340, 210 + 28 * len(bars)),
        legend={"traceorder": "normal", "title_text": "Changed last"},
        yaxis_ticklabelstandoff=6,
    )
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(type="category", autorange="reversed", tickmode="linear", dtick=1)
    missing = len(pages) - int(dated.sum())
    return finished(
        figure,
        f"{counted(len(pages), one, many)}{scope}, by time since the last change",
        x=f"Share of the {many} of a space",
        note=sentences(
            f"Counted back from {moment.day} {moment:%B} {moment.year}, in UTC.",
            missing and f"{missing:,} of them have no such time and are not drawn.",
        ),
    )


def _moment(now: Any) -> pd.Timestamp:
    moment: Any
    try:
        moment = pd.Timestamp.now("UTC") if now is None else pd.Timestamp(now)
    except (TypeError, ValueError):
        moment = None
    if (
        not isinstance(moment, pd.Timestamp)
        or isinstance(now, (bool, int, float))
        or not 1970 <= moment.year < 9999
    ):
        raise ConfluenceNBError(
            f"now={plain(now)} is no time. Pass a datetime, or a text such as 2026-01-31."
        )
    return moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")


def _ages(changed: pd.Series, moment: Any) -> Any:
    """The place in AGES of each time; one that is still to come counts as just now."""
    ends = [moment - pd.DateOffset(months=months) for _, months, _ in AGES if months]
    ages = np.zeros(len(changed), dtype=np.int64)
    for end in ends:
        ages += (changed < end).to_numpy()
    return ages
