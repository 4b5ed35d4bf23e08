"""The bytes of a file: a function of attachment and version, made block by block, so size costs no memory."""

from __future__ import annotations

import random
from collections.abc import Iterator

_BLOCK = 65_536


def read_bytes(attachment_id: str, version: int, first: int, end: int) -> Iterator[bytes]:
    """The bytes from `first` up to, not including, `end`, in pieces."""
    for block in range(first // _BLOCK, -(-end // _BLOCK)):
        start = block * _BLOCK
        drawn = random.Random(f"{attachment_id} {version} {block}").randbytes(_BLOCK)
        yield drawn[max(0, first - start) : end - start]
