"""Answers that are small on the wire and huge when they are unpacked: little memory, and a sentence."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from strange_cloud import Says, strange_cloud

import confluence_nb._http
from confluence_nb import ConfluenceNBError, Unreachable

pytestmark = pytest.mark.usefixtures("hurried")

MB = 2**20
LIMIT = 8 * MB
ROOM = 32 * MB
"""What may be held on the way: the answer up to its limit, and what one read brings."""


@cache
def bomb() -> bytes:
    """10 GB of zeros in 10 MB of gzip: one packed megabyte of them, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    first = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (10 * 1024)


@contextmanager
def memory_held() -> Iterator[list[int]]:
    """The most that was held inside, in bytes."""
    held: list[int] = []
    tracemalloc.start()
    try:
        yield held
    finally:
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()


def test_the_bomb_is_one() -> None:
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert len(bomb()) < 11 * MB
    assert unpacking.decompress(bomb(), 64 * MB) == bytes(64 * MB)


@pytest.mark.parametrize("status", [200, 404, 500])
@pytest.mark.parametrize("packing", ["gzip", "gzip, gzip", "br", "zstd", "deflate"])
def test_a_bomb_in_place_of_an_answer(monkeypatch: pytest.MonkeyPatch, packing: str, status: int) -> None:
    monkeypatch.setattr(confluence_nb._http, "MAX_ANSWER_BYTES", LIMIT)
    body = bomb() if packing == "gzip" else gzip.compress(bomb()) if "," in packing else bomb()[:1000]
    with strange_cloud(lambda asked: Says(body, status, {"Content-Encoding": packing})) as cloud:
        wiki = cloud.open_wiki()
        with memory_held() as held, pytest.raises(Unreachable, match=r"larger than 8 MB|a damaged answer"):
            wiki.get("/pages")
        assert held[0] < ROOM


def test_a_bomb_in_place_of_a_token() -> None:
    with strange_cloud(lambda asked: Says({})) as cloud:
        wiki = cloud.open_wiki()
        wiki.sign_out()
        plain = cloud.answer
        packed = Says(bomb(), 200, {"Content-Encoding": "gzip, gzip"})
        cloud.answer = lambda asked: packed if asked.path == "/oauth/token" else plain(asked)
        with memory_held() as held, pytest.raises(Unreachable, match="no usable answer"):
            wiki.sign_in("strange-code-0002")
        assert held[0] < ROOM
        assert not wiki.signed_in


def test_a_bomb_in_place_of_a_file(tmp_path: Path) -> None:
    with strange_cloud(lambda asked: Says({})) as cloud:

        def says(asked: object) -> Says:
            path = getattr(asked, "path", "")
            if path.endswith("/download"):
                return Says(b"", 302, {"Location": f"{cloud.url}/file"})
            return Says(bomb(), 200, {"Content-Encoding": "gzip"})

        cloud.script = lambda asked: (
            Says({"id": "att7", "title": "a.txt", "pageId": "5", "fileSize": 3 * MB})
            if asked.path.endswith("/attachments/att7")
            else says(asked)
        )
        wiki = cloud.open_wiki()
        with memory_held() as held, pytest.raises(ConfluenceNBError, match="it changed since"):
            wiki.download("att7", tmp_path)
        assert held[0] < ROOM
        assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) < 8 * MB


def test_a_gzip_is_read_as_it_was_packed() -> None:
    body = b'{"results": [' + b",".join(b'{"id": "%d"}' % number for number in range(5_000)) + b"]}"
    packed = gzip.compress(body[:30_000]) + gzip.compress(body[30_000:])
    for says in (packed, packed[:-9], packed[: len(packed) // 2], packed[:12]):
        with strange_cloud(lambda asked, says=says: Says(says, 200, {"Content-Encoding": "gzip"})) as cloud:
            wiki = cloud.open_wiki()
            if says == packed:
                assert len(wiki.get("/pages")["results"]) == 5_000
            else:
                with pytest.raises(Unreachable, match="a damaged answer"):
                    wiki.get("/pages")
