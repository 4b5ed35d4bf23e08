"""The pages of a wiki as nested areas: what hangs where, and how much of it there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from confluence_nb.charts.columns import a_frame, checked_count, column, spaces_of, texts
from confluence_nb.charts.groups import Groups, grouped
from confluence_nb.charts.hierarchy import Hierarchy, hierarchy
from confluence_nb.charts.look import finished, graph_objects, nothing
from confluence_nb.charts.words import counted, label, plain, scope_of, space_labels

if TYPE_CHECKING:
    import plotly.graph_objects as go

_CALL = "wiki.pages() or wiki.descendants(page)"
_SPACES = 40
_GROUND, _MORE, _LINE = "#eef1f4", "#c9d0d8", {"color": "#8b95a1", "width": 0.8}
_AT_ONCE = 120  # areas that are seen before a click; more are too small to read


@dataclass
class _Areas:
    """The areas of a treemap, one entry in each list for each."""

    ids: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    colours: list[str | None] = field(default_factory=list)
    depths: dict[str, int] = field(default_factory=dict)

    def add(self, id_: str, parent: str, name: str, value: int, colour: str | None = None) -> None:
        self.ids.append(id_)
        self.parents.append(parent)
        self.labels.append(name)
        self.values.append(value)
        self.colours.append(colour)
        self.depths[id_] = self.depths.get(parent, 0) + 1

    def levels(self) -> int:
        """How many levels are shown at once: a page of a space and two below it, more where there is room."""
        least = 4 if self.ids[0] == "site" else 3
        areas = np.cumsum(np.bincount(list(self.depths.values()), minlength=least + 3))
        return max(level for level in range(least, least + 3) if level == least or areas[level] <= _AT_ONCE)

    def texts(self) -> list[str]:
        """Names on as many lines as they take, and values; an area that has others in it shows its label instead."""
        names = (wrap(name, 18, break_long_words=False, break_on_hyphens=False) for name in self.labels)
        return [
            "<br>".join(lines if colour == _MORE else [*lines, f"{value:,}"])
            for lines, value, colour in zip(names, self.values, self.colours, strict=True)
        ]


def tree(pages: pd.DataFrame, *, top: int = 400) -> go.Figure:
    """What hangs under what: an area for each page, in that of its parent, as large as there are pages below it.

    Parameters
    ----------
    pages:
        Pages, or what `wiki.descendants(page)` gives. A page whose parent is not in the frame hangs at the top of its
        space.
    top:
        How many pages have an area of their own, at most 900: those with most below them. The others of one parent
        share one, "12 more".

    Returns
    -------
    A figure, a treemap: `values` are pages, each counted with all that are below it.

    Raises
    ------
    ConfluenceNBError
        The frame lacks `id`, `parent_id` or `title`.
    """
    pages = a_frame(pages, "tree", _CALL)
    ids, parents, titles = (
        texts(column(pages, name, "tree", _CALL)) for name in ("id", "parent_id", "title")
    )
    checked_count(top, "top", 900, "More areas cannot be seen, nor drawn at ease.")
    groups, names = _tops(pages)
    once = ids.notna() & ~ids.duplicated()
    ids, parents, titles, groups = (
        each[once].reset_index(drop=True) for each in (ids, parents, titles, groups)
    )
    kinds = set() if "type" not in pages.columns else set(texts(pages["type"]).dropna())
    one, many = ("page", "pages") if kinds <= {"page"} else ("entry", "entries")
    below = f" below {plain(next(iter(names.values())))}" if len(names) == 1 else None
    scope = scope_of(pages, spaces_of(pages), below)
    if ids.empty:
        return nothing(f"{many.capitalize()}{scope}, by what they hang under", f"No {many}")
    found = hierarchy(ids, parents)
    areas = _Areas()
    places = _above(
        areas, found, grouped(groups, _SPACES), names, str(pages.attrs.get("site", f"All {many}"))
    )
    apart = found.largest(top)
    _pages(areas, found, titles, apart, places)
    figure = graph_objects().Figure()
    figure.add_treemap(
        ids=areas.ids,
        parents=areas.parents,
        labels=areas.labels,
        values=areas.values,
        marker={"colors": areas.colours, "cornerradius": 3, "line": _LINE},
        root_color=_GROUND,
        branchvalues="total",
        maxdepth=areas.levels(),
        tiling={"pad": 2},
        textfont_size=12,
        text=areas.texts(),
        texttemplate="%{text}",
        hovertemplate=f"%{{label}}<br>%{{value:,}} {many}<extra></extra>",
    )
    figure.update_layout(
        height=560,
        margin={"l": 24, "r": 24, "b": 24},
        uniformtext={"minsize": 10, "mode": "hide"},
        extendtreemapcolors=False,
    )
    return finished(
        figure,
        f"{counted(len(ids), one, many)}{scope}, by what they hang under",
        note=f"Areas and numbers: {many} below, with the {one} itself. A click opens one; the bar on top leads back.",
    )


def _tops(pages: pd.DataFrame) -> tuple[pd.Series, dict[str, str]]:
    """What each row hangs under when its parent is not there, and the names of those tops."""
    spaces = spaces_of(pages)
    if spaces is not None:
        return spaces.fillna("no space"), {}
    if not {"page_id", "path", "title"} <= set(pages.columns):
        return pd.Series("all", index=range(len(pages)), dtype="string"), {}
    roots, paths, titles = texts(pages["page_id"]).fillna("all"), texts(pages["path"]), texts(pages["title"])
    names: dict[str, str] = {}
    direct = (texts(pages["parent_id"]) == roots).fillna(False)
    for root, path, title in zip(roots[direct], paths[direct], titles[direct], strict=True):
        if root not in names and isinstance(path, str) and isinstance(title, str):
            names[root] = path.removesuffix(title).removesuffix(" / ") or root
    return roots, names


def _above(
    areas: _Areas, found: Hierarchy, groups: Groups, names: dict[str, str], site: str
) -> dict[int, str]:
    """Add an area for each space and one for all; gives the area that each page at the top is in.

    A space with a single page at its top, which is what most have, is shown by that page.
    """
    tops = np.flatnonzero(found.parent < 0)
    codes = groups.codes[tops]
    totals = np.bincount(codes, weights=found.size[tops], minlength=len(groups.keys) + 1).astype(np.int64)
    told = [label(names[key]) if key in names else space_labels([key])[0] for key in groups.keys]
    told.append(f"{groups.gathered:,} other spaces")
    several = np.unique(codes).size > 1
    if several:
        areas.add("site", "", label(site), int(totals.sum()))
    places: dict[int, str] = {}
    for code in np.unique(codes).tolist():
        members = tops[codes == code].tolist()
        parent = "site" if several else ""
        if len(members) > 1:
            areas.add(f"space {code}", parent, told[code], int(totals[code]))
            parent = f"space {code}"
        places |= dict.fromkeys(members, parent)
    return places


def _pages(areas: _Areas, found: Hierarchy, titles: pd.Series, apart: Any, places: dict[int, str]) -> None:
    """Add an area for each page that is shown apart, and one in each area for the pages that are not."""
    drawn = np.zeros(len(titles), dtype=bool)
    drawn[apart] = True

    def inside(place: int) -> str:
        return places[place] if found.parent[place] < 0 else str(found.parent[place])

    for place in apart.tolist():
        name = "(untitled)" if pd.isna(titles[place]) else label(titles[place])
        areas.add(str(place), inside(place), name, int(found.size[place]))
    more: dict[str, int] = {}
    for place in np.flatnonzero(~drawn).tolist():
        if found.parent[place] < 0 or drawn[found.parent[place]]:
            more[inside(place)] = more.get(inside(place), 0) + int(found.size[place])
    for parent, pages in more.items():
        areas.add(f"more {parent}", parent, f"{pages:,} more", pages, _MORE)
