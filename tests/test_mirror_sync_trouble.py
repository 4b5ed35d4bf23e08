"""A sync in trouble: two at once, the wrong wiki, no network, no sign-in, no room. What was read stays."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import app_of, open_wiki
from mirrored import assert_mirrors, on_the_site

from confluence_nb import (
    DEFAULT_SCOPES,
    ConfluenceNBError,
    MissingScope,
    SignInRequired,
    SyncUnderWay,
    Unreachable,
    Wiki,
)
from confluence_nb.mirror import batch, lists
from confluence_nb.mirror import lease as lease_module
from confluence_nb.mirror.lease import Hold, Lease, last_hold, own_hold
from confluence_nb.mirror.mirror import open_mirror
from confluence_nb.mirror.run import Run
from confluence_nb.mirror.store import Store
from confluence_nb.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(pages=300, spaces=4, body_bytes=300, hourly_points=10**9) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "wiki"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "FULL_ROWS", 50)


@contextmanager
def after_the_first_pages(act: Callable[[Run], object]) -> Iterator[None]:
    """Do something once, when the first pages have been written."""
    written, done = Run.write, threading.Event()

    def write(self: Run, *args: Any, **named: Any) -> None:
        written(self, *args, **named)
        if "pages" in self.tables and not done.is_set():
            done.set()
            act(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "write", write)
        yield
    assert done.is_set()


def rows_written(folder: Path) -> int:
    return int(Store(folder).table("pages").count())


def test_a_second_sync_at_the_same_time_is_refused(wiki: Wiki, folder: Path) -> None:
    said: list[str] = []

    def begin_another(run: Run) -> None:
        with pytest.raises(ConfluenceNBError) as refused:
            wiki.sync(folder)
        said.append(str(refused.value))

    with after_the_first_pages(begin_another):
        wiki.sync(folder)
    assert "under way" in said[0]
    assert " s. " in said[0]
    hold = last_hold(Store(folder))
    assert hold is not None
    assert not hold.held
    wiki.sync(folder)


@pytest.mark.parametrize(("silent", "is_taken"), [(30, False), (300, True), (-300, True)])
def test_the_hold_of_another_machine_ends_when_it_is_silent(
    wiki: Wiki, folder: Path, monkeypatch: pytest.MonkeyPatch, silent: int, is_taken: bool
) -> None:
    monkeypatch.setattr(lease_module, "BEAT_SECONDS", 0.1)
    wiki.sync(folder, collections=["spaces"])
    now = datetime.now(UTC)
    site, account = "acme.atlassian.net", wiki.status().account or ""
    mine = own_hold(site, account, None, ("spaces",))
    other = replace(
        mine, host="elsewhere", started_at=now - timedelta(hours=3), beat_at=now - timedelta(seconds=silent)
    )
    Lease(Store(folder), other)._take()
    if is_taken:
        assert wiki.sync(folder).versions()["version"].max() == 2
    else:
        with pytest.raises(ConfluenceNBError, match="on elsewhere, since 3 h"):
            wiki.sync(folder)


@pytest.mark.parametrize("apart", [-600, 600])
def test_a_machine_whose_clock_is_minutes_off_is_not_taken_for_dead(
    folder: Path, monkeypatch: pytest.MonkeyPatch, apart: int
) -> None:
    monkeypatch.setattr(lease_module, "BEAT_SECONDS", 0.2)
    store, off = Store(folder), timedelta(seconds=apart)

    class Elsewhere(Lease):
        def _write(self, table: Any, hold: Hold) -> None:
            super()._write(table, replace(hold, started_at=hold.started_at + off, beat_at=hold.beat_at + off))

    other = replace(own_hold("acme", "Ada", None, ()), host="elsewhere")
    with Elsewhere(store, other).held(), pytest.raises(SyncUnderWay, match="on elsewhere"):
        Lease(store, own_hold("acme", "Ada", None, ()))._take()


@pytest.mark.parametrize("ends", [OSError("no space left on device"), KeyboardInterrupt()])
def test_a_sync_that_could_not_let_go_is_no_obstacle_to_the_next_of_its_notebook(
    wiki: Wiki, folder: Path, monkeypatch: pytest.MonkeyPatch, ends: BaseException
) -> None:
    renew = Lease._renew

    def fails_at_the_end(self: Lease, *, held: bool) -> None:
        if not held:
            raise ends
        renew(self, held=held)

    monkeypatch.setattr(Lease, "_renew", fails_at_the_end)
    with suppress(KeyboardInterrupt):
        wiki.sync(folder, collections=["spaces"])
    monkeypatch.undo()
    hold = last_hold(Store(folder))
    assert hold is not None
    assert hold.held
    assert wiki.sync(folder).versions()["version"].max() == 2


def test_who_slept_while_another_took_over_finishes_no_version(
    wiki: Wiki, sandbox: Sandbox, folder: Path
) -> None:
    wiki.sync(folder, collections=["pages"])
    sandbox.edit_page(wiki.pages(limit=1, status="current").loc[0, "id"], title="Edited")

    def taken_over(self: Run) -> None:
        table, other = lease_module._read(self.store)
        assert other is not None
        self.lease._write(table, replace(other, holder="another", host="elsewhere"))

    with after_the_first_pages(taken_over), pytest.raises(ConfluenceNBError, match="taken this mirror over"):
        wiki.sync(folder)
    assert list(open_mirror(folder).versions()["version"]) == [1]


def test_of_several_that_begin_at_once_one_wins(tmp_path: Path) -> None:
    store = Store(tmp_path / "wiki")
    won: list[int] = []
    ready = threading.Barrier(6)

    def take(number: int) -> None:
        hold = own_hold("acme", "Ada", None, ())
        ready.wait()
        try:
            Lease(store, replace(hold, host=f"machine {number}"))._take()
        except ConfluenceNBError:
            return
        won.append(number)

    others = [threading.Thread(target=take, args=(number,)) for number in range(6)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert len(won) == 1
    hold = last_hold(store)
    assert hold is not None
    assert hold.host == f"machine {won[0]}"


def test_whose_hold_was_taken_over_stops_writing(
    wiki: Wiki, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "BEAT_SECONDS", 0.02)

    def lose(run: Run) -> None:
        monkeypatch.setattr(lease_module, "_began", lambda pid: "as if the process were another")
        deadline = time.monotonic() + 60
        while run.lease._lost is None and time.monotonic() < deadline:
            try:
                Lease(run.store, own_hold("acme.atlassian.net", "Ada Lovelace", None, ()))._take()
            except ConfluenceNBError:
                continue  # a beat came between

    with after_the_first_pages(lose), pytest.raises(ConfluenceNBError, match="taken this mirror over"):
        wiki.sync(folder)
    written = rows_written(folder)
    assert 0 < written < 300


def test_another_site_and_another_account_are_refused(wiki: Wiki, sandbox: Sandbox, folder: Path) -> None:
    wiki.sync(folder)
    asked = sandbox.counts()["requests"]
    wiki.use("globex")
    with pytest.raises(ConfluenceNBError, match=r"of acme\.atlassian\.net, and globex\.atlassian\.net"):
        wiki.sync(folder)
    wiki.use("acme")
    other = open_wiki(sandbox)
    other.sign_in(sandbox.approve(other.consent_url, account="Grace Hopper")).use("acme")
    with pytest.raises(ConfluenceNBError, match="Grace Hopper is signed in"):
        other.sync(folder)
    assert sandbox.counts()["routes"]["GET /wiki/api/v2/pages"]["200"] <= asked
    wiki.sync(folder)


def test_two_sites_have_a_mirror_each(wiki: Wiki, tmp_path: Path) -> None:
    first = wiki.sync(tmp_path / "acme")
    wiki.use("globex")
    second = wiki.sync(tmp_path / "globex")
    assert_mirrors(second, on_the_site(wiki))
    assert len(first.pages()) == 300


def test_a_place_that_can_hold_no_mirror_is_refused_before_any_request(
    wiki: Wiki, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "todo.txt").write_text("mine", encoding="utf-8")
    sandbox.reset_counts()
    with pytest.raises(ConfluenceNBError, match="no mirror"):
        wiki.sync(tmp_path / "notes")
    with pytest.raises(ConfluenceNBError, match="is a file"):
        wiki.sync(tmp_path / "notes" / "todo.txt")
    with pytest.raises(ConfluenceNBError, match="path is empty"):
        wiki.sync("  ")
    with pytest.raises(TypeError, match="path is a int"):
        wiki.sync(7)  # type: ignore[arg-type]
    assert sandbox.counts()["requests"] == 0
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["todo.txt"]


@pytest.mark.parametrize("left", ["_lease/_delta_log/_commit_1.json.tmp", "_lease/_delta_log"])
def test_a_kill_before_there_was_anything_is_no_obstacle(wiki: Wiki, folder: Path, left: str) -> None:
    (folder / left).mkdir(parents=True)
    assert len(wiki.sync(folder, collections=["pages"]).pages()) == 300


@pytest.mark.usefixtures("hurried")
def test_what_was_read_before_the_network_went_away_stays(wiki: Wiki, sandbox: Sandbox, folder: Path) -> None:
    with (
        after_the_first_pages(lambda run: sandbox.set(drop_rate=1.0)),
        pytest.raises(Unreachable) as broken_off,
    ):
        wiki.sync(folder)
    assert any("What was read stays" in note for note in broken_off.value.__notes__)
    assert rows_written(folder) > 0
    with pytest.raises(ConfluenceNBError, match=r"wiki\.sync"):
        open_mirror(folder).pages()
    sandbox.set(drop_rate=0.0)
    assert_mirrors(wiki.sync(folder), on_the_site(wiki))


def test_a_sign_in_that_ends_on_the_way_is_said_and_nothing_is_lost(
    wiki: Wiki, sandbox: Sandbox, folder: Path
) -> None:
    with after_the_first_pages(lambda run: sandbox.revoke()), pytest.raises(SignInRequired):
        wiki.sync(folder)
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    assert_mirrors(wiki.sync(folder), on_the_site(wiki))


@pytest.mark.usefixtures("hurried")
def test_expiring_tokens_and_faults_leave_no_trace(wiki: Wiki, sandbox: Sandbox, folder: Path) -> None:
    sandbox.set(error_every=9, drop_every=11, throttle_every=13, retry_after=0.0)
    with after_the_first_pages(lambda run: sandbox.expire_tokens()):
        mirror = wiki.sync(folder)
    sandbox.set(error_every=0, drop_every=0, throttle_every=0)
    assert sandbox.counts()["refreshes"] == 1
    assert_mirrors(mirror, on_the_site(wiki))


def test_a_list_whose_cursor_is_no_longer_taken_begins_anew(
    wiki: Wiki, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with after_the_first_pages(lambda run: sandbox.revoke()), pytest.raises(SignInRequired):
        wiki.sync(folder)
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    kept = lists._positions
    monkeypatch.setattr(lists, "_positions", lambda notes: dict.fromkeys(kept(notes), "b2xk"))
    mirror = wiki.sync(folder)
    assert mirror.pages()["id"].is_unique
    assert_mirrors(mirror, on_the_site(wiki))


def test_no_room_is_said_in_words_and_the_next_sync_goes_on(wiki: Wiki, folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (15_000, hard))
    try:
        with pytest.raises(ConfluenceNBError, match="whether there is room"):
            wiki.sync(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert_mirrors(wiki.sync(folder), on_the_site(wiki))


def test_an_interrupted_sync_lets_go_and_keeps_what_it_has(wiki: Wiki, folder: Path) -> None:
    def press_stop(run: Run) -> None:
        raise KeyboardInterrupt

    with after_the_first_pages(press_stop), pytest.raises(KeyboardInterrupt):
        wiki.sync(folder)
    assert rows_written(folder) > 0
    hold = last_hold(Store(folder))
    assert hold is not None
    assert not hold.held
    assert_mirrors(wiki.sync(folder), on_the_site(wiki))


def test_what_the_sign_in_may_not_read_can_be_left_out(sandbox: Sandbox, folder: Path) -> None:
    wiki = open_wiki(
        sandbox,
        app=app_of(
            sandbox,
            scopes=[scope for scope in DEFAULT_SCOPES if scope not in ("read:comment:confluence", "read:me")],
        ),
    )
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    with pytest.raises(MissingScope, match="read:comment:confluence"):
        wiki.sync(folder)
    mirror = wiki.sync(folder, collections=["pages", "attachments"])
    assert (len(mirror.pages()), len(mirror.attachments())) == (300, len(wiki.attachments()))
    assert set(wiki.sync(folder).versions()["version"]) == {1, 2}
