"""Files and comments too many for an hour's points: each sync goes through a stretch, and finds what is gone of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from strange_cloud import Asked, Says, strange_cloud

from confluence_nb.mirror import sync as sync_module
from confluence_nb.mirror.rounds import Round, Walk
from confluence_nb.mirror.source import Strand, Stretch
from confluence_nb.mirror.store import Store
from confluence_nb.mirror.syncs import Syncs
from confluence_nb.wiki.mirroring import WikiSource

Rows = list[dict[str, Any]]

WINDOW = 4


def space(own: int) -> dict[str, Any]:
    return {"id": str(own), "key": f"S{own}", "name": f"Space {own}"}


def page(own: int, in_space: int = 1) -> dict[str, Any]:
    version = {"number": 1, "createdAt": "2026-01-02T03:04:05.000Z"}
    return {
        "id": str(own),
        "status": "current",
        "title": f"P{own}",
        "spaceId": str(in_space),
        "version": version,
    }


def file(own: int, on: int = 1) -> dict[str, Any]:
    version = {"number": 1, "createdAt": "2026-01-02T03:04:05.000Z"}
    return {"id": f"att{own}", "status": "current", "title": f"F{own}", "pageId": str(on), "version": version}


def comment(own: int, on: int = 1) -> dict[str, Any]:
    version = {"number": 1, "createdAt": "2026-01-02T03:04:05.000Z"}
    return {"id": str(own), "status": "current", "pageId": str(on), "version": version}


def site(lists: dict[str, Rows], asked_for: Counter[str]) -> Callable[[Asked], Says]:
    """Lists by id, whose cursors name the last id, four rows at a time; the latest changes are told in any order."""

    def number(row: dict[str, Any]) -> int:
        return int(str(row["id"]).removeprefix("att"))

    def script(asked: Asked) -> Says:
        name = asked.path.partition("/wiki/api/v2/")[2]
        asked_for[name] += 1
        rows = lists.get(name, [])
        spaces = {one for key, value in asked.query if key == "space-id" for one in value.split(",")}
        rows = [row for row in rows if not spaces or row["spaceId"] in spaces]
        after = [row for row in rows if number(row) > int(asked["cursor"] or -1)]
        shown, more = after[:WINDOW], after[WINDOW:]
        links = {"next": f"/wiki/api/v2/{name}?cursor={number(shown[-1])}"} if more else {}
        return Says({"results": shown, "_links": links})

    return script


@pytest.fixture
def few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour whose points suffice for two windows of a list of forty rows, after the first sync."""
    monkeypatch.setattr(WikiSource, "points_left", 16)
    monkeypatch.setattr(sync_module, "IDS_AT_ONCE", WINDOW)


@pytest.mark.usefixtures("few_points")
def test_files_that_are_gone_are_found_in_turns_and_no_other_is_taken_for_gone(tmp_path: Path) -> None:
    lists = {"spaces": [space(1)], "pages": [page(1)], "attachments": [file(own) for own in range(40)]}
    with strange_cloud(site(lists, Counter())) as cloud:
        wiki = cloud.open_wiki()
        wiki.sync(tmp_path / "wiki", collections=["pages", "attachments"])
        gone = {"att0", "att7", "att8", "att21", "att39"}
        lists["attachments"] = [row for row in lists["attachments"] if row["id"] not in gone]
        lists["attachments"].append(file(50))
        found = []
        for _ in range(6):
            mirror = wiki.sync(tmp_path / "wiki")
            found.append(set(mirror.deletions()["id"]))
            assert found[-1] <= gone
        assert found[0] < gone, "not all in one"
        assert found[-1] == gone
        assert set(mirror.attachments()["id"]) == {row["id"] for row in lists["attachments"]}


