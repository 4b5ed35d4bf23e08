"""Files of the wiki on the disk: whole, under safe names, and without the token leaving for another host."""

from __future__ import annotations

import gzip
import io
import logging
import os
import signal
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path, PureWindowsPath
from typing import Any

import pandas as pd
import pytest
from conftest import open_wiki
from hypothesis import example, given
from hypothesis import strategies as st
from strange_cloud import Asked, Says, Script, StrangeCloud, strange_cloud

from confluence_nb import Wiki
from confluence_nb.api.download_folder import PartFile
from confluence_nb.api.filenames import MOST_BYTES, place_of, safe_name
from confluence_nb.errors import ConfluenceNBError, NotFound, RateLimited, Unreachable
from confluence_nb.sandbox import Sandbox

MEGABYTE = 2**20
BYTES = bytes(range(256)) * 40
ROUTE = "/wiki/rest/api/content/7/child/attachment/att8/download"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch, hurried: None) -> None:
    monkeypatch.setattr("confluence_nb.api.download.backoff", lambda tried, base: 0.0)


@pytest.fixture
def files(sandbox: Sandbox, wiki: Wiki) -> pd.DataFrame:
    """Twelve attachments, small ones."""
    for attachment in wiki.attachments(limit=12)["id"]:
        sandbox.edit_attachment(attachment, size=70_000)
    return wiki.attachments(limit=12)


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


def same_bytes(sandbox: Sandbox, frame: pd.DataFrame) -> bool:
    return all(Path(row.path).read_bytes() == sandbox.file_bytes(row.id) for row in frame.itertuples())


def parts_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.part"))


# --------------------------------------------------------------------------- names

EVIL = [
    "", ".", "..", "../../etc/passwd", "/etc/passwd", "..\\..\\boot.ini", "C:\\Windows\\x.dll", "C:evil", "\\\\host\\x",
    "CON", "nul.txt", "com1 .tar.gz", "LPT¹", "CONIN$", "a\x00b.txt", "line\nbreak\x1b[2J.txt", "-rf", "--help",
    "~root", ".bashrc", " lead", "trail. . ", "photo\u202egnp.exe", "\u200bzero", "\ufeffbom", "e\u0301", "é",
    "é" * 300 + ".pdf", "x" * 300, "a." + "b" * 300, "?*<>|\"", "\U0001f469\u200d\U0001f4bb.png", "%2e%2e%2f", "a/b",
    "a:b", "x.part",
]  # fmt: skip

titles = st.text(st.characters()) | st.text("./\\:~- conul1.\u202ee\u0301\x00\ud800", max_size=300)


@given(titles, st.integers(8, 200))
def test_a_safe_name_is_safe_everywhere(title: str, most: int) -> None:
    name = safe_name(title, most)
    assert 0 < len(name.encode()) <= most
    assert name == unicodedata.normalize("NFC", name) == safe_name(name, most)
    assert not set(name) & set('/\\:*?"<>|')
    assert all(unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for mark in name)
    assert name[0] not in ".-~ "
    assert name[-1] not in ". "
    assert PureWindowsPath(name).name == name
    assert not PureWindowsPath(name).is_reserved()


@given(titles, titles)
@example("a/b", "a_b")
@example("Plan.pdf", "plan.pdf")
@example("e\u0301", "é")
def test_two_files_of_a_page_are_two_on_any_disk(one: str, other: str) -> None:
    first, second = place_of("7", "att8", one), place_of("7", "att9", other)
    assert str(first).casefold() != str(second).casefold()
    assert first.parts[0] == "7"
    assert len(first.parts) == 2
    assert len(first.name.encode()) <= MOST_BYTES


@pytest.mark.parametrize(
    "title", ["plan.pdf", "фото 1.svg", "2024-05 日本.xlsx", "a.tar.gz", "Q&A (final)'s #2.docx"]
)
def test_a_good_name_stays_as_it_is(title: str) -> None:
    assert place_of("7", "att8", title).name == f"att8-{title}"


