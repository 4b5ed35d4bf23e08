"""A mirror gives the frames of the live helpers, of any version, and says what it has when asked for something else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import open_wiki
from mirror_by_hand import BEGAN, sync_by_hand

import confluence_nb as cnb
from confluence_nb import ConfluenceNBError, Mirror
from confluence_nb.mirror import syncs
from confluence_nb.mirror.lease import Lease, own_hold
from confluence_nb.mirror.schema import arrow_schema, promised
from confluence_nb.mirror.store import Store
from confluence_nb.mirror.syncs import Syncs
from confluence_nb.sandbox import Sandbox

Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def live() -> Iterator[Frames]:
    """What the helpers give."""
    with Sandbox(pages=60, spaces=3) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url))
        wiki.use("acme")
        pages = wiki.pages(body="storage")
        yield {
            "spaces": wiki.spaces(),
            "pages": pages,
            "blogposts": wiki.blogposts(body="storage"),
            "comments": wiki.comments(body="storage"),
            "attachments": wiki.attachments(),
            "labels": wiki.labels(),
            "users": wiki.users(pages),
        }


@pytest.fixture
def mirror(live: Frames, tmp_path: Path) -> Mirror:
    """Two versions: all frames, then pages of which some were added, changed, moved and deleted."""
    sync_by_hand(tmp_path / "wiki", live, files=3)
    sync_by_hand(tmp_path / "wiki", {"pages": edited(live["pages"])}, files=2)
    return cnb.open_mirror(tmp_path / "wiki")


def edited(pages: pd.DataFrame) -> pd.DataFrame:
    later = pages.copy()
    later.loc[3, ["title", "body"]] = ["Renamed", "<p>new</p>"]
    later.loc[3, "version_number"] = pages.loc[3, "version_number"] + 1
    later.loc[5, "parent_id"] = pages.loc[0, "id"]
    fresh = pages.iloc[[1]].assign(id="99999999", title="Fresh")
    return pd.concat([later.drop(index=7), fresh], ignore_index=True)


def by_id(frame: pd.DataFrame) -> pd.DataFrame:
    key = "account_id" if "account_id" in frame and "id" not in frame else "id"
    order = frame.assign(n=frame[key].str.len()).sort_values(["n", key]).index
    return frame.loc[order].reset_index(drop=True)


@pytest.mark.parametrize(
    "name", ["spaces", "pages", "blogposts", "comments", "attachments", "labels", "users"]
)
def test_a_frame_is_that_of_the_helper(mirror: Mirror, live: Frames, name: str) -> None:
    kept = getattr(mirror, name)(version=1)
    pd.testing.assert_frame_equal(kept, by_id(live[name]))


def test_a_frame_says_where_it_is_from(mirror: Mirror, tmp_path: Path) -> None:
    said = mirror.pages().attrs
    assert said == {
        "site": "acme.atlassian.net",
        "path": str(tmp_path / "wiki"),
        "table": "pages",
        "version": 2,
        "synced_at": "2026-01-04T03:06:05+00:00",
    }
    assert mirror.pages(version=1).attrs["version"] == 1


def test_each_version_stays(mirror: Mirror, live: Frames) -> None:
    assert list(mirror.pages(version=1)["title"]) == list(live["pages"]["title"])
    pd.testing.assert_frame_equal(mirror.pages(version=2), by_id(edited(live["pages"])))
    pd.testing.assert_frame_equal(mirror.pages(), mirror.pages(version=2))
    pd.testing.assert_frame_equal(mirror.spaces(), mirror.spaces(version=1))


def test_versions_are_the_finished_syncs(mirror: Mirror, live: Frames) -> None:
    versions = mirror.versions()
    assert list(versions["version"]) == [1, 2]
    assert list(versions["added"]) == [sum(map(len, live.values())), 60]
    assert versions["started_at"].max() > BEGAN
    empty = mirror.versions().iloc[:0]
    assert list(map(str, versions.dtypes)) == list(map(str, empty.dtypes))
    pd.testing.assert_frame_equal(mirror.pages(np.int64(1)), mirror.pages(1))


def test_a_year_of_syncs_opens_few_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncs, "FILES", 5)
    record = sync_by_hand(tmp_path, {})
    listed = Syncs(Store(tmp_path))
    for number in range(2, 40):
        listed.add(replace(record, number=number, requests=number))
    assert [each.number for each in listed.finished()] == list(range(1, 40))
    assert listed.record(17) == replace(record, number=17, requests=17)
    assert len(Store(tmp_path).table("_syncs").file_uris()) <= 5


def test_what_is_written_meanwhile_is_not_seen(mirror: Mirror, live: Frames, tmp_path: Path) -> None:
    from deltalake import write_deltalake

    store = Store(tmp_path / "wiki")
    before = mirror.pages()
    write_deltalake(store.table("pages"), store.table("pages").to_pyarrow_table(), mode="append")
    pd.testing.assert_frame_equal(mirror.pages(), before)
    assert mirror.sql("select count(*) as n from pages")["n"].tolist() == [60]
    assert len(mirror.changes()) == 4


def test_fields_that_came_later_are_missing_before(live: Frames, tmp_path: Path) -> None:
    sync_by_hand(tmp_path, {"spaces": live["spaces"]})
    more = live["spaces"].assign(mood=pd.array(["calm", None, "busy"], dtype="string"))
    sync_by_hand(tmp_path, {"spaces": more})
    mirror = Mirror(tmp_path)
    assert "mood" not in mirror.spaces(version=1)
    assert mirror.spaces()["mood"].isna().tolist() == by_id(more)["mood"].isna().tolist()
    found = mirror.changes()
    assert found["columns"].tolist() == [["mood"], ["mood"]]


def test_what_is_not_there_is_said_with_what_is(mirror: Mirror, tmp_path: Path) -> None:
    for call, words in {
        lambda: mirror.table("tasks"): "no table 'tasks'. It has attachments, blogposts",
        lambda: mirror.pages(9): "no version 9; there are 1 to 2",
        lambda: mirror.table("_syncs"): "no table '_syncs'",
        lambda: cnb.open_mirror(tmp_path / "none"): "There is no mirror in",
    }.items():
        with pytest.raises(ConfluenceNBError) as caught:
            call()
        assert words in str(caught.value)
    for version in ("2", True, 1.0):
        with pytest.raises(TypeError, match="whole number"):
            mirror.pages(version)  # type: ignore[arg-type]


def test_a_first_sync_under_way_says_how_far_it_is(live: Frames, tmp_path: Path) -> None:
    from deltalake import write_deltalake

    from confluence_nb.mirror.schema import to_arrow

    schema = arrow_schema(promised("pages") or ())
    store = Store(tmp_path)
    Lease(store, own_hold("acme.atlassian.net", "Ada Lovelace", None, ("pages",)))._take()
    store.make("pages", schema)
    write_deltalake(store.table("pages"), to_arrow(live["pages"], schema), mode="append")
    mirror = cnb.open_mirror(tmp_path)
    for call in (mirror.pages, mirror.changes, lambda: mirror.sql("select 1"), lambda: mirror.dask("pages")):
        with pytest.raises(
            ConfluenceNBError, match=r"not finished \(60 pages so far\).*goes on where it stopped"
        ):
            call()
    assert "no sync has finished" in repr(mirror)
    assert "no sync has finished" in mirror._repr_html_()
    assert len(mirror.versions()) == 0


def test_a_mirror_shows_itself(mirror: Mirror) -> None:
    assert repr(mirror).startswith("Mirror of acme.atlassian.net in ")
    assert "version 2, 2026-01-04 03:06 UTC" in repr(mirror)
    assert "60 pages" in repr(mirror)
    assert "<td>pages</td>" in mirror._repr_html_()


def test_names_are_text_in_html(live: Frames, tmp_path: Path) -> None:
    path = tmp_path / "<img src=x>"
    sync_by_hand(path, {"spaces": live["spaces"]})
    shown = Mirror(path)._repr_html_()
    assert "<img" not in shown
    assert "&lt;img" in shown


@pytest.mark.parametrize("path", ["", "  ", 7, None])
def test_a_path_that_is_none_is_refused(path: Any) -> None:
    with pytest.raises((ConfluenceNBError, TypeError), match="path is"):
        cnb.open_mirror(path)


@pytest.mark.parametrize(
    ("lacks", "extra", "call"),
    [
        ("deltalake", "mirror", lambda mirror: Mirror("anywhere")),
        ("duckdb", "mirror", lambda mirror: mirror.sql("select 1")),
        ("dask.dataframe", "cluster", lambda mirror: mirror.dask("pages")),
        ("distributed", "cluster", lambda mirror: mirror.map(len, "body")),
    ],
)
def test_what_is_not_installed_is_named_with_how_to_get_it(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, lacks: str, extra: str, call: Any
) -> None:
    monkeypatch.setitem(sys.modules, lacks, None)
    with pytest.raises(ConfluenceNBError, match=rf'needs {lacks}.*pip install "confluence_nb\[{extra}\]"'):
        call(mirror)