@pytest.mark.usefixtures("few_points")
def test_so_are_comments_each_kind_by_its_own_list(tmp_path: Path) -> None:
    footer, inline = [comment(own) for own in range(0, 80, 2)], [comment(own) for own in range(1, 80, 2)]
    lists = {"spaces": [space(1)], "pages": [page(1)], "footer-comments": footer, "inline-comments": inline}
    with strange_cloud(site(lists, Counter())) as cloud:
        wiki = cloud.open_wiki()
        wiki.sync(tmp_path / "wiki", collections=["pages", "comments"])
        gone = {str(footer.pop(30)["id"]), str(footer.pop(3)["id"]), str(inline.pop(20)["id"])}
        for _ in range(12):
            mirror = wiki.sync(tmp_path / "wiki")
            assert set(mirror.deletions()["id"]) <= gone
        assert set(mirror.deletions()["id"]) == gone


@pytest.mark.usefixtures("few_points")
def test_a_list_in_another_order_is_warned_of_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "LISTED_AT_LEAST", timedelta(0))
    rows = [file(own) for own in (*range(1, 9), 30, *range(9, 30))]
    lists = {"spaces": [space(1)], "pages": [page(1)], "attachments": rows}

    def unordered(asked: Asked) -> Says:
        if not asked.path.endswith("/attachments"):
            return site(lists, Counter())(asked)
        start = int(asked["cursor"] or 0)
        more = {"next": f"/wiki/api/v2/attachments?cursor={start + 4}"} if start + 4 < len(rows) else {}
        return Says({"results": rows[start : start + 4], "_links": more})

    with strange_cloud(unordered) as cloud:
        wiki = cloud.open_wiki()
        wiki.sync(tmp_path / "wiki", collections=["pages", "attachments"])
        wiki.sync(tmp_path / "wiki")  # as far as the rows are in order
        with pytest.warns(UserWarning, match="attachments stays in the mirror for now"):
            mirror = wiki.sync(tmp_path / "wiki")
    assert len(mirror.attachments()) == 30
    assert len(mirror.deletions()) == 0


def test_a_mirror_of_one_space_does_not_list_the_whole_site_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    files = [file(own, on=2) for own in range(400)]
    files[10], files[399] = file(10, on=1), file(399, on=1)
    lists = {"spaces": [space(1), space(2)], "pages": [page(1, 1), page(2, 2)], "attachments": files}
    with strange_cloud(site(lists, asked)) as cloud:
        wiki = cloud.open_wiki()
        names = ["pages", "attachments"]
        mirror = wiki.sync(tmp_path / "wiki", spaces="S1", collections=names)
        assert set(mirror.attachments()["id"]) == {"att10", "att399"}
        monkeypatch.setattr(WikiSource, "points_left", 80)  # the mirror has two, the site four hundred
        monkeypatch.setattr(sync_module, "IDS_AT_ONCE", WINDOW)
        files.pop(10)
        asked.clear()
        mirror = wiki.sync(tmp_path / "wiki")
        assert asked["attachments"] <= 10 + 1, "a stretch, and one window of the latest"
        assert set(mirror.attachments()["id"]) == {"att399"}
        assert Syncs(Store(tmp_path / "wiki")).finished()[-1].rounds["attachments"]["/attachments"].last == 40


def stretch(*ids: int, cursor: str | None = None) -> Stretch:
    return Stretch(Strand("/x", "/x", {}), [{"id": str(own)} for own in ids], "", cursor, cursor is None)


def test_a_walk_covers_what_lies_between_its_ends() -> None:
    walk = Walk(Round("a", 10), 4)
    assert not walk.take(stretch(11, 15, cursor="b"))
    assert walk.take(stretch(15, 20, cursor="c"))
    assert [walk.covers(own) for own in ("10", "11", "13", "20", "21", "none", None)] == [
        False, True, True, True, False, False, False,
    ]  # fmt: skip
    assert walk.round == Round("c", 20)
    assert not walk.is_whole
    end = Walk(walk.round, 4)
    end.take(stretch(22))
    assert end.covers("900")
    assert end.round == Round()
    back = Walk(Round("c", 20), 4)
    assert back.take(stretch(1, 2, cursor="d")), "the site has begun at its top again"
    assert not back.covers("30")
    assert back.round == Round()
