"""Frames to draw, of any length, and what is counted and read in the figures that come of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from confluence_nb import charts

SITE = "acme.atlassian.net"
NOW = "2026-01-01"


def pages(rows: int, seed: int = 7) -> pd.DataFrame:
    """Pages in eight spaces by forty people, over four years, the earlier ones above the later; short bodies."""
    random = np.random.default_rng(seed)
    created = pd.Timestamp("2021-02-03", tz="UTC") + pd.to_timedelta(
        random.integers(0, 4 * 365 * 86_400, rows), unit="s"
    )
    parents = [None if place < 5 else str(random.integers(0, place)) for place in range(rows)]
    targets = random.integers(0, max(rows, 1) + 2, rows)
    frame = pd.DataFrame(
        {
            "id": pd.array([str(place) for place in range(rows)], dtype="string"),
            "title": pd.array([f"Page {place}" for place in range(rows)], dtype="string"),
            "space_key": pd.array([f"S{random.integers(0, 8)}" for _ in range(rows)], dtype="string"),
            "parent_id": pd.array(parents, dtype="string"),
            "author_id": pd.array(
                [f"712020:{random.integers(0, 40):04d}" for _ in range(rows)], dtype="string"
            ),
            "created_at": created.as_unit("us"),
            "version_created_at": (
                created + pd.to_timedelta(random.integers(0, 300, rows), unit="D")
            ).as_unit("us"),
            "body": pd.array(
                [_body(place, int(target)) for place, target in enumerate(targets)], dtype="string"
            ),
        }
    )
    frame.attrs = {"site": SITE, "endpoint": "GET /wiki/api/v2/pages"}
    return frame


def _body(place: int, target: int) -> str:
    link = f'<ac:link><ri:page ri:content-title="Page {target}"/></ac:link>'
    return f"<p>{'word ' * (place % 900)}</p><p>{link}</p>"


def labels(rows: int, seed: int = 7) -> pd.DataFrame:
    """Labels of pages, thirty of them, the first ones often."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "page_id": pd.array(
                [str(page) for page in random.integers(0, rows // 3 + 1, rows)], dtype="string"
            ),
            "name": pd.array(
                [f"label-{int(30 * chance**2)}" for chance in random.random(rows)], dtype="string"
            ),
            "prefix": pd.Categorical(["global"] * rows, categories=["global", "my", "team", "system"]),
        }
    )
    frame.attrs = {"site": SITE, "endpoint": "GET /wiki/api/v2/labels/{id}/pages"}
    return frame


Draw = Callable[[pd.DataFrame], Any]

CHARTS: dict[str, tuple[Draw, Callable[[int], pd.DataFrame]]] = {
    "activity": (charts.activity, pages),
    "contributors": (charts.contributors, pages),
    "stale": (lambda frame: charts.stale(frame, now=NOW), pages),
    "tree": (charts.tree, pages),
    "links": (charts.links, pages),
    "links by space": (lambda frame: charts.links(frame, by="space"), pages),
    "size": (charts.size, pages),
    "labels": (charts.labels, labels),
}


def marks(figure: Any) -> int:
    """How many bars, cells, dots, lines and areas a browser has to draw."""
    return sum(map(_marks, figure.data))


def _marks(trace: Any) -> int:
    if trace.type == "heatmap":
        return sum(len(row) for row in trace.z)
    if trace.type == "treemap":
        return len(trace.ids)
    if trace.type == "sankey":
        return len(trace.link.value) + len(trace.node.label)
    if trace.type == "scatter" and trace.mode == "lines":
        return len(trace.x) // 3
    return len(trace.x)


def note(figure: Any) -> str:
    """The line under the title, which may be broken into several."""
    return str(figure.layout.title.subtitle.text).replace("<br>", " ")


def words(figure: Any) -> list[str]:
    """Every text in a figure, wherever it stands."""
    return list(_words(figure.to_plotly_json()))


def _words(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for each in part.values():
            yield from _words(each)
    elif isinstance(part, (list, tuple, np.ndarray)):
        for each in part:
            yield from _words(each)
