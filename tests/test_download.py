"""Files of the wiki in a folder: every byte of them, through bad days, kills and damaged folders."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from conftest import open_wiki
from strange_media import parts_in

from confluence_nb import Wiki
from confluence_nb.api.download_folder import PartFile
from confluence_nb.errors import ConfluenceNBError, NotFound
from confluence_nb.sandbox import Sandbox

MEGABYTE = 2**20


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch, hurried: None) -> None:
    monkeypatch.setattr("confluence_nb.api.download.backoff", lambda tried, base: 0.0)


@pytest.fixture
def files(sandbox: Sandbox, wiki: Wiki) -> pd.DataFrame:
    """Twelve attachments, small ones."""
    for attachment in wiki.attachments(limit=12)["id"]:
        sandbox.edit_attachment(attachment, size=70_000)
    return wiki.attachments(limit=12)


def same_bytes(sandbox: Sandbox, frame: pd.DataFrame) -> bool:
    return all(Path(row.path).read_bytes() == sandbox.file_bytes(row.id) for row in frame.itertuples())


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
    with pytest.warns(
        UserWarning, match=r"1 of 12 files are left out, first att999999999 \(.*[^.]\)\. "
    ) as warned:
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
            sandbox.edit_attachment(attachment, size=2 * MEGABYTE)
        app = [sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri]
        child = subprocess.Popen([sys.executable, "-c", KILLED, *app, store, folder], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        _wait_for(lambda: sum(part.stat().st_size for part in parts_in(folder)) > MEGABYTE)
        child.kill()
        child.communicate()
        parts = {part: part.stat().st_size for part in parts_in(folder)}
        assert parts
        for path in folder.rglob("att*"):
            if path not in parts:
                assert path.stat().st_size == 2 * MEGABYTE
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
