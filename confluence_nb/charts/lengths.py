"""How long pages are and how long they take to read, or how large files are; and which are the longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from confluence_nb.charts.columns import a_frame, checked_count, once_each, spaces_of, texts
from confluence_nb.charts.groups import count_ticks
from confluence_nb.charts.look import PALETTE, finished, graph_objects, nothing
from confluence_nb.charts.measures import Measure, measured
from confluence_nb.charts.words import counted, kind_of, label, scope_of, sentences

if TYPE_CHECKING:
    import plotly.graph_objects as go

_CALL = 'wiki.pages(body="storage") or wiki.attachments()'


def size(pages: pd.DataFrame, *, top: int = 12, words_per_minute: int = 230) -> go.Figure:
    """How many pages are how long, in words and minutes to read, and the longest of them; or files by their size.

    Parameters
    ----------
    pages:
        Pages or blog posts with `body`, or with `text`, as `content.to_text` gives it, which reads many bodies once
        for several pictures; or attachments, which have `file_size`. One that the frame has several times counts once.
    top:
        How many of the longest are listed, at most 30.
    words_per_minute:
        How fast somebody reads.

    Returns
    -------
    A figure of two parts: on the left a bar for each length, with the minutes under it; on the right a bar for each
    of the longest pages. Files are in MB, a million bytes.

    Raises
    ------
    ConfluenceNBError
        The frame has no `body`, `text` or `file_size`.
    """
    pages = once_each(a_frame(pages, "size", _CALL))
    checked_count(top, "top", 30, "More bars cannot be read.")
    checked_count(words_per_minute, "words_per_minute", 5_000, "Most people read some 230.")
    measure = measured(pages)
    one, many = kind_of(pages, measure.what)
    scope = scope_of(pages, spaces_of(pages))
    known = measure.values.dropna().astype("float64")
    if known.empty:
        words = f"No {many}" if pages.empty else "No bodies" if measure.word == "words" else "No sizes"
        return nothing(
            f"{many.capitalize()}{scope}, by {'length' if measure.word == 'words' else 'size'}", words
        )
    figure = graph_objects().Figure()
    _steps(figure, measure, known, many, words_per_minute)
    _longest(figure, measure, known, pages, top)
    figure.update_layout(
        height=max(320, 230 + 26 * max(len(figure.data[0].x), len(figure.data[1].x))),
        showlegend=False,
        xaxis={"domain": [0, 0.4], "title_text": many.capitalize(), **count_ticks(max(figure.data[0].x))},
        yaxis={
            "title_text": _axis(measure),
            "autorange": "reversed",
            "showgrid": False,
            "type": "category",
            "ticklabelstandoff": 6,
        },
        xaxis2={"domain": [0.5, 1], "anchor": "y2", "title_text": _unit(measure), "tickformat": ","},
        yaxis2={
            "anchor": "x2",
            "side": "right",
            "autorange": "reversed",
            "showgrid": False,
            "ticklabelstandoff": 6,
        },
    )
    missing = len(pages) - len(known)
    total = f"{_rounded(known.sum(), measure)} {measure.word} in all"
    if measure.word == "words":
        total += f", {_hours(known.sum() / words_per_minute)} to read at {words_per_minute:,} words a minute"
    return finished(
        figure,
        f"{counted(len(known), one, many)}{scope}, by {'length' if measure.word == 'words' else 'size'}",
        note=sentences(
            total
            + (
                "."
                if len(known) == 1
                else f"; half of them have at most {_rounded(known.median(), measure)}."
            ),
            f"{missing:,} more cannot be measured." if missing else None,
        ),
    )


def _steps(figure: go.Figure, measure: Measure, known: pd.Series, many: str, speed: int) -> None:
    bounds = np.array(measure.steps)
    bars = np.bincount(np.searchsorted(bounds, known.to_numpy(), side="right"), minlength=len(bounds) + 1)
    used = np.flatnonzero(bars)
    told = [_step(place, measure, speed) for place in range(used[0], used[-1] + 1)]
    figure.add_bar(
        x=bars[used[0] : used[-1] + 1],
        y=told,
        orientation="h",
        marker_color=PALETTE[0],
        hovertemplate=f"%{{y}}: %{{x:,}} {many}<extra></extra>",
    )


def _step(place: int, measure: Measure, speed: int) -> str:
    bounds = (0.0, *measure.steps)
    low, high = bounds[place], bounds[place + 1] if place + 1 < len(bounds) else None
    told = (
        f"{low:,g} or more" if high is None else f"under {high:,g}" if not low else f"{low:,g} to {high:,g}"
    )
    if measure.word != "words":
        return told
    if high is None or not low:
        return f"{told}, {'over' if low else 'under'} {(low or bounds[1]) / speed:.1f} min"
    return f"{told}, {low / speed:.1f} to {high / speed:.1f} min"


def _axis(measure: Measure) -> str:
    return "Words, and minutes to read" if measure.word == "words" else measure.word


def _unit(measure: Measure) -> str:
    return measure.word[0].upper() + measure.word[1:]


def _longest(figure: go.Figure, measure: Measure, known: pd.Series, pages: pd.DataFrame, top: int) -> None:
    order = known.sort_values(ascending=False, kind="stable").index[:top]
    titles = texts(pages["title"]) if "title" in pages.columns else pd.Series(dtype="string")
    named = [titles.get(place, pd.NA) for place in order]
    told = ["(untitled)" if pd.isna(title) else title for title in named]
    exact = ",.0f" if measure.word == "words" else ",.3~r"
    figure.add_bar(
        x=known[order],
        y=list(range(len(order))),
        orientation="h",
        marker_color=PALETTE[0],
        xaxis="x2",
        yaxis="y2",
        customdata=[label(title, 90) for title in told],
        hovertemplate=f"%{{customdata}}<br>%{{x:{exact}}} {measure.word}<extra></extra>",
    )
    figure.update_layout(
        yaxis2={
            "tickmode": "array",
            "tickvals": list(range(len(order))),
            "ticktext": [label(title, 40) for title in told],
        }
    )


def _rounded(number: float, measure: Measure) -> str:
    return f"{number:,.0f}" if number >= 10 or measure.word == "words" else f"{number:.2g}"


def _hours(minutes: float) -> str:
    if minutes < 90:
        return counted(max(1, round(minutes)), "minute", "minutes")
    return counted(round(minutes / 60), "hour", "hours")
