"""Rows as the API sends them, framed as a call frames them, for the tests of frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from confluence_nb.api.catalog import collection
from confluence_nb.frames import FrameBuilder

BASE = "https://acme.atlassian.net/wiki"

DTYPES = {
    "string": "string",
    "Int64": "Int64",
    "Float64": "Float64",
    "boolean": "boolean",
    "datetime": "datetime64[us, UTC]",
    "category": "category",
    "list": "object",
    "json": "string",
}


def framed(path: str, rows: Sequence[Any], *, window: int = 250, **params: object) -> pd.DataFrame:
    frames = FrameBuilder(collection(path).columns_for(params))
    for start in range(0, len(rows), window):
        frames.add(rows[start : start + window], base=BASE)
    return frames.frame()


def one(frame: pd.DataFrame) -> dict[str, Any]:
    """The one row, without the empty cells."""
    assert len(frame) == 1
    return {
        name: value for name, value in frame.iloc[0].items() if isinstance(value, list) or pd.notna(value)
    }


def page(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": str(number),
        "status": "current",
        "title": f"Page {number}",
        "spaceId": "65537",
        "parentId": None,
        "parentType": None,
        "position": number,
        "authorId": "712020:ada",
        "ownerId": None,
        "lastOwnerId": None,
        "subtype": None,
        "createdAt": "2024-01-02T03:04:05.678Z",
        "version": {
            "createdAt": "2024-02-03T04:05:06.007Z",
            "message": "",
            "number": 7,
            "minorEdit": False,
            "authorId": "712020:ada",
        },
        "body": {},
        "_links": {
            "webui": f"/spaces/ENG/pages/{number}",
            "editui": "/e",
            "tinyui": "/x/1",
            "edituiv2": "/v2",
        },
    }
    return row | changes
