"""Labels that go together: how many pages have both, for each two of the most used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from confluence_nb.charts.columns import a_frame, checked_count, column, texts
from confluence_nb.charts.groups import grouped
from confluence_nb.charts.look import SCALE, finished, graph_objects, nothing
from confluence_nb.charts.words import counted, distinct, plain, scope_of, sentences

if TYPE_CHECKING:
    import plotly.graph_objects as go

_CALL = "wiki.labels(pages)"


def labels(frame: pd.DataFrame, *, top: int = 20) -> go.Figure:
    """Which labels go together: for each two of the most used, how many pages have both.

    Parameters
    ----------
    frame:
        What `wiki.labels(pages)` gives: `page_id`, `name` and, to tell personal and team labels apart, `prefix`.
    top:
        How many labels are drawn, at most 40: those that most pages have.

    Returns
    -------
    A figure, a heat map; `z` are pages. A label's own row and column meet in an empty cell: how many pages have it
    stands beside its name.

    Raises
    ------
    ConfluenceNBError
        The frame lacks `page_id` or `name`.
    """
    frame = a_frame(frame, "labels", _CALL)
    pages, names = (texts(column(frame, name, "labels", _CALL)) for name in ("page_id", "name"))
    checked_count(top, "top", 40, "More rows cannot be read.")
    if "prefix" in frame.columns:
        prefix = texts(frame["prefix"]).fillna("global")
        names = names.mask((prefix != "global") & names.notna(), prefix + ":" + names)
    rows = pd.DataFrame({"page": pages, "name": names}).dropna().drop_duplicates()
    scope = scope_of(frame)
    if rows.empty:
        return nothing(f"Labels{scope}, and which go together", "No labels")
    groups = grouped(rows["name"], top)
    drawn = len(groups.keys)
    if drawn == 1:
        return nothing(f"Labels{scope}, and which go together", f"Only the label {plain(groups.keys[0], 30)}")
    page = pd.factorize(rows["page"])[0]
    apart = groups.codes < drawn
    has = np.zeros((page.max() + 1, drawn), dtype=np.int64)
    has[page[apart], groups.codes[apart]] = 1
    both = has.T @ has
    own = both.diagonal().copy()
    told = list(distinct({key: key for key in groups.keys}, 28).values())
    axis = [f"{name}  {count:,}" for name, count in zip(told, own, strict=True)]
    figure = graph_objects().Figure()
    figure.add_heatmap(
        x=told,
        y=axis,
        z=[
            [None if x == y or not both[y, x] else int(both[y, x]) for x in range(drawn)]
            for y in range(drawn)
        ],
        customdata=np.dstack(
            [both / own[:, None], both / own[None, :], np.tile(told, (drawn, 1)).T, np.tile(told, (drawn, 1))]
        ),
        zmin=0,
        xgap=2,
        ygap=2,
        texttemplate="%{z:,}" if drawn <= 25 else None,
        hovertemplate=(
            "%{z:,} pages have both<br>%{customdata[0]:.0%} of those with %{customdata[2]}<br>"
            "%{customdata[1]:.0%} of those with %{customdata[3]}<extra></extra>"
        ),
        hoverongaps=False,
        colorscale=SCALE,
        showscale=False,
    )
    figure.update_xaxes(type="category", tickmode="linear", dtick=1, tickangle=-45)
    figure.update_yaxes(
        type="category", tickmode="linear", dtick=1, autorange="reversed", showgrid=False, ticklabelstandoff=6
    )
    figure.update_layout(height=260 + 24 * drawn)
    return finished(
        figure,
        f"{counted(rows['name'].nunique(), 'label', 'labels')} on {counted(has.shape[0], 'page', 'pages')}{scope}, "
        "and which go together",
        x="Label",
        y="Label, with its pages",
        note=sentences(
            "A cell is how many pages have both labels.",
            f"Drawn are the {drawn:,} that most pages have." if groups.gathered else None,
        ),
    )
