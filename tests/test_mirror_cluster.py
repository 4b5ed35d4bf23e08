"""A cluster gives what one process gives, whatever becomes of its workers; results land whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import open_wiki
from mirror_by_hand import sync_by_hand

from confluence_nb import ConfluenceNBError, Mirror, content
from confluence_nb.mirror import dask_frames
from confluence_nb.sandbox import Sandbox

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def pages() -> Iterator[pd.DataFrame]:
    with Sandbox(pages=120, spaces=3) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url))
        yield wiki.use("acme").pages(body="storage")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two workers, each a process of its own."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as opened,
    ):
        yield opened


@pytest.fixture
def mirror(pages: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    """120 pages in eight files, each a partition of its own."""
    monkeypatch.setattr(dask_frames, "ROWS_PER_PARTITION", 15)
    sync_by_hand(tmp_path / "wiki", {"pages": pages}, files=8)
    return Mirror(tmp_path / "wiki")


def by_id(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns[:1]), kind="stable").reset_index(drop=True)


def test_a_dask_frame_has_the_rows_and_dtypes_of_the_version(mirror: Mirror, pages: pd.DataFrame) -> None:
    path = Path(mirror.pages().attrs["path"])
    sync_by_hand(path, {"pages": pages.iloc[:10]})
    frame = mirror.dask("pages", version=1)
    assert frame.npartitions == 8
    assert frame.dtypes.astype(str).to_dict() == pages.dtypes.astype(str).to_dict()
    computed = frame.compute(scheduler="sync")
    pd.testing.assert_frame_equal(by_id(computed), by_id(pages), check_categorical=False)
    assert len(mirror.dask("pages").compute(scheduler="sync")) == 10


def test_only_the_columns_that_are_needed_are_read(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    read = dask_frames.Partitions.read

    def noted(self: Any, files: Any, columns: Any = None) -> pd.DataFrame:
        asked.append(columns)
        return read(self, files, columns)

    monkeypatch.setattr(dask_frames.Partitions, "read", noted)
    mirror.dask("pages")["title"].str.len().sum().compute(scheduler="sync")
    assert asked == [["title"]] * 8


def test_lists_stay_lists(tmp_path: Path) -> None:
    groups = pd.DataFrame(
        {"name": pd.array(["a", "b"], "string"), "tags": pd.Series([["x"], None], dtype=object)}
    )
    sync_by_hand(tmp_path, {"groups": groups})
    assert Mirror(tmp_path).dask("groups").compute(scheduler="sync")["tags"].tolist() == [["x"], None]


def test_a_table_without_rows_is_a_frame_too(pages: pd.DataFrame, tmp_path: Path, client: Any) -> None:
    sync_by_hand(tmp_path, {"pages": pages.iloc[:0]})
    mirror = Mirror(tmp_path)
    assert len(mirror.dask("pages").compute(scheduler="sync")) == 0
    texts = mirror.map(content.to_text, "body", client=client)
    assert texts.compute(scheduler="sync").dtypes.astype(str).to_dict() == {"id": "string", "text": "string"}


def test_texts_of_a_cluster_are_those_of_one_process(
    mirror: Mirror, pages: pd.DataFrame, client: Any
) -> None:
    texts = mirror.map(content.to_text, "body", client=client).compute(scheduler="sync")
    alone = pd.DataFrame({"id": pages["id"], "text": content.to_text(pages["body"])})
    pd.testing.assert_frame_equal(by_id(texts), by_id(alone))
    pd.testing.assert_frame_equal(by_id(mirror.table("pages_text")), by_id(alone))


@pytest.mark.parametrize("function", [content.links, content.macros, content.headings, content.tasks])
def test_parts_of_pages_too(mirror: Mirror, pages: pd.DataFrame, client: Any, function: Any) -> None:
    found = mirror.map(function, "body", client=client).compute(scheduler="sync")
    alone = function(pages.set_index("id")["body"]).rename(columns={"row": "page_id"})
    for name in alone.select_dtypes("datetime"):
        alone[name] = alone[name].dt.tz_localize("UTC")
    assert len(alone) > 0
    pd.testing.assert_frame_equal(by_id(found), by_id(alone))


def test_tables_are_kept_as_json(mirror: Mirror, pages: pd.DataFrame, client: Any) -> None:
    found = by_id(mirror.map(content.tables, "body", client=client).compute(scheduler="sync"))
    alone = by_id(content.tables(pages))
    assert found["number"].tolist() == alone["number"].tolist()
    for kept, table in zip(found["table"], alone["table"], strict=True):
        said = json.loads(kept)
        assert said["columns"] == list(table.columns)
        assert len(said["data"]) == len(table)


def test_a_part_that_says_less_of_its_types_is_brought_in_line(mirror: Mirror, client: Any) -> None:
    """One file's results are whole numbers, another's fractions, texts or nothing."""

    def mixed(bodies: pd.Series[Any]) -> pd.DataFrame:
        odd = int(bodies.index[0]) % 3
        number = [[1], [0.5], [None]][odd] * len(bodies)
        anything = [["a"], [[1, 2]], [None]][odd] * len(bodies)
        return pd.DataFrame({"number": number, "anything": anything, "nothing": None}, index=bodies.index)

    found = mirror.map(mixed, "body", name="pages_mixed", client=client).compute(scheduler="sync")
    assert found.dtypes.astype(str).to_dict() == {
        "page_id": "string",
        "number": "Float64",
        "anything": "string",
        "nothing": "string",
    }
    for row in found.itertuples():
        assert len(found) == 120
        assert row.nothing is pd.NA
    assert set(found["anything"].dropna()) <= {"a", "[1, 2]"}


def test_results_join_in_sql_and_run_anew_they_are_replaced(mirror: Mirror, client: Any) -> None:
    for _ in range(2):
        mirror.map(pd_length, "body", name="pages_length", client=client)
        found = mirror.sql(
            "select count(*) as n, max(p_length.length) as longest from pages join pages_length as p_length using (id)"
        )
        assert found["n"].tolist() == [120]
    assert mirror.table("pages_length").attrs["version"] == 1


def pd_length(bodies: pd.Series[Any]) -> pd.Series[Any]:
    return bodies.str.len()


def test_results_belong_to_the_version_that_they_were_made_of(
    mirror: Mirror, pages: pd.DataFrame, client: Any
) -> None:
    mirror.map(pd_length, "body", name="pages_length", client=client)
    path = mirror.pages().attrs["path"]
    sync_by_hand(path, {"pages": pages.iloc[:30]})
    assert len(mirror.table("pages_length")) == 120
    assert mirror.table("pages_length").attrs["version"] == 1
    with pytest.raises(ConfluenceNBError, match="no table 'pages_length'"):
        mirror.table("pages_length", version=2)
    mirror.map(pd_length, "body", name="pages_length", client=client)
    assert [len(mirror.table("pages_length", version=number)) for number in (1, 2)] == [120, 30]


def test_what_cannot_be_read_is_told_once(tmp_path: Path, pages: pd.DataFrame, client: Any) -> None:
    broken = pages.assign(body=pages["body"].where(pages.index % 40 != 0, '{"type": '))
    sync_by_hand(tmp_path, {"pages": broken}, files=3)
    with pytest.warns(UserWarning, match="3 of the pages cannot be read") as caught:
        texts = Mirror(tmp_path).map(content.to_text, "body", client=client)
    assert len(caught) == 1
    assert texts["text"].isna().sum().compute(scheduler="sync") == 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"column": "bodies"}, "no column 'bodies'. It has id"),
        ({"table": "tasks"}, "no table 'tasks'"),
        ({"name": "links"}, "is a table that wiki.sync"),
        ({"name": "../x"}, "is no name"),
        ({"function": lambda bodies: bodies}, "has no name to call a table by"),
        ({"function": lambda bodies: bodies.head(1), "name": "x"}, "does not belong to the rows"),
        ({"function": lambda bodies: 1 / 0, "name": "x"}, "failed, and nothing was kept: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_right_leaves_no_table(
    mirror: Mirror, client: Any, given: dict[str, Any], words: str
) -> None:
    asked: dict[str, Any] = {"function": content.to_text, "column": "body"} | given
    with pytest.raises(ConfluenceNBError) as caught:
        mirror.map(asked.pop("function"), asked.pop("column"), client=client, **asked)
    assert words in str(caught.value)
    with pytest.raises(ConfluenceNBError, match="no table 'x'"):
        mirror.table("x")


@pytest.mark.parametrize("given", [{"function": "to_text"}, {"client": "tcp://127.0.0.1:8786"}])
def test_a_wrong_kind_is_a_type_error(mirror: Mirror, given: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        mirror.map(**({"function": content.to_text, "column": "body"} | given))


def test_the_active_cluster_is_taken_and_else_one_of_its_own(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Any] = []
    cluster = distributed.LocalCluster

    def noted(**how: Any) -> Any:
        begun.append(how)
        return cluster(**how | {"n_workers": 1, "processes": False})

    monkeypatch.setattr(distributed, "LocalCluster", noted)
    mirror.map(pd_length, "body", name="own")
    assert len(begun) == 1
    with (
        cluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0") as active,
        distributed.Client(active),
    ):
        mirror.map(pd_length, "body", name="active")
    assert len(begun) == 1
    assert len(mirror.table("own")) == len(mirror.table("active")) == 120


def test_a_cluster_of_its_own_runs_nothing_for_other_users(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reaches the port of a scheduler without certificates runs code in the name of who began it."""
    cluster, reached = distributed.LocalCluster, []

    def looked_at(**how: Any) -> Any:
        begun = cluster(**how | {"n_workers": 1, "silence_logs": 50})
        place = begun.scheduler_address.rpartition("/")[2]
        for address in (f"tcp://{place}", f"tls://{place}"):
            with suppress(OSError, TypeError):
                distributed.Client(address, timeout=5, set_as_default=False).close()
                reached.append(address)
        return begun

    monkeypatch.setattr(distributed, "LocalCluster", looked_at)
    mirror.map(pd_length, "body", name="own")
    assert len(mirror.table("own")) == 120
    assert reached == []