def test_the_ending_survives_a_cut() -> None:
    assert safe_name("x" * 400 + ".pdf").endswith("x.pdf")


@pytest.mark.parametrize("odd", ["..", "att/../8", "8/9", "", "att٣", "content:1"])
def test_an_id_that_is_none_is_no_place(odd: str, tmp_path: Path, wiki: Wiki, sandbox: Sandbox) -> None:
    before = sandbox.counts()["requests"]
    for frame in (listed(id=odd), listed(page_id=odd or "x")):
        with pytest.raises(ConfluenceNBError, match="ids are digits"):
            wiki.download(frame, tmp_path)
    assert sandbox.counts()["requests"] == before


def test_no_name_leads_out_of_the_folder(sandbox: Sandbox, wiki: Wiki, tmp_path: Path) -> None:
    ids = list(wiki.attachments(limit=len(EVIL))["id"])
    for attachment, title in zip(ids, EVIL, strict=True):
        sandbox.edit_attachment(attachment, title=title, size=500)
    folder = tmp_path / "deep" / "folder"
    frame = wiki.download(wiki.attachments(limit=len(EVIL)), folder)
    written = {path for path in tmp_path.rglob("*") if path.is_file() and not path.name.startswith(".")}
    assert written == {Path(path) for path in frame["path"]}
    assert all(path.parent.parent == folder for path in written)
    assert len(written) == len(EVIL)
    assert same_bytes(sandbox, frame)


# ----------------------------------------------------------------------- everything


@pytest.mark.slow
def test_a_hundred_files_through_a_bad_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(pages=100, spaces=3, hourly_points=10_000_000) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        for attachment in wiki.attachments(limit=100)["id"]:
            sandbox.edit_attachment(attachment, size=MEGABYTE)
        files = wiki.attachments(limit=100)
        sandbox.set(
            faults_on="all", drop_every=7, drop_at="middle", throttle_every=11, retry_after_form="none"
        )
        finish, finished = PartFile.finish, iter(range(100))

        def finish_and_expire(part: PartFile) -> None:
            finish(part)
            if next(finished) % 30 == 10:
                sandbox.expire_tokens()

        monkeypatch.setattr(PartFile, "finish", finish_and_expire)
        frame = wiki.download(files, tmp_path)
        assert list(frame["status"]) == ["saved"] * 100
        assert list(frame["id"]) == list(files["id"])
        assert same_bytes(sandbox, frame)
        counts = sandbox.counts()
        assert counts["leaked_tokens"] == 0
        assert min(counts["faults"]["drop"], counts["faults"]["throttle"]) > 0
        assert counts["refreshes"] >= 3
        assert parts_in(tmp_path) == []


def test_the_frame_says_where_the_files_are(
    sandbox: Sandbox, wiki: Wiki, files: pd.DataFrame, tmp_path: Path
) -> None:
    frame = wiki.download(files, str(tmp_path))
    assert same_bytes(sandbox, frame)
    assert frame.dtypes.map(str).to_dict() == {
        "id": "string", "page_id": "string", "title": "string", "path": "string", "bytes": "Int64",
        "status": "category", "reason": "string",
    }  # fmt: skip
    assert list(frame["bytes"]) == [70_000] * len(files)
    assert frame["reason"].isna().all()
    attrs = frame.attrs
    assert (attrs["site"], attrs["rows"], attrs["complete"]) == ("acme.atlassian.net", len(files), True)
    assert attrs["requests"] == 2 * len(files)
    assert attrs["skipped"] == []
    nothing = wiki.download(files.head(0), tmp_path)
    assert nothing.dtypes.map(str).to_dict() == frame.dtypes.map(str).to_dict()
    assert nothing.attrs["complete"]


