"""How much happened when: rows of any frame with times, counted by day, week, month or longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from confluence_nb.charts.buckets import bucket_for
from confluence_nb.charts.columns import (
    a_frame,
    checked_count,
    chosen_column,
    first_column,
    moments,
    spaces_of,
    texts,
)
from confluence_nb.charts.groups import count_ticks, grouped
from confluence_nb.charts.look import GREY, PALETTE, finished, graph_objects, nothing
from confluence_nb.charts.words import counted, kind_of, label, scope_of, sentences, space_labels

if TYPE_CHECKING:
    import plotly.graph_objects as go

_TIMES = ("created_at", "version_created_at", "last_modified")
_SAID = {
    "created_at": "of creation",
    "version_created_at": "of last change",
    "last_modified": "of last change",
}
_CALL = "wiki.pages(), wiki.versions(pages), wiki.comments(pages) or wiki.search(cql)"


def activity(
    frame: pd.DataFrame, *, when: str | None = None, by: str | None = None, top: int = len(PALETTE)
) -> go.Figure:
    """How much happened when: one bar for each day, week, month or longer, as long as the span of time asks for.

    Parameters
    ----------
    frame:
        Rows with a time: pages, blog posts, versions, comments, attachments, tasks, what a search found.
    when:
        The column of times; else `created_at`, `version_created_at` or `last_modified`, whichever is there first.
        `when="version_created_at"` counts pages by their last change. A time without a zone is taken as UTC.
    by:
        The column whose values are told apart by colour, or `"space"`; else `type`, `kind`, the space or
        `media_type`, whichever has several values.
    top:
        How many of its values get a colour of their own. The rest is grey.

    Returns
    -------
    A figure of stacked bars, one trace for each value. A bucket in which nothing happened is a bar of height 0.

    Raises
    ------
    ConfluenceNBError
        There is no such column, or it holds no times.
    """
    frame = a_frame(frame, "activity", _CALL)
    time = first_column(frame, _TIMES, "activity", _CALL) if when is None else when
    times = moments(chosen_column(frame, "when", time), "activity")
    checked_count(top, "top", len(PALETTE), "More cannot be told apart by colour.")
    word, values = _told_apart(frame, by)
    one, many = kind_of(frame)
    scope = scope_of(frame, spaces_of(frame))
    dated = times.notna()
    if not dated.any():
        return nothing(f"{many.capitalize()}{scope}, over time", f"No {many}" if frame.empty else "No times")
    times, values = times[dated], values[dated]
    bucket = bucket_for(times)
    numbers = bucket.numbers(times)
    every = np.arange(numbers.min(), numbers.max() + 1)
    starts = bucket.starts(every)
    widths = np.diff(bucket.starts(np.append(every, every[-1] + 1))).astype(np.int64) * 86_400_000
    told = [bucket.said(start) for start in starts]
    groups = grouped(values, top)
    figure = graph_objects().Figure()
    for code, name, colour in _parts(groups.keys, groups.gathered, word):
        bars = np.bincount(numbers[groups.codes == code] - every[0], minlength=len(every))
        if not bars.any():
            continue
        figure.add_bar(
            x=np.datetime_as_string(starts),
            y=bars,
            width=widths * 0.9,
            offset=0,
            name=name,
            marker_color=colour,
            customdata=told,
            hovertemplate=("%{fullData.name}<br>" if word else "") + "%{customdata}: %{y:,}<extra></extra>",
        )
    figure.update_layout(
        barmode="stack", showlegend=len(figure.data) > 1, legend_title_text=label(word.capitalize())
    )
    figure.update_xaxes(type="date")
    if len(every) < 7:  # one day as wide as the picture would show its hours
        figure.update_xaxes(range=bucket.starts(np.array([every[0] - 3, every[-1] + 4])).astype(str).tolist())
    figure.update_yaxes(**count_ticks(int(np.bincount(numbers - every[0]).max())))
    missing = int((~dated).sum())
    return finished(
        figure,
        f"{counted(len(frame), one, many)}{scope}, by {bucket.word} {_SAID.get(time, 'of ' + time)}",
        x=f"{bucket.word.capitalize()}, in UTC",
        y=many.capitalize(),
        note=sentences(missing and f"{missing:,} of them have no such time and are not drawn."),
    )


def _told_apart(frame: pd.DataFrame, by: str | None) -> tuple[str, pd.Series]:
    """The word for what tells rows apart, and its value for each row; no word where nothing does."""
    spaces = spaces_of(frame)
    if isinstance(by, str) and by == "space" and spaces is not None:
        return "space", spaces
    if by is not None:
        chosen = texts(chosen_column(frame, "by", by))
        return by.replace("_", " "), chosen
    for name in ("type", "kind", "space", "media_type"):
        values = spaces if name == "space" else texts(frame[name]) if name in frame.columns else None
        if values is not None and values.nunique() > 1:
            return name.replace("_", " "), values
    return "", pd.Series(pd.NA, index=range(len(frame)), dtype="string")


def _parts(keys: list[str], gathered: int, word: str) -> list[tuple[int, str, str]]:
    """Code, name and colour of each trace, the largest at the bottom."""
    colours = [*PALETTE, GREY][: len(keys)]
    names = space_labels(keys) if word == "space" else [label(key, 30) for key in keys]
    parts = list(zip(range(len(keys)), names, colours, strict=True))
    if gathered:
        parts.append((len(keys), f"{gathered:,} others", GREY))
    return [*parts, (-1, f"no {label(word)}" if keys else "all", GREY if keys else PALETTE[0])]