def test_a_script_without_its_guard_is_told(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> Any:
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr(distributed, "LocalCluster", broken)
    with pytest.raises(ConfluenceNBError, match="if __name__ == '__main__'"):
        mirror.map(pd_length, "body", name="x")


@pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal")
def test_a_worker_killed_in_the_middle_changes_nothing(
    mirror: Mirror, pages: pd.DataFrame, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    begun.mkdir()

    def slowly(bodies: pd.Series[Any]) -> pd.Series[Any]:
        """The first worker that comes here names itself, and waits to be killed."""
        try:
            (begun / "pid").touch(exist_ok=False)
        except FileExistsError:
            return content.to_text(bodies)
        (begun / "pid").write_text(str(os.getpid()))
        while True:
            time.sleep(0.05)

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        killer = subprocess.Popen(
            [sys.executable, "-c", KILLER, str(begun / "pid"), str(int(signal.SIGKILL))]
        )
        try:
            mirror.map(slowly, "body", name="pages_text", client=client)
        finally:
            assert killer.wait(60) == 0
    alone = pd.DataFrame({"id": pages["id"], "text": content.to_text(pages["body"])})
    pd.testing.assert_frame_equal(by_id(mirror.table("pages_text")), by_id(alone))


KILLER = """
import os, sys, time
from contextlib import suppress
from pathlib import Path
deadline = time.monotonic() + 50
while time.monotonic() < deadline:
    try:
        os.kill(int(Path(sys.argv[1]).read_text()), int(sys.argv[2]))
        sys.exit(0)
    except (FileNotFoundError, ValueError):
        time.sleep(0.02)
sys.exit("no worker came")
"""
