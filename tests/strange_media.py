"""A host of files whose answers a test writes itself, behind a wiki that sends every download there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from strange_cloud import Asked, Says, Script

BYTES = bytes(range(256)) * 40


def listed(**changes: Any) -> pd.DataFrame:
    """A frame of one attachment, of the strange cloud."""
    row = {"id": "att8", "page_id": "7", "title": "plan.pdf", "file_size": len(BYTES), "version_number": 1}
    return pd.DataFrame([row | changes])


def media(answer: Script) -> Script:
    """The wiki sends every download to `/media`; what is answered there is the test's."""

    def script(asked: Asked) -> Says:
        return (
            answer(asked) if asked.path == "/media" else Says(b"", 302, {"Location": "/media?token=ticket"})
        )

    return script


def piece(asked: Asked, until: int | None = None, etag: str = '"one"') -> Says:
    """The bytes asked for, as a good host sends them; cut off at `until` although all are announced."""
    headers = {name.lower(): value for name, value in asked.headers.items()}
    start, status, said = 0, 200, {"ETag": etag, "Connection": "close"}
    if "range" in headers and headers.get("if-range") == etag:
        start, status = int(headers["range"].removeprefix("bytes=").removesuffix("-")), 206
        said["Content-Range"] = f"bytes {start}-{len(BYTES) - 1}/{len(BYTES)}"
    said["Content-Length"] = str(len(BYTES) - start)
    return Says(BYTES[start:until], status, said)


def parts_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.part"))
