"""What can be read, as a frame of its own: one row for each list of the API, and whether the sign-in may."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from confluence_nb.api.catalog import Collection
from confluence_nb.api.columns import Column, Dtype
from confluence_nb.frames.builder import FrameBuilder

_COLUMNS: tuple[tuple[str, Dtype, tuple[str, ...]], ...] = (
    ("path", "string", ()),
    ("method", "category", ("GET", "POST")),
    ("api", "category", ("v2", "v1")),
    ("paging", "category", ("cursor", "cql", "offset", "ancestors", "none")),
    ("parameters", "list", ()),
    ("required", "list", ()),
    ("most_per_request", "Int64", ()),
    ("scopes", "string", ()),
    ("granted", "boolean", ()),
    ("deprecated", "boolean", ()),
    ("columns", "list", ()),
)


def overview(collections: Iterable[Collection], granted: Sequence[str] | None) -> pd.DataFrame:
    """The lists that can be read.

    Parameters
    ----------
    granted:
        The scopes of the sign-in on the chosen site, None when nobody is signed in.

    Returns
    -------
    `path` string; `method`, `api` (v1 or v2), `paging` category; `parameters`, `required` lists of keyword names;
    `most_per_request` Int64, the rows asked of one answer; `scopes` string, such as `a + b or c`; `granted`
    boolean, empty when nobody is signed in; `deprecated` boolean; `columns` list of those that come unasked.
    """
    frames = FrameBuilder([Column(name, dtype, (name,), values) for name, dtype, values in _COLUMNS])
    frames.add([_row(entry, granted) for entry in collections], base=None)
    return frames.frame()


def _row(entry: Collection, granted: Sequence[str] | None) -> dict[str, object]:
    return {
        "path": entry.path,
        "method": entry.method,
        "api": "v1" if entry.path.startswith("/wiki/") else "v2",
        "paging": entry.paging,
        "parameters": [parameter.keyword for parameter in entry.parameters],
        "required": [parameter.keyword for parameter in entry.parameters if parameter.required],
        "most_per_request": entry.most_at_once,
        "scopes": " or ".join(" + ".join(alternative) for alternative in entry.scopes),
        "granted": None if granted is None else any(set(those) <= set(granted) for those in entry.scopes),
        "deprecated": entry.deprecated,
        "columns": [column.name for column in entry.columns_for({})],
    }
