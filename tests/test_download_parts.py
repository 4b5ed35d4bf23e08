"""Files that come in pieces from hosts of any kind: joined where they belong together, asked for without a token."""

from __future__ import annotations

import gzip
import io
import logging
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from strange_cloud import Asked, Says, Script, StrangeCloud, strange_cloud
from strange_media import BYTES, listed, media, parts_in, piece

from confluence_nb.errors import ConfluenceNBError, RateLimited, Unreachable

ROUTE = "/wiki/rest/api/content/7/child/attachment/att8/download"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch, hurried: None) -> None:
    monkeypatch.setattr("confluence_nb.api.download.backoff", lambda tried, base: 0.0)


def full_disk(*args: object) -> None:
    raise OSError(28, "No space left on device")


# ------------------------------------------------------------------ parts that go on


def test_a_part_is_gone_on_with(tmp_path: Path) -> None:
    away = threading.Event()
    away.set()

    def answer(asked: Asked) -> Says:
        return piece(asked, until=4_000) if away.is_set() and "Range" not in asked.headers else (
            Says(b"", 503) if away.is_set() else piece(asked)
        )  # fmt: skip

    with strange_cloud(media(answer)) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable, match="goes on from there") as caught:
            wiki.download(listed(), tmp_path)
        assert caught.value.frame is not None
        assert caught.value.frame.attrs["complete"] is False
        assert [part.stat().st_size for part in parts_in(tmp_path)] == [4_000]
        away.clear()
        frame = wiki.download(listed(), tmp_path)
        assert list(frame["status"]) == ["resumed"]
        assert Path(frame["path"].iloc[0]).read_bytes() == BYTES
        last = [asked for asked in cloud.asked if asked.path == "/media"][-1]
        assert (last.headers["Range"], last.headers["If-Range"]) == ("bytes=4000-", '"one"')
        assert parts_in(tmp_path) == []


@pytest.mark.parametrize(
    "later",
    [
        lambda asked: piece(asked, etag='"two"'),
        lambda asked: Says(b"", 416, {"Content-Range": "bytes */3"}) if "Range" in asked.headers else piece(asked),
        lambda asked: Says(BYTES[9:], 206, {"Content-Range": f"bytes 9-{len(BYTES) - 1}/{len(BYTES)}"})
        if "Range" in asked.headers
        else piece(asked),
        lambda asked: Says(BYTES[4_000:], 206) if "Range" in asked.headers else piece(asked),
    ],
    ids=["another file", "less than the part", "another piece", "a piece of nobody knows what"],
)  # fmt: skip
def test_a_part_of_another_file_is_begun_anew(later: Script, tmp_path: Path) -> None:
    asked_first: list[Asked] = []

    def answer(asked: Asked) -> Says:
        asked_first.append(asked)
        return piece(asked, until=4_000) if len(asked_first) == 1 else later(asked)

    with strange_cloud(media(answer)) as cloud:
        frame = cloud.open_wiki().download(listed(), tmp_path)
        assert Path(frame["path"].iloc[0]).read_bytes() == BYTES
        assert list(frame["status"]) == ["saved"]


@pytest.mark.parametrize("changes", [{"version_number": 2}, {"title": "other.pdf"}], ids=["version", "name"])
def test_a_part_of_another_version_is_not_gone_on_with(changes: dict[str, Any], tmp_path: Path) -> None:
    short = threading.Event()
    short.set()

    def answer(asked: Asked) -> Says:
        return (piece(asked, until=4_000) if "Range" not in asked.headers else Says(b"", 500)) if short.is_set() else (
            piece(asked)
        )  # fmt: skip

    with strange_cloud(media(answer)) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable):
            wiki.download(listed(), tmp_path)
        short.clear()
        assert list(wiki.download(listed(**changes), tmp_path)["status"]) == ["saved"]
        assert "Range" not in cloud.asked[-1].headers


def test_a_whole_part_needs_no_byte_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with strange_cloud(media(piece)) as cloud:
        wiki = cloud.open_wiki()
        with monkeypatch.context() as patched:
            patched.setattr("confluence_nb.api.download_folder.os.replace", full_disk)
            with pytest.raises(ConfluenceNBError, match="No space left"):
                wiki.download(listed(), tmp_path)
        calls = len(cloud.asked)
        assert list(wiki.download(listed(), tmp_path)["status"]) == ["resumed"]
        assert len(cloud.asked) == calls


