"""A sync whose requests are sent by a cluster: the same mirror, one renewal for all workers, one count of lanes."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from confluence_nb import Unreachable, Wiki
from confluence_nb.api.lanes import MOST
from confluence_nb.mirror.cluster import Parcel
from confluence_nb.sandbox import Sandbox

distributed = pytest.importorskip("distributed")

TABLES = ["spaces", "pages", "blogposts", "comments", "attachments"]


@pytest.fixture(scope="module")
def workers() -> Iterator[Any]:
    """Four workers, each a process of its own."""
    with (
        distributed.LocalCluster(
            n_workers=4, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as opened,
    ):
        yield opened


def test_the_mirror_is_that_of_one_process(
    wiki: Wiki, sandbox: Sandbox, workers: Any, tmp_path: Path
) -> None:
    alone = wiki.sync(tmp_path / "alone", collections=TABLES)
    sandbox.reset_counts()
    shared = wiki.sync(tmp_path / "shared", collections=TABLES, client=workers)
    for name in TABLES:
        pd.testing.assert_frame_equal(shared.table(name), alone.table(name))
    counted = sandbox.counts()
    assert counted["requests"] == shared.versions()["requests"].iloc[-1] > 0
    assert counted["most_at_once"] <= MOST
    sandbox.edit_page(shared.pages()["id"].iloc[2], body="<p>said anew</p>")
    again = wiki.sync(tmp_path / "shared", client=workers)
    (said,) = again.changes().query("collection == 'pages'")["columns"]
    assert {"version_number", "body"} <= set(said)


def test_the_workers_ask_for_the_lists(
    wiki: Wiki, sandbox: Sandbox, workers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    noted(workers, monkeypatch, asked.append)
    wiki.sync(tmp_path, collections=["pages"], client=workers)
    routes = sandbox.counts()["routes"]
    lists = sum(sum(counted.values()) for route, counted in routes.items() if route.endswith("/pages"))
    assert len(asked) == lists > 0
    assert all(shown.startswith("Parcel(GET /ex/confluence/") for shown in asked)


def noted(workers: Any, monkeypatch: pytest.MonkeyPatch, note: Callable[[str], object]) -> None:
    """Hear of each request before it goes to the cluster."""
    submit = workers.submit

    def submitted(function: Any, parcel: Parcel, **how: Any) -> Any:
        note(repr(parcel))
        return submit(function, parcel, **how)

    monkeypatch.setattr(workers, "submit", submitted)


def test_a_token_that_expires_is_renewed_once_for_all_workers(
    wiki: Wiki, sandbox: Sandbox, workers: Any, tmp_path: Path
) -> None:
    for expiries in range(1, 4):
        sandbox.expire_tokens()
        wiki.sync(tmp_path, collections=TABLES, client=workers)
        assert sandbox.counts()["refreshes"] == expiries


def test_tokens_expire_in_the_middle(
    wiki: Wiki, sandbox: Sandbox, workers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The requests that are under way when it happens are refused together, and go on after one renewal."""
    pages = wiki.pages(body="storage")
    countdown = iter(range(4, -1_000, -1))
    noted(workers, monkeypatch, lambda _: sandbox.expire_tokens() if next(countdown) == 0 else None)
    sandbox.set(latency=0.2)
    sandbox.reset_counts()
    mirror = wiki.sync(tmp_path / "wiki", collections=TABLES, client=workers)
    assert sandbox.counts()["refreshes"] == 1
    pd.testing.assert_frame_equal(mirror.pages(), pages)


@pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal")
def test_a_worker_killed_in_the_middle_changes_nothing(
    wiki: Wiki, sandbox: Sandbox, workers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = wiki.pages(body="storage")
    doomed = next(iter(workers.run(os.getpid).values()))
    countdown = iter(range(5, -1_000, -1))
    noted(workers, monkeypatch, lambda _: os.kill(doomed, signal.SIGKILL) if next(countdown) == 0 else None)
    sandbox.set(latency=0.2)
    mirror = wiki.sync(tmp_path / "wiki", collections=TABLES, client=workers)
    assert next(countdown) < 0
    pd.testing.assert_frame_equal(mirror.pages(), pages)


def test_faults_of_the_server_are_borne(
    wiki: Wiki, sandbox: Sandbox, workers: Any, tmp_path: Path, hurried: None
) -> None:
    sandbox.set(throttle_every=5, drop_every=7, retry_after=0.1, retry_after_form="none")
    mirror = wiki.sync(tmp_path, collections=TABLES, client=workers)
    sandbox.set(throttle_every=0, drop_every=0)
    pd.testing.assert_frame_equal(mirror.pages(), wiki.pages(body="storage"))


def test_a_wiki_that_is_away_is_said_so(
    wiki: Wiki, sandbox: Sandbox, workers: Any, tmp_path: Path, hurried: None
) -> None:
    wiki.sync(tmp_path, collections=["pages"])
    sandbox.close()
    with pytest.raises(Unreachable):
        wiki.sync(tmp_path, client=workers)


def test_no_log_and_no_name_of_a_task_holds_a_token(
    wiki: Wiki, workers: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wiki.sync(tmp_path, collections=["pages"], client=workers)
    stories = str(
        workers.run_on_scheduler(lambda dask_scheduler: [str(each) for each in dask_scheduler.transition_log])
    )
    logs = str(workers.get_worker_logs()) + str(workers.get_scheduler_logs())
    token = wiki._session._keeper.grant.access_token.reveal()  # type: ignore[union-attr]
    for text in (caplog.text, stories, logs):
        assert token not in text
    parcel = Parcel(
        "GET", "https://api.atlassian.com/x?cursor=y", (("Authorization", "Bearer canary"),), b"", False
    )
    assert repr(parcel) == "Parcel(GET /x)"


def test_a_client_that_is_none_is_refused(wiki: Wiki, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"distributed\.Client"):
        wiki.sync(tmp_path, client="tcp://127.0.0.1:8786")
