"""Compares a mirror with the wiki that it is of, field by field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from confluence_nb import Wiki, content
from confluence_nb.mirror.mirror import Mirror

Frames = dict[str, pd.DataFrame]


def on_the_site(wiki: Wiki, space: Any = None) -> Frames:
    """What a mirror has to hold, as the helpers read it."""
    pages = wiki.pages(space, body="storage", plan="frugal")
    posts = wiki.blogposts(space, body="storage", plan="frugal")
    bodies = pd.concat([frame[["id", "body", "url"]] for frame in (pages, posts)])
    frames = {
        "pages": pages,
        "blogposts": posts,
        "comments": wiki.comments(body="storage"),
        "attachments": wiki.attachments(),
        "spaces": wiki.spaces(),
        "labels": wiki.labels(),
        "links": content.links(bodies),
    }
    return {name: in_order(frame) for name, frame in frames.items()}


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in an order that does not depend on how they were read, without what tells of the reading."""
    columns = ["id"] if "id" in frame else list(frame.columns)
    ordered = frame.sort_values(columns, kind="stable", na_position="first").reset_index(drop=True)
    ordered.attrs = {}
    return ordered


def assert_mirrors(mirror: Mirror, expected: Frames) -> None:
    """Every row and every field of the mirror is as on the site, and none is there twice."""
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(in_order(mirror.table(name)), frame, obj=name)


def commits(path: Path, name: str) -> int:
    """How often a table was written."""
    return len(list((path / name / "_delta_log").glob("*.json")))