@pytest.mark.parametrize("etag", ['W/"weak"', None])
def test_without_a_strong_tag_a_piece_is_not_joined_to_another(etag: str | None, tmp_path: Path) -> None:
    sent: list[Asked] = []

    def answer(asked: Asked) -> Says:
        sent.append(asked)
        said = piece(asked, until=4_000 if len(sent) < 3 else None)
        headers = {name: value for name, value in said.headers.items() if name != "ETag"}
        return Says(said.body, said.status, headers | ({"ETag": etag} if etag else {}))

    with strange_cloud(media(answer)) as cloud:
        frame = cloud.open_wiki().download(listed(), tmp_path)
    assert Path(frame["path"].iloc[0]).read_bytes() == BYTES
    assert len(sent) == 3
    assert not any("Range" in asked.headers for asked in sent)


@pytest.mark.parametrize("size", [len(BYTES), None], ids=["size listed", "size unknown"])
def test_a_short_file_is_never_whole(size: int | None, tmp_path: Path) -> None:
    with strange_cloud(media(lambda asked: piece(asked, until=4_000))) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable, match="the connection broke"):
            wiki.download(listed(file_size=size), tmp_path)
    assert [path.name for path in (tmp_path / "7").iterdir()] == ["att8-plan.pdf.part"]


@pytest.mark.parametrize(
    "said",
    [
        Says(BYTES[:500]), Says(BYTES + b"more"),
        Says(b"<html>login</html>", headers={"Content-Type": "text/html"}),
    ],
    ids=["shorter", "longer", "a page"],
)  # fmt: skip
def test_a_file_of_another_size_than_listed_is_left_out(said: Says, tmp_path: Path) -> None:
    with strange_cloud(media(lambda asked: said)) as cloud, pytest.warns(UserWarning, match="changed since"):
        frame = cloud.open_wiki().download(listed(), tmp_path)
    assert list(frame["status"]) == ["skipped"]
    assert list((tmp_path / "7").glob("*.pdf")) == []


def test_a_file_sent_compressed_is_saved_as_it_was(tmp_path: Path) -> None:
    said = Says(gzip.compress(BYTES), headers={"Content-Encoding": "gzip", "ETag": '"packed"'})
    with strange_cloud(media(lambda asked: said)) as cloud:
        frame = cloud.open_wiki().download(listed(), tmp_path)
    assert Path(frame["path"].iloc[0]).read_bytes() == BYTES


def test_a_body_that_ends_early_without_a_word_is_not_whole(tmp_path: Path) -> None:
    said = Says(gzip.compress(BYTES[:500]), headers={"Content-Encoding": "gzip"})
    with strange_cloud(media(lambda asked: said)) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable, match="ended too early"):
            wiki.download(listed(), tmp_path)
    assert [path.suffix for path in (tmp_path / "7").iterdir()] == [".part"]


def test_a_new_version_is_fetched_though_its_size_is_the_same(tmp_path: Path) -> None:
    with strange_cloud(media(piece)) as cloud:
        wiki = cloud.open_wiki()
        for version, status in (
            (1, "saved"),
            (1, "unchanged"),
            (2, "saved"),
            (2, "unchanged"),
            (None, "saved"),
        ):
            frame = wiki.download(listed(version_number=version), tmp_path)
            assert list(frame["status"]) == [status]
        assert [asked["version"] for asked in cloud.wiki_calls] == ["1", "2", None]


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    with strange_cloud(media(lambda asked: Says(b"", headers={"ETag": '"e"'}))) as cloud:
        wiki = cloud.open_wiki()
        for status in ("saved", "unchanged"):
            frame = wiki.download(listed(file_size=0), tmp_path)
            assert list(frame["status"]) == [status]
        assert Path(frame["path"].iloc[0]).read_bytes() == b""


def test_an_address_that_ran_out_is_asked_for_anew(tmp_path: Path) -> None:
    refused: list[Asked] = []

    def answer(asked: Asked) -> Says:
        if not refused:
            refused.append(asked)
            return Says({"error": "expired"}, 403)
        return piece(asked)

    with strange_cloud(media(answer)) as cloud:
        assert list(cloud.open_wiki().download(listed(), tmp_path)["status"]) == ["saved"]
        assert len([asked for asked in cloud.wiki_calls if asked.path.endswith(ROUTE)]) == 2


def test_a_long_pause_is_said_not_slept(tmp_path: Path) -> None:
    with strange_cloud(media(lambda asked: Says(b"", 429, {"Retry-After": "1800"}))) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(RateLimited, match=r"until \d\d:\d\d UTC"):
            wiki.download(listed(), tmp_path)


