"""From which space to which the links lead: a flow from left to right, as wide as there are links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from confluence_nb.charts.groups import Groups, grouped
from confluence_nb.charts.look import GREY, INK, PALETTE, finished, graph_objects
from confluence_nb.charts.web import Web
from confluence_nb.charts.words import counted, sentences, space_labels
from confluence_nb.errors import ConfluenceNBError

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SPACES = 15


def flows(found: Web, scope: str) -> go.Figure:
    """The links of a network by space: where they begin on the left, where they lead on the right.

    Raises
    ------
    ConfluenceNBError
        Nothing says in which space the pages are.
    """
    nodes, edges = found.nodes, found.edges
    start = edges["source"].map(nodes["space"])
    if start.isna().all():
        raise ConfluenceNBError(
            'charts.links(by="space") needs the space of each page, which this frame does not have. '
            "Pass known=wiki.pages() beside it."
        )
    state = edges["target"].map(nodes["state"])
    end = edges["target"].map(nodes["space"]).mask(state == "missing", "no such page")
    counts = edges["links"]
    left, right = (grouped(values.fillna("no space"), _SPACES, counts) for values in (start, end))
    names = [_names(groups) for groups in (left, right)]
    colours = dict(zip(left.keys, PALETTE, strict=False))
    each = pd.DataFrame({"left": left.codes, "right": right.codes, "links": counts.to_numpy()})
    cells = each.groupby(["left", "right"])["links"].sum().reset_index()
    ends = [[colours.get(key, GREY) for key in groups.keys] + [GREY] for groups in (left, right)]
    if "no such page" in right.keys:
        ends[1][right.keys.index("no such page")] = INK
    figure = graph_objects().Figure()
    figure.add_sankey(
        node={
            "label": names[0] + names[1],
            "color": ends[0][: len(names[0])] + ends[1][: len(names[1])],
            "pad": 12,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label}: %{value:,} links<extra></extra>",
        },
        link={
            "source": cells["left"],
            "target": cells["right"] + len(names[0]),
            "value": cells["links"],
            "color": [_pale(ends[0][code]) for code in cells["left"]],
            "hovertemplate": "%{value:,} links from %{source.label} to %{target.label}<extra></extra>",
        },
        valueformat=",",
        textfont={"color": INK, "size": 12},
    )
    rows = max(len(names[0]), len(names[1]))
    figure.update_layout(height=240 + 30 * rows)
    missing = int(counts[state == "missing"].sum())
    return finished(
        figure,
        f"{counted(int(counts.sum()), 'link', 'links')} between pages{scope}, by space",
        note=sentences(
            "On the left the space of the page that has the link, on the right the one that it leads to.",
            f"{counted(missing, 'leads', 'lead')} to a title that was not found." if missing else None,
        ),
    )


def _names(groups: Groups) -> list[str]:
    told = space_labels(groups.keys)
    return told + ([f"{groups.gathered:,} other spaces"] if groups.gathered else [])


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.35)"
