"""Sites that answer as no specification says: answers that hang nowhere, fields that come later, rows twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from strange_cloud import Asked, Says, strange_cloud

from confluence_nb import ConfluenceNBError
from confluence_nb.mirror.store import Store
from confluence_nb.mirror.syncs import Syncs
from confluence_nb.mirror.table import MirrorTable

Rows = list[dict[str, Any]]

SPACE = {"id": "7", "key": "ENG", "name": "Engineering"}


def page(own: int, version: int = 1, **others: Any) -> dict[str, Any]:
    body = {"storage": {"value": f"<p>{own} in version {version}</p>", "representation": "storage"}}
    said = {"id": str(own), "status": "current", "title": f"Page {own}", "spaceId": "7", "body": body}
    return said | {"version": {"number": version, "createdAt": "2026-01-02T03:04:05.000Z"}} | others


def comment(own: int, on: int | None = None, answers: int | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": str(own), "status": "current", "version": {"number": 1}}
    return row | ({"pageId": str(on)} if on else {}) | ({"parentCommentId": str(answers)} if answers else {})


def site(lists: dict[str, Rows]) -> Callable[[Asked], Says]:
    """A site of one space: what each of its lists shows, whoever asks."""

    def script(asked: Asked) -> Says:
        name = asked.path.partition("/wiki/api/v2/")[2]
        rows = {"spaces": [SPACE], **lists}.get(name, [])
        ids = {value for key, value in asked.query if key == "id"}
        wanted = {one for value in ids for one in value.split(",")}
        rows = [row for row in rows if not wanted or row["id"] in wanted]
        start = int(asked["cursor"] or 0)
        more = {"next": f"/wiki/api/v2/{name}?cursor={start + 3}"} if start + 3 < len(rows) else {}
        return Says({"results": rows[start : start + 3], "_links": more})

    return script


def test_answers_that_say_not_on_what_they_are_are_placed(tmp_path: Path) -> None:
    talk = [comment(12, answers=11), comment(11, answers=10), comment(10, on=1), comment(20, on=2)]
    with strange_cloud(site({"pages": [page(1), page(2)], "footer-comments": talk})) as cloud:
        wiki = cloud.open_wiki()
        for _ in range(2):
            mirror = wiki.sync(tmp_path / "wiki", collections=["pages", "comments"])
            on = mirror.comments().set_index("id")["page_id"].to_dict()
            assert on == {"10": "1", "11": "1", "12": "1", "20": "2"}
        last = Syncs(Store(tmp_path / "wiki")).finished()[-1]
        assert last.counts["comments"] == {"added": 0, "changed": 0, "deleted": 0}


def test_answers_that_the_list_lacks_are_asked_for(tmp_path: Path) -> None:
    lists = {
        "pages": [page(1)],
        "footer-comments": [comment(10, on=1)],
        "footer-comments/10/children": [comment(11, answers=10)],
    }
    with strange_cloud(site(lists)) as cloud:
        wiki = cloud.open_wiki()
        for _ in range(2):
            mirror = wiki.sync(tmp_path / "wiki", collections=["pages", "comments"])
            assert mirror.comments().set_index("id")["page_id"].to_dict() == {"10": "1", "11": "1"}
        assert len(mirror.deletions()) == 0
        assert mirror.versions()[["added", "deleted"]].to_numpy().tolist()[1] == [0, 0]
        lists["footer-comments/10/children"].clear()
        mirror = wiki.sync(tmp_path / "wiki")
        assert mirror.comments()["id"].tolist() == ["10"]
        assert mirror.deletions()["id"].tolist() == ["11"]


def test_a_page_is_found_that_moved_or_was_archived_without_a_new_version(tmp_path: Path) -> None:
    lists = {"pages": [page(1), page(2), page(3), page(4)]}
    with strange_cloud(site(lists)) as cloud:
        wiki = cloud.open_wiki()
        wiki.sync(tmp_path / "wiki", collections=["pages"])
        lists["pages"][:3] = [page(1, spaceId="8"), page(2, parentId="4"), page(3, status="archived")]
        changes = wiki.sync(tmp_path / "wiki").changes().set_index("id")
    assert changes["columns"].to_dict() == {"1": ["space_id"], "2": ["parent_id"], "3": ["status"]}
    assert set(changes["change"]) == {"changed"}


def test_a_row_without_an_id_stops_no_later_sync(tmp_path: Path) -> None:
    lists = {"pages": [page(1), page(2)]}
    nobody = {key: value for key, value in page(3).items() if key != "id"}
    with strange_cloud(site(lists)) as cloud:
        wiki = cloud.open_wiki()
        lists["pages"].append(nobody)
        wiki.sync(tmp_path / "wiki", collections=["pages"])
        lists["pages"][-1:] = [page(4)]
        mirror = wiki.sync(tmp_path / "wiki")
    assert mirror.pages()["id"].tolist() == ["1", "2", "4"]


def test_fields_that_come_later_get_a_column_and_the_old_rows_none(tmp_path: Path) -> None:
    pages = [page(1), page(2)]
    with strange_cloud(site({"pages": pages})) as cloud:
        wiki = cloud.open_wiki()
        wiki.sync(tmp_path / "wiki", collections=["pages"])
        pages[1] = page(2, 2, mood=7, tags=["a", "b"])
        pages.append(page(3, mood="good"))
        mirror = wiki.sync(tmp_path / "wiki", collections=["pages"])
        found = mirror.pages().set_index("id")
        assert found["mood"].astype(object).where(found["mood"].notna(), None).to_dict() == {
            "1": None,
            "2": "7",
            "3": "good",
        }
        assert json.loads(found["tags"]["2"]) == ["a", "b"]
        assert "mood" not in mirror.pages(version=1)


def test_what_is_not_of_the_promised_kind_is_kept_beside_the_others(tmp_path: Path) -> None:
    pages = [page(1), page(2), page(3, createdAt="long ago", position="first")]
    with strange_cloud(site({"pages": pages})) as cloud:
        wiki = cloud.open_wiki()
        wiki.sync(tmp_path / "wiki", collections=["pages"])
        pages[1] = page(2, 2, createdAt="2026-01-02T03:04:05Z", position=5)
        found = wiki.sync(tmp_path / "wiki", collections=["pages"]).pages().set_index("id")
    assert str(found["created_at"].dtype) == "datetime64[us, UTC]"
    assert found["created_at"].notna().tolist() == [False, True, False]
    assert found["position"].dropna().to_dict() == {"2": 5}
    assert found["position_as_sent"].dropna().to_dict() == {"3": "first"}
    assert found["created_at_as_sent"].dropna().to_dict() == {"3": "long ago"}


def test_a_page_that_two_windows_show_is_there_once_as_it_came_last(tmp_path: Path) -> None:
    pages = [page(1), page(2), page(3), page(1, 5), page(4)]
    with strange_cloud(site({"pages": pages})) as cloud:
        mirror = cloud.open_wiki().sync(tmp_path / "wiki", collections=["pages"])
    assert list(mirror.pages()["id"]) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("rows", [0, 1, 700])
def test_a_table_that_grows_by_little_keeps_few_files(tmp_path: Path, rows: int) -> None:
    schema = pa.schema([("id", pa.string()), ("title", pa.string())])

    def opened() -> MirrorTable:
        return MirrorTable(Store(tmp_path), "pages", key=("id",), facts=("title",), schema=schema)

    def some(first: int, last: int, title: str) -> pa.Table:
        ids = [str(number) for number in range(first, last)]
        return pa.table(
            {"id": pa.array(ids, pa.string()), "title": pa.array([title] * len(ids), pa.string())}
        )

    opened().put(some(0, rows, "old"))
    for number in range(20):
        opened().put(some(10_000 + number, 10_001 + number, "new"))
    opened().put(some(10_005, 10_015, "newer"), gone=opened().keys_of(some(0, min(rows, 1), "")))
    held = Store(tmp_path).table("pages")
    titles = held.to_pyarrow_table().to_pandas().set_index("id")["title"]
    assert titles.index.is_unique
    assert len(titles) == max(rows - 1, 0) + 20
    assert (titles[[str(number) for number in range(10_005, 10_015)]] == "newer").all()
    assert len(held.file_uris()) == 1
    again = opened()
    assert again.index.has(again.keys_of(some(10_000, 10_020, ""))).all()
    assert not again.index.differs(
        again.keys_of(some(10_000, 10_005, "new")), again.facts_of(some(10_000, 10_005, "new"))
    ).any()


def test_who_writes_on_what_another_has_written_meanwhile_is_refused(tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.string()), ("title", pa.string())])
    row = pa.table({"id": ["1"], "title": ["once"]}, schema=schema)
    first, second = (
        MirrorTable(Store(tmp_path), "pages", key=("id",), facts=("title",), schema=schema) for _ in range(2)
    )
    first.put(row)
    with pytest.raises(ConfluenceNBError, match="meanwhile"):
        second.put(row)
    assert Store(tmp_path).table("pages").count() == 1