# ----------------------------------------------------------------- what leaves for where


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_token_and_no_cookie_leave_for_another_host(status: int, tmp_path: Path) -> None:
    with strange_cloud(lambda asked: piece(asked)) as host:

        def script(asked: Asked) -> Says:
            headers = {"Location": f"{host.url}/file?token=t", "Set-Cookie": "session=secret; Path=/"}
            return Says(b"", status, headers)

        with strange_cloud(script) as cloud:
            wiki = cloud.open_wiki()
            for folder in ("one", "two"):
                wiki.download(listed(), tmp_path / folder)
            assert all(
                asked.headers["Authorization"] == "Bearer strange-access" for asked in cloud.wiki_calls
            )
        assert len(host.asked) == 2
        for asked in host.asked:
            told = {name.lower() for name in asked.headers}
            assert told <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
            assert "strange" not in str(asked.headers).replace("strange-", "")


def test_a_host_that_sends_us_on_is_told_no_more(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Says:
        return piece(asked) if asked["hop"] else Says(b"", 302, {"Location": "?hop=2", "Set-Cookie": "a=b"})

    with strange_cloud(media(answer)) as cloud:
        assert list(cloud.open_wiki().download(listed(), tmp_path)["status"]) == ["saved"]
        assert not any(
            {"Authorization", "Cookie"} & set(asked.headers)
            for asked in cloud.asked
            if asked.path == "/media"
        )


@pytest.mark.parametrize(
    "lead",
    [
        "http://files.example/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://u:p@127.0.0.1/x", "https://",
        "http://169.254.169.254/latest", "http://[::1", "\\\\127.0.0.1\\x\x7f",
    ],
)  # fmt: skip
def test_an_address_that_others_could_read_is_not_followed(lead: str, tmp_path: Path) -> None:
    with strange_cloud(lambda asked: Says(b"", 302, {"Location": lead})) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable, match=r"not followed|the connection broke"):
            wiki.download(listed(), tmp_path)
    assert parts_in(tmp_path) == []


def test_a_circle_of_hosts_ends(tmp_path: Path) -> None:
    with strange_cloud(media(lambda asked: Says(b"", 302, {"Location": "/media"}))) as cloud:
        with pytest.warns(UserWarning, match="without end"):
            cloud.open_wiki().download(listed(), tmp_path)
        assert len(cloud.asked) < 15


def test_no_log_holds_an_address_with_a_ticket(tmp_path: Path) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    loggers = [logging.getLogger(name) for name in ("", "httpx", "httpcore", "asyncio", "confluence_nb")]
    levels = [logger.level for logger in loggers]
    logging.getLogger().addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        with strange_cloud(
            lambda asked: Says({}) if "spaces" in asked.path else media(piece)(asked)
        ) as cloud:
            wiki = cloud.open_wiki()
            wiki.download(listed(), tmp_path)
            wiki.get("/spaces")
    finally:
        logging.getLogger().removeHandler(handler)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
    assert "ticket" not in stream.getvalue()
    assert "/wiki/api/v2/spaces" in stream.getvalue(), "other requests are logged as ever"


# ------------------------------------------------------------------------- at once


@pytest.fixture
def held() -> Iterator[tuple[StrangeCloud, threading.Event, threading.Event]]:
    """A cloud that sends 4,000 bytes and holds the rest back until it is let go."""
    reached, released = threading.Event(), threading.Event()

    def answer(asked: Asked) -> Says:
        if "Range" not in asked.headers:
            return piece(asked, until=4_000)
        reached.set()
        released.wait(10)
        return piece(asked)

    with strange_cloud(media(answer)) as cloud:
        yield cloud, reached, released
        released.set()


def test_two_at_once_do_not_mix_their_bytes(
    held: tuple[StrangeCloud, threading.Event, threading.Event],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("confluence_nb.api.download_folder.LOCK_PATIENCE", 0.05)
    cloud, reached, released = held
    wiki = cloud.open_wiki()
    frames: list[pd.DataFrame] = []
    first = threading.Thread(target=lambda: frames.append(wiki.download(listed(), tmp_path)))
    first.start()
    assert reached.wait(10)
    with pytest.raises(ConfluenceNBError, match="other download"):
        wiki.download(listed(), tmp_path)
    released.set()
    first.join(10)
    assert Path(frames[0]["path"].iloc[0]).read_bytes() == BYTES


def test_an_interrupt_leaves_a_part_to_go_on_with(
    held: tuple[StrangeCloud, threading.Event, threading.Event], tmp_path: Path
) -> None:
    cloud, reached, released = held
    wiki = cloud.open_wiki()
    main = threading.main_thread().ident
    assert main == threading.get_ident()

    def interrupt() -> None:
        reached.wait(10)
        signal.pthread_kill(main, signal.SIGINT)

    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            wiki.download(listed(), tmp_path)
    finally:
        signal.signal(signal.SIGINT, usual)
    released.set()
    frame = wiki.download(listed(), tmp_path)
    assert list(frame["status"]) == ["resumed"]
    assert Path(frame["path"].iloc[0]).read_bytes() == BYTES