def test_what_is_here_is_not_asked_for_again(
    sandbox: Sandbox, wiki: Wiki, files: pd.DataFrame, tmp_path: Path
) -> None:
    first = wiki.download(files, tmp_path)
    before = sandbox.counts()["requests"]
    again = wiki.download(files, tmp_path)
    assert set(again["status"]) == {"unchanged"}
    assert list(again["path"]) == list(first["path"])
    assert list(again["bytes"]) == list(first["bytes"])
    assert sandbox.counts()["requests"] == before
    Path(first["path"].iloc[0]).write_bytes(b"cut")
    Path(first["path"].iloc[1]).unlink()
    sandbox.edit_attachment(files["id"].iloc[2], size=80_000)
    third = wiki.download(wiki.attachments(limit=len(files)), tmp_path)
    assert list(third["status"]) == ["saved"] * 3 + ["unchanged"] * (len(files) - 3)
    assert same_bytes(sandbox, third)


def test_ids_are_looked_up(sandbox: Sandbox, wiki: Wiki, files: pd.DataFrame, tmp_path: Path) -> None:
    by_frame = wiki.download(files, tmp_path)
    by_ids = wiki.download(files["id"], tmp_path)
    assert set(by_ids["status"]) == {"unchanged"}
    columns = ["id", "page_id", "title", "path", "bytes"]
    pd.testing.assert_frame_equal(by_ids[columns], by_frame[columns])
    one = wiki.download(files["id"].iloc[0], tmp_path / "other")
    assert same_bytes(sandbox, one)


def test_one_that_is_not_there_does_not_end_the_others(
    sandbox: Sandbox, wiki: Wiki, files: pd.DataFrame, tmp_path: Path
) -> None:
    files.loc[1, "id"] = "att999999999"
    with pytest.warns(UserWarning, match="1 of 12 files are left out, first att999999999") as warned:
        frame = wiki.download(files, tmp_path)
    assert len([warning for warning in warned if "left out" in str(warning.message)]) == 1
    assert list(frame["status"]) == ["saved", "skipped"] + ["saved"] * 10
    assert "404" in frame["reason"].iloc[1]
    assert pd.isna(frame["path"].iloc[1])
    assert [skipped["id"] for skipped in frame.attrs["skipped"]] == ["att999999999"]
    assert frame.attrs["complete"]
    assert parts_in(tmp_path) == []
    with pytest.warns(UserWarning, match="left out"):
        assert list(wiki.download(["att999999999"], tmp_path)["status"]) == ["skipped"]
    with pytest.raises(NotFound):
        wiki.download("att999999999", tmp_path)


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
            patched.setattr("confluence_nb.api.download_folder.os.replace", _full_disk)
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
        with pytest.raises(RateLimited, match="30 minutes"):
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


# --------------------------------------------------------------------------- the folder


def test_a_folder_that_cannot_be_written_to_is_said_first(
    sandbox: Sandbox, wiki: Wiki, files: pd.DataFrame, tmp_path: Path
) -> None:
    before = sandbox.counts()["requests"]
    (tmp_path / "file").write_text("x")
    for folder, says in (
        (tmp_path / "file", "is a file"),
        (tmp_path / "file" / "below", "is a file"),
        ("/proc/none", "cannot be written to"),
        ("a\0b", "cannot be written to"),
        ("", "names no folder"),
        (None, "names no folder"),
    ):
        with pytest.raises(ConfluenceNBError, match=says):
            wiki.download(files, folder)  # type: ignore[arg-type]
    for column in ("id", "title", "file_size", "version_number", "page_id"):
        without = files.drop(columns=[column, "blog_post_id", "custom_content_id"])
        with pytest.raises(ConfluenceNBError, match=f"no column '{column}'"):
            wiki.download(without, tmp_path)
    with pytest.raises(ConfluenceNBError, match="no content id"):
        wiki.download(["plan.pdf"], tmp_path)
    assert sandbox.counts()["requests"] == before


