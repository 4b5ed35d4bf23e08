"""What a sync refuses or cannot do, and how that is said: a sentence, a class of error, an exit code."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import open_wiki

from confluence_nb import ConfluenceNBError, ConfluenceNBWarning, RateLimited, SyncUnderWay, Wiki
from confluence_nb.cli.answers import Exit, exit_of
from confluence_nb.mirror import lists
from confluence_nb.mirror import sync as sync_module
from confluence_nb.mirror.lease import Lease, own_hold
from confluence_nb.mirror.mirror import open_mirror
from confluence_nb.mirror.source import Strand
from confluence_nb.mirror.store import Store
from confluence_nb.sandbox import Sandbox
from confluence_nb.wiki import mirroring
from confluence_nb.wiki.mirroring import WikiSource


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(pages=60, spaces=3, body_bytes=200, hourly_points=10**9) as running:
        yield running


def test_a_sync_beside_another_is_an_error_of_its_own_and_tells_a_timer_to_try_later(
    wiki: Wiki, tmp_path: Path
) -> None:
    wiki.sync(tmp_path / "wiki", collections=["spaces"])
    hold = own_hold("acme.atlassian.net", wiki.status().account or "", None, ("spaces",))
    with Lease(Store(tmp_path / "wiki"), hold).held():
        with pytest.raises(SyncUnderWay, match=f"process {os.getpid()} on ") as refused:
            wiki.sync(tmp_path / "wiki")
        assert exit_of(refused.value) is Exit.TRY_LATER
    wiki.sync(tmp_path / "wiki")


def test_a_sync_at_the_limit_says_how_a_sync_goes_on(
    wiki: Wiki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reset_at = datetime(2026, 5, 4, 13, 0, tzinfo=UTC)

    def at_the_limit(self: WikiSource, name: str, *_: Any) -> Any:
        raise RateLimited("wiki.resume() continues", reset_at=reset_at, path="/spaces")

    monkeypatch.setattr(WikiSource, "whole", at_the_limit)
    with pytest.raises(
        RateLimited, match=r"until (\S+ )?13:00 UTC\. What was read stays.* sync again"
    ) as limited:
        wiki.sync(tmp_path / "wiki")
    assert "resume" not in str(limited.value)
    assert (limited.value.reset_at, limited.value.path) == (reset_at, "/spaces")


def test_a_url_of_a_folder_is_that_folder(wiki: Wiki, tmp_path: Path) -> None:
    folder = tmp_path / "a wiki"
    mirror = wiki.sync(folder.as_uri(), collections=["pages"])
    assert len(open_mirror(folder).pages()) == len(mirror.pages()) == 60
    assert mirror.sql("select count(*) as n from pages")["n"].tolist() == [60]


@pytest.mark.parametrize(
    "path", ["ftp-of-mine://somewhere/wiki", "http://127.0.0.1:1/wiki", "s3://", "hdfs://somewhere/wiki"]
)
def test_a_url_that_is_no_store_is_refused_before_any_request(
    wiki: Wiki, sandbox: Sandbox, path: str
) -> None:
    sandbox.reset_counts()
    with pytest.raises(ConfluenceNBError, match="is no place for a mirror"):
        wiki.sync(path)
    with pytest.raises(ConfluenceNBError, match="is no place for a mirror"):
        open_mirror(path)
    assert sandbox.counts()["requests"] == 0


def test_a_store_that_takes_no_credentials_is_said_in_plain_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ALLOW_HTTP": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfluenceNBError, match="has credentials for it") as refused:
        open_mirror("s3://bucket/wiki")
    assert "\x1b" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_too_large_to_be_listed_is_asked_about_in_turns(
    wiki: Wiki, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki.sync(tmp_path / "wiki", collections=["pages"])
    homes = set(wiki.spaces()["homepage_id"])
    pages = [page for page in wiki.pages(status="current")["id"] if page not in homes]
    spaces = list(wiki.spaces()["id"])
    deleted, moved = set(pages[:6]), pages[6]
    for page in deleted:
        sandbox.delete_page(page)
    sandbox.edit_page(moved, space_id=spaces[-1])
    monkeypatch.setattr(lists, "SHARE", 20)
    monkeypatch.setattr(sync_module, "SHARE", 20)
    monkeypatch.setattr(WikiSource, "points_left", 30)
    sandbox.reset_counts()
    held = [set(wiki.sync(tmp_path / "wiki").pages()["id"]) & deleted for _ in range(4)]
    assert held[-1] == set(), "each has had its turn"
    assert any(0 < len(some) < 6 for some in held), "not all in one"
    asked = [entry["query"] for entry in sandbox.log(200) if entry["path"].endswith("/pages")]
    assert any("id=" in query for query in asked)
    assert not any("sort=id" in query for query in asked)
    mirror = open_mirror(tmp_path / "wiki")
    assert mirror.pages().set_index("id").loc[moved, "space_id"] == spaces[-1]
    assert set(mirror.deletions()["id"]) == deleted
    assert mirror.versions()["ids_listed"].tolist() == [True, False, False, False, False]


def test_deletions_that_cannot_be_looked_for_are_warned_of(
    wiki: Wiki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki.sync(tmp_path / "wiki", collections=["attachments"])
    monkeypatch.setattr(WikiSource, "points_left", 10)
    wiki.sync(tmp_path / "wiki")
    monkeypatch.setattr(sync_module, "LISTED_AT_LEAST", timedelta(0))
    with pytest.warns(
        UserWarning, match=r"attachments stays in the mirror for now: .* and 10 are left"
    ) as told:
        wiki.sync(tmp_path / "wiki")
    ours = [each for each in told if issubclass(each.category, ConfluenceNBWarning)]
    assert [each.filename for each in ours] == [__file__]


@contextmanager
def showing(shown: Callable[[pd.DataFrame], pd.DataFrame]) -> Iterator[None]:
    """A site that shows some of its spaces to this account."""
    read, below = WikiSource.whole, WikiSource.windows

    def whole(self: WikiSource, name: str, *args: Any) -> pd.DataFrame:
        frame = read(self, name, *args)
        return shown(frame) if name == "spaces" else frame

    def windows(self: WikiSource, strands: Sequence[Strand], positions: Any) -> Any:
        # What lies in a space that may not be seen is not told by its id either.
        return below(self, [strand for strand in strands if "id" not in strand.params], positions)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WikiSource, "whole", whole)
        patch.setattr(WikiSource, "windows", windows)
        yield


def test_a_space_that_vanished_is_told_with_where_its_pages_still_are(wiki: Wiki, tmp_path: Path) -> None:
    first = wiki.sync(tmp_path / "wiki", collections=["spaces", "pages"])
    key, space = first.spaces().loc[0, ["key", "id"]]
    with showing(lambda frame: frame[frame["id"] != space]):
        with pytest.warns(UserWarning, match=rf"any more: {key}\. .*mirror\.pages\(version=1\)"):
            mirror = wiki.sync(tmp_path / "wiki")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            wiki.sync(tmp_path / "wiki")  # told once
    gone = first.pages(version=1)
    assert set(mirror.deletions()["id"]) == {space, *gone.loc[gone["space_id"] == space, "id"]}
    assert space not in set(mirror.pages()["space_id"])
    assert set(wiki.sync(tmp_path / "wiki").pages()["id"]) == set(gone["id"]), "seen again, copied again"


@pytest.mark.parametrize("spaces", [None, ["ENG"]])
def test_an_account_that_is_shown_no_space_any_more_empties_no_mirror(
    wiki: Wiki, tmp_path: Path, spaces: list[str] | None
) -> None:
    collections = ["pages"] if spaces else ["spaces", "pages"]
    held = wiki.sync(tmp_path / "wiki", spaces=spaces, collections=collections).pages()
    with (
        showing(lambda frame: frame.iloc[:0]),
        pytest.raises(ConfluenceNBError, match="may still see them; the mirror stays as it is"),
    ):
        wiki.sync(tmp_path / "wiki")
    assert len(open_mirror(tmp_path / "wiki").pages()) == len(held) > 0


def test_a_folder_that_is_no_mirror_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfluenceNBError, match=r"There is no mirror in .*wiki\.sync"):
        open_mirror(tmp_path)


@pytest.mark.parametrize(
    "path", ["notes.txt/wiki", "x" * 300, "~nobody-of-that-name/wiki", "file:///" + "y" * 300]
)
def test_a_path_that_can_be_no_folder_is_refused_in_words(
    wiki: Wiki, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    sandbox.reset_counts()
    with pytest.raises(ConfluenceNBError, match="Choose another path"):
        wiki.sync(path)
    assert sandbox.counts()["requests"] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="No other system has a folder that nobody may write to.")
@pytest.mark.parametrize("name", ["a%20b", "C#", "what?", "[old]", "a\\b", "two\nlines"])
def test_a_path_that_a_table_would_read_as_another_is_refused_in_words(
    wiki: Wiki, tmp_path: Path, name: str
) -> None:
    for call in (wiki.sync, open_mirror):
        with pytest.raises(ConfluenceNBError, match="Choose a path without it"):
            call(tmp_path / name / "wiki")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["100%", "ü – 𝒳", "it's", "{x}", "a=b&c;d", "trailing "])
def test_any_other_name_of_a_folder_will_do(wiki: Wiki, tmp_path: Path, name: str) -> None:
    wiki.sync(tmp_path / name, collections=["spaces"])
    mirror = wiki.sync(f"{tmp_path / name}/")
    assert mirror.sql("select count(*) as n from spaces")["n"].tolist() == [len(mirror.spaces())]


def test_a_folder_that_may_not_be_written_to_is_said_in_words(wiki: Wiki) -> None:
    with pytest.raises(ConfluenceNBError, match="whether this account may write there"):
        wiki.sync("/proc/wiki")


def test_a_file_that_somebody_removed_is_said_in_words(wiki: Wiki, sandbox: Sandbox, tmp_path: Path) -> None:
    page = wiki.sync(tmp_path / "wiki", collections=["pages"]).pages()["id"].iloc[-1]
    sandbox.edit_page(page, title="Another")
    mirror = wiki.sync(tmp_path / "wiki")
    for file in (tmp_path / "wiki" / "pages").glob("*.parquet"):
        file.unlink()
    reads: list[Callable[[], Any]] = [
        mirror.pages,
        mirror.changes,
        lambda: mirror.sql("select id from pages"),
    ]
    with pytest.raises(ConfluenceNBError, match=r"is gone: .* or sync to a new folder\."):
        mirror.pages()
    for read in reads:
        with pytest.raises(ConfluenceNBError, match=r"not found|No such file"):
            read()


def test_frames_of_a_mirror_are_known_for_what_they_are(wiki: Wiki, sandbox: Sandbox, tmp_path: Path) -> None:
    mirror = wiki.sync(tmp_path / "wiki", collections=["spaces", "pages", "labels"])
    before = sandbox.counts()["requests"]
    for frame, what in ((mirror.spaces(), "spaces"), (mirror.labels(), "labels")):
        with pytest.raises(ConfluenceNBError, match=f"is of {what}"):
            wiki.labels(frame)
    assert sandbox.counts()["requests"] == before
    some = wiki.pages().head(3)
    ours = mirror.pages().set_index("id", drop=False).loc[some["id"]]
    assert wiki.likes(ours).attrs["requests"] == wiki.likes(some).attrs["requests"] == 3


def test_a_page_that_left_the_spaces_of_a_mirror_is_found_in_turns_too(
    wiki: Wiki, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spaces = wiki.spaces()
    ids = wiki.sync(tmp_path / "wiki", spaces=spaces["id"].iloc[0], collections=["pages"]).pages()["id"]
    page = next(page for page in ids if page not in set(spaces["homepage_id"]))
    sandbox.edit_page(page, space_id=spaces["id"].iloc[1])
    share = len(ids) // 2 + 1
    monkeypatch.setattr(lists, "SHARE", share)
    monkeypatch.setattr(sync_module, "SHARE", share)
    monkeypatch.setattr(WikiSource, "points_left", share + 1)
    held = [page in set(wiki.sync(tmp_path / "wiki").pages()["id"]) for _ in range(2)]
    assert held[-1] is False
    mirror = open_mirror(tmp_path / "wiki")
    assert set(mirror.pages()["id"]) == set(ids) - {page}
    assert mirror.deletions()["id"].tolist() == [page]


def test_a_list_of_syncs_that_is_damaged_is_said_in_words(wiki: Wiki, tmp_path: Path) -> None:
    mirror = wiki.sync(tmp_path / "wiki", collections=["spaces"])
    for file in (tmp_path / "wiki" / "_syncs").glob("*.parquet"):
        file.write_bytes(file.read_bytes()[:40])
    for call in (mirror.spaces, mirror.versions, lambda: wiki.sync(tmp_path / "wiki")):
        with pytest.raises(ConfluenceNBError, match="cannot be read or written"):
            call()


def test_an_account_is_known_by_its_id_whatever_it_is_called(
    wiki: Wiki, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki.sync(tmp_path / "wiki", collections=["spaces"])
    monkeypatch.setattr(WikiSource, "account", "Ada King")
    assert wiki.sync(tmp_path / "wiki").versions()["account"].tolist() == ["Ada Lovelace", "Ada King"]
    other = open_wiki(sandbox)
    other.sign_in(sandbox.approve(other.consent_url, account="Grace Hopper")).use("acme")
    with pytest.raises(ConfluenceNBError, match="what Ada King sees, and another account is signed in"):
        other.sync(tmp_path / "wiki")


def test_where_no_site_tells_the_id_the_name_counts(
    wiki: Wiki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki.sync(tmp_path / "wiki", collections=["spaces"])
    monkeypatch.setattr(mirroring, "_WHO", "/wiki/rest/api/user/nobody")
    wiki.sync(tmp_path / "wiki")
    monkeypatch.setattr(WikiSource, "account", "Grace Hopper")
    with pytest.raises(ConfluenceNBError, match="Grace Hopper is signed in"):
        wiki.sync(tmp_path / "wiki")


def test_a_lock_that_somebody_removed_takes_nothing_from_the_mirror(wiki: Wiki, tmp_path: Path) -> None:
    space = wiki.spaces().loc[0, "key"]
    whole, part = tmp_path / "whole", tmp_path / "part"
    wiki.sync(whole, collections=["pages"])
    before = len(wiki.sync(part, spaces=space, collections=["pages"]).pages())
    for folder in (whole, part):
        shutil.rmtree(folder / "_lease")
    assert len(wiki.sync(part).pages()) == before < len(wiki.sync(whole).pages())
    with pytest.raises(ConfluenceNBError, match="others are asked for"):
        wiki.sync(part, spaces=list(wiki.spaces()["key"]))
