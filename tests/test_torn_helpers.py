"""What no specification allows, in the answers that helpers put together: a sentence, or a frame with every row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from strange_cloud import Asked, Says, strange_cloud

from confluence_nb import BadRequest, Unreachable
from confluence_nb.pull.titles import Lineage

ODD: list[Any] = ["", "x", 0, 7, 1.5, True, [], [None], {}, {"a": None}]

NO_LISTS: dict[str, Any] = {
    **{f"restrictions {odd!r}": {"restrictions": odd} for odd in ("x", 7, 1.5, True, [None])},
    **{f"user {odd!r}": {"restrictions": {"user": odd}} for odd in ("x", 7, 1.5, True, [None])},
    **{
        f"results {odd!r}": {"restrictions": {"user": {"results": odd}}}
        for odd in ("x", 7, 1.5, True, {"a": None})
    },
    **{
        f"operation {odd!r}": {"operation": odd, "restrictions": {"user": {"results": [{"accountId": "a"}]}}}
        for odd in (7, True, [None], {"a": None})
    },
}


@pytest.mark.parametrize("row", NO_LISTS.values(), ids=NO_LISTS.keys())
def test_restrictions_of_an_unknown_form_are_not_taken_for_none(row: dict[str, Any]) -> None:
    """That would say that everybody may see the page."""
    with strange_cloud(lambda asked: Says({"results": [{"operation": "read", **row}]})) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable, match="form that is not known"):
            wiki.restrictions("5")


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_whom_a_restriction_names_may_be_anything(odd: Any) -> None:
    named = [{"accountId": odd, "displayName": odd}] * 2
    row = {"operation": "read", "restrictions": {"user": {"results": named}, "group": None}}
    with strange_cloud(lambda asked: Says({"results": [row, {"operation": "update"}]})) as cloud:
        assert len(cloud.open_wiki().restrictions("5")) == 2


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_names_of_people_that_are_none(odd: Any) -> None:
    def script(asked: Asked) -> Says:
        if asked.path.endswith("/users-bulk"):
            people = [{"accountId": odd, "displayName": "y"}, {"accountId": "a", "displayName": odd}]
            return Says({"results": people})
        return Says({"results": [{"id": "1", "authorId": "a", "spaceId": "7"}]})

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().pages(names=True)
    assert list(frame["author_id"]) == ["a"]
    (name,) = frame["author"]
    assert name == "x" if odd == "x" else pd.isna(name)


@pytest.mark.parametrize("odd", [*ODD, None, "1e3", -1, 2**70, float("inf")], ids=repr)
def test_a_size_and_a_version_of_a_file_that_are_none(odd: Any, tmp_path: Path) -> None:
    columns = {"id": "att1", "title": "a.txt", "page_id": "5", "file_size": [odd], "version_number": [odd]}
    files = pd.DataFrame(columns, dtype=object)

    def script(asked: Asked) -> Says:
        if asked.path.endswith("/download"):
            return Says(status=302, headers={"Location": f"{cloud.url}/bytes"})
        return Says(b"a", headers={"Content-Type": "text/plain"})

    with strange_cloud(script) as cloud:
        done = cloud.open_wiki().download(files, tmp_path)
    (path,) = done["path"]
    # Seven bytes are listed and one comes: that file is another one, and left out.
    assert pd.isna(path) if odd in (0, 7) and odd is not False else Path(path).read_bytes() == b"a"


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_kind_of_content_that_is_none(odd: Any) -> None:
    def script(asked: Asked) -> Says:
        if asked.path.endswith("/convert-ids-to-types"):
            return Says({"results": {"1": odd}})
        return Says({"results": []})

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().labels(["1"])
    assert len(frame) == 0
    assert [skipped["id"] for skipped in frame.attrs.get("skipped", ())] in ([], ["1"])


def test_a_mirror_of_spaces_without_ids_is_not_taken_for_whole(tmp_path: Path) -> None:
    spaces = [{"id": "7", "key": "ENG"}, {"key": "OPS"}]
    with strange_cloud(lambda asked: Says({"results": spaces})) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable, match="without an id"):
            wiki.sync(tmp_path / "mirror", collections=["spaces"])


@pytest.mark.parametrize(
    "day", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-13-99", "soon"]
)
def test_a_day_that_no_calendar_has_is_mirrored_all_the_same(day: str, tmp_path: Path) -> None:
    spaces = [{"id": "7", "key": "ENG", "createdAt": day}, {"id": "8", "key": "OPS", "createdAt": "soon"}]
    with strange_cloud(lambda asked: Says({"results": spaces})) as cloud:
        mirror = cloud.open_wiki().sync(tmp_path / "mirror", collections=["spaces"])
    frame = mirror.table("spaces")
    assert list(frame["id"]) == ["7", "8"]
    told = frame.filter(like="created_at").notna().any(axis=1)
    assert list(told) == [True, True], "in a column of its own where it is no time"


@pytest.mark.parametrize("odd", [*ODD, None, 2**70], ids=repr)
def test_a_place_among_the_children_that_is_none(odd: Any) -> None:
    rows = [
        {"id": str(number), "type": "page", "parentId": "1", "depth": 1, "childPosition": position}
        for number, position in ((2, 5), (3, odd), (4, 1))
    ]

    def script(asked: Asked) -> Says:
        if asked.path.endswith("/convert-ids-to-types"):
            return Says({"results": {"1": "page"}})
        return Says({"results": rows if asked.path.endswith("/pages/1/descendants") else []})

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().descendants(["1"])
    assert sorted(frame["id"]) == ["2", "3", "4"]


@pytest.mark.parametrize("sent", ["half \ud83d", {"a": ["\udfff"]}], ids=ascii)
def test_half_a_character_is_not_sent(sent: Any) -> None:
    with strange_cloud(lambda asked: Says({})) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(BadRequest, match="half a character"):
            wiki.request("POST", "/content/convert-ids-to-types", json={"contentIds": sent})
        assert cloud.wiki_calls == []


@pytest.mark.parametrize("kind", ["", "x", "comment", None, 7, []])
def test_a_kind_that_no_tree_has_changes_no_known_one(kind: Any) -> None:
    lineage = Lineage(None, None)  # type: ignore[arg-type]  # nobody is asked
    lineage.learn("1", kind="folder")
    lineage.learn("1", kind=kind)
    assert lineage._kinds["1"] == "folder"
    lineage.learn("1", kind="page")
    assert lineage._kinds["1"] == "page"