def test_links_are_not_written_through(
    sandbox: Sandbox, wiki: Wiki, files: pd.DataFrame, tmp_path: Path
) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    outside.mkdir()
    secret = outside / "secret"
    secret.write_text("untouched")
    first = wiki.download(files, folder)
    final = Path(first["path"].iloc[0])
    final.unlink()
    final.symlink_to(secret)
    Path(f"{final}.part").symlink_to(secret)
    again = wiki.download(files, folder)
    assert again["status"].iloc[0] == "saved"
    assert not final.is_symlink()
    assert same_bytes(sandbox, again)
    assert secret.read_text() == "untouched"
    (tmp_path / "led").mkdir()
    (tmp_path / "led" / files["page_id"].iloc[0]).symlink_to(outside)
    before = sandbox.counts()["requests"]
    with pytest.raises(ConfluenceNBError, match="land elsewhere"):
        wiki.download(files, tmp_path / "led")
    assert sandbox.counts()["requests"] == before
    assert [path.name for path in outside.iterdir()] == ["secret"]
    for note in (".confluence_nb.jsonl", ".confluence_nb.lock"):
        (tmp_path / note.strip(".")).mkdir()
        (tmp_path / note.strip(".") / note).symlink_to(secret)
        with pytest.raises(ConfluenceNBError, match="cannot be written to"):
            wiki.download(files, tmp_path / note.strip("."))
    assert secret.read_text() == "untouched"


def _full_disk(*args: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_keeps_what_is_done(
    sandbox: Sandbox, wiki: Wiki, files: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki.download(files.head(3), tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(PartFile, "finish", _full_disk)
        with pytest.raises(ConfluenceNBError, match=r"No space left on device\. Make room") as caught:
            wiki.download(files, tmp_path)
    assert caught.value.frame is not None
    assert list(caught.value.frame["status"]) == ["unchanged"] * 3
    frame = wiki.download(files, tmp_path)
    assert same_bytes(sandbox, frame)
    assert set(frame["status"]) <= {"unchanged", "resumed", "saved"}


def test_notes_that_are_damaged_cost_a_download_and_nothing_else(
    sandbox: Sandbox, wiki: Wiki, files: pd.DataFrame, tmp_path: Path
) -> None:
    wiki.download(files, tmp_path)
    notes = tmp_path / ".confluence_nb.jsonl"
    notes.write_bytes(notes.read_bytes()[:-30] + b'[1]\n{"file": 3}\n\xff\xfe\n"x"\n')
    frame = wiki.download(files, tmp_path)
    assert list(frame["status"].value_counts()[["unchanged", "saved"]]) == [len(files) - 1, 1]
    assert same_bytes(sandbox, frame)


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


KILLED = """
import sys
from confluence_nb import Cloud, OAuthApp, connect
url, client_id, secret, redirect, store, folder = sys.argv[1:]
wiki = connect("acme", app=OAuthApp(client_id, secret, redirect), store=store, cloud=Cloud(url, url))
files = wiki.attachments(limit=8)
print("begun", flush=True)
wiki.download(files, folder)
"""


def test_a_killed_process_leaves_no_half_file_under_a_name(tmp_path: Path) -> None:
    with Sandbox(pages=60, spaces=3) as sandbox:
        store, folder = tmp_path / "store.json", tmp_path / "files"
        wiki = open_wiki(sandbox, store=str(store))
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        for attachment in wiki.attachments(limit=8)["id"]:
            sandbox.edit_attachment(attachment, size=4 * MEGABYTE)
        app = [sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri]
        child = subprocess.Popen([sys.executable, "-c", KILLED, *app, store, folder], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        _wait_for(lambda: sum(part.stat().st_size for part in parts_in(folder)) > 2 * MEGABYTE)
        child.kill()
        child.communicate()
        parts = {part: part.stat().st_size for part in parts_in(folder)}
        assert parts
        for path in folder.rglob("att*"):
            if path not in parts:
                assert path.stat().st_size == 4 * MEGABYTE
        frame = wiki.download(wiki.attachments(limit=8), folder)
        assert same_bytes(sandbox, frame)
        assert "resumed" in set(frame["status"])


def _wait_for(reached: Callable[[], bool]) -> None:
    deadline = threading.Event()
    for _ in range(2_000):
        try:
            if reached():
                return
        except FileNotFoundError:
            pass  # a part got its name in between
        deadline.wait(0.005)
    raise AssertionError(f"not reached in process {os.getpid()}")
