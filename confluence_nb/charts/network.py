"""The links of a wiki drawn: pages as dots that their links pull together, or spaces as a flow from left to right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from confluence_nb.charts.columns import checked_count
from confluence_nb.charts.flows import flows
from confluence_nb.charts.groups import Groups, grouped
from confluence_nb.charts.layout import layout
from confluence_nb.charts.look import CARD, GREY, INK, PALETTE, finished, graph_objects, nothing
from confluence_nb.charts.web import Web, web
from confluence_nb.charts.words import counted, label, scope_of, sentences, space_labels
from confluence_nb.errors import ConfluenceNBError

if TYPE_CHECKING:
    import plotly.graph_objects as go

_EDGES = 1_500
_NAMED = 16
_LINKING = 5  # pages beside each that is linked
_STATES = {
    "missing": ("no such page", "x-thin-open", INK),
    "outside": ("not in the frame", "circle-open", GREY),
}


def links(
    pages: pd.DataFrame, *, by: str = "page", top: int = 100, known: pd.DataFrame | None = None
) -> go.Figure:
    """Which pages are linked most, and what links them; or from which space to which the links lead.

    Parameters
    ----------
    pages:
        Pages with bodies, or what `content.links(pages)` gives, which reads many bodies once for several pictures.
    by:
        `"page"` or `"space"`.
    top:
        How many pages are drawn, at most 150: those that most pages link to.
    known:
        More pages that links may lead to, such as `wiki.pages()`. With a frame of links it also gives their titles
        and spaces.

    Returns
    -------
    A figure. By page: a dot for each, larger when more pages link to it; a cross for a title that no page of its space
    has, a ring for a page of which the frame knows nothing. By space: a sankey diagram, as wide as there are links.

    Raises
    ------
    ConfluenceNBError
        The frame has no bodies and no links, or with `by="space"` nothing says in which space pages are.
    """
    if not isinstance(by, str) or by not in ("page", "space"):
        raise ConfluenceNBError(f'by={by!r} is not known here. Pass by="page" or by="space".')
    checked_count(top, "top", 150, "More dots cannot be told apart.")
    found = web(pages, known)
    scope = scope_of(pages if known is None or pages.attrs.get("site") else known)
    if found.edges.empty:
        return nothing(f"Links between pages{scope}", "No pages" if pages.empty else "No links between pages")
    if by == "space":
        return flows(found, scope)
    return _drawn(found, top, scope)


def _drawn(found: Web, top: int, scope: str) -> go.Figure:
    nodes = found.nodes.loc[_chosen(found, top)]
    place = pd.Series(range(len(nodes)), index=nodes.index)
    ends = found.edges.assign(a=found.edges["source"].map(place), b=found.edges["target"].map(place)).dropna()
    edges = ends.sort_values(["b", "a"])[["a", "b"]].head(_EDGES).to_numpy(dtype=np.int64)
    groups = grouped(nodes["space"].reset_index(drop=True), len(PALETTE) - 1)
    xy = layout(len(nodes), edges, groups.codes)
    sizes = 8 + 24 * np.sqrt(nodes["linked"].to_numpy() / max(int(nodes["linked"].max()), 12))
    figure = graph_objects().Figure()
    _lines(figure, xy[edges[:, 0]], xy[edges[:, 1]])
    _dots(figure, nodes, groups, xy, sizes)
    _names(figure, nodes, xy, sizes)
    figure.update_xaxes(visible=False, range=[-1.22, 1.22])
    figure.update_yaxes(visible=False, range=[-1.1, 1.18])
    figure.update_layout(height=620, legend_itemsizing="constant", margin={"l": 12, "r": 12, "b": 12})
    missing = int((found.nodes["state"] == "missing").sum())
    every = len(found.nodes)
    return finished(
        figure,
        f"{counted(int(found.edges['links'].sum()), 'link', 'links')} between pages{scope}",
        note=sentences(
            f"Drawn are {len(nodes):,} of {every:,} pages: those that most pages link to, with some that do."
            if len(nodes) < every
            else None,
            "A larger dot is linked by more pages.",
            f"{counted(missing, 'title was', 'titles were')} not found." if missing else None,
        ),
    )


def _lines(figure: go.Figure, starts: Any, ends: Any) -> None:
    """All lines in one trace, apart by gaps."""
    x, y = (
        np.column_stack([starts[:, axis], ends[:, axis], np.full(len(starts), np.nan)]).ravel()
        for axis in (0, 1)
    )
    line = {"color": "#b4bcc6", "width": 1}
    figure.add_scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", showlegend=False, name="links")


def _dots(figure: go.Figure, nodes: pd.DataFrame, groups: Groups, xy: Any, sizes: Any) -> None:
    said = [
        (label(title, 80), int(linked)) for title, linked in zip(nodes["title"], nodes["linked"], strict=True)
    ]
    for which, name, symbol, colour in _kinds(nodes, groups):
        is_page = symbol == "circle"
        figure.add_scatter(
            x=xy[which, 0],
            y=xy[which, 1],
            mode="markers",
            name=name,
            marker={
                "size": sizes[which] if is_page else np.minimum(sizes[which], 14),
                "color": colour,
                "symbol": symbol,
                "line": {"width": 1.5, "color": CARD} if is_page else {"width": 2, "color": colour},
                "opacity": 1,
            },
            customdata=[said[place] for place in which],
            hovertemplate="%{customdata[0]}<br>%{fullData.name}, linked by %{customdata[1]:,}<extra></extra>",
        )


def _chosen(found: Web, top: int) -> list[str]:
    """The pages to draw: the most linked, each with some that link to it, and titles that were not found."""
    ranked = found.nodes.assign(key=found.nodes.index).sort_values(["linked", "key"], ascending=[False, True])
    is_missing = (ranked["state"] == "missing").to_numpy()
    linked, missing = ranked.index[~is_missing & (ranked["linked"] > 0)], ranked.index[is_missing]
    place = pd.Series(range(len(ranked)), index=ranked.index)
    edges = found.edges[found.edges["target"].isin(linked[:top].append(missing[:top]))]
    edges = edges.assign(place=edges["source"].map(place)).sort_values("place")
    linking = {target: list(sources.head(_LINKING)) for target, sources in edges.groupby("target")["source"]}
    chosen: dict[str, None] = {}
    room = top - min(2 * len(missing), top // 4)
    for targets, most in ((linked[:top], room), (missing[:top], top)):
        for target in targets:
            if chosen and len(chosen) > most - 2:  # a dot without a line says nothing
                break
            for key in (target, *linking[target]):
                if len(chosen) < most:
                    chosen[key] = None
    return list(chosen)


def _kinds(nodes: pd.DataFrame, groups: Groups) -> list[tuple[Any, str, str, str]]:
    """What each trace of dots has: the places of its pages, its name, symbol and colour."""
    is_page = (nodes["state"] == "page").to_numpy()
    names = space_labels(groups.keys)
    told = [(code, name, PALETTE[code]) for code, name in enumerate(names)]
    told.append((len(groups.keys), f"{groups.gathered:,} other spaces", GREY))
    told.append((-1, "pages", PALETTE[0] if not groups.keys else GREY))
    kinds = [
        (np.flatnonzero(is_page & (groups.codes == code)), name, "circle", colour)
        for code, name, colour in told
    ]
    for state, (name, symbol, colour) in _STATES.items():
        kinds.append((np.flatnonzero((nodes["state"] == state).to_numpy()), name, symbol, colour))
    return [kind for kind in kinds if len(kind[0])]


def _names(figure: go.Figure, nodes: pd.DataFrame, xy: Any, sizes: Any) -> None:
    """Write titles above their dots: of the most linked, where nothing else is; of what all link to, in any case."""
    # In points, as in a picture of usual width: a letter is some 6 wide, a line 14 high.
    dots = xy * (300, 215)
    linked = nodes["linked"].to_numpy()
    taken: list[tuple[float, float, float]] = []
    for place in np.argsort(-linked, kind="stable"):
        title = label(nodes["title"].iloc[place], 28)
        (x, y), half = dots[place] + (0, sizes[place] / 2 + 8), 3.2 * len(title)
        over = (np.abs(dots[:, 0] - x) < half + sizes / 2) & (np.abs(dots[:, 1] - y) < 7 + sizes / 2)
        over[place] = linked[place] > 3 * linked.mean()
        if (over.any() and not over[place]) or any(
            abs(x - at) < half + wide and abs(y - high) < 15 for at, high, wide in taken
        ):
            continue
        figure.add_annotation(
            x=xy[place, 0],
            y=xy[place, 1],
            yshift=sizes[place] / 2 + 8,
            text=title,
            showarrow=False,
            font_size=11,
            bgcolor="rgba(255, 255, 255, 0.7)",
            borderpad=0,
        )
        taken.append((x, y, half))
        if len(taken) == _NAMED:
            break
