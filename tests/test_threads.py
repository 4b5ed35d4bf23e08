"""Comments of a whole site: on what page each is, and the answers that the site's lists may lack or show oddly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from strange_cloud import Asked, Says, StrangeCloud, strange_cloud

Rows = list[dict[str, Any]]

PAGES = [str(number) for number in range(1, 41)]
NOT_FOUND = {"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Cannot find a comment with that id."}]}


def comment(own: int, page: int | None = None, answers: int | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": str(own), "status": "current"}
    if page is not None:
        row["pageId"] = str(page)
    if answers is not None:
        row["parentCommentId"] = str(answers)
    return row


def site(
    listed: Rows, children: dict[str, Rows], *, gone: frozenset[str] = frozenset()
) -> Callable[[Asked], Says]:
    """A site with footer comments alone: what its list shows, and what each comment's list of answers shows."""

    def script(asked: Asked) -> Says:
        name = asked.path.partition("/wiki")[2]
        if name == "/rest/api/search":
            return Says({"results": [], "totalSize": len(listed), "_links": {}})
        if name == "/api/v2/content/convert-ids-to-types":
            return Says({"results": dict.fromkeys([*PAGES, "99"], "page")})
        if name == "/api/v2/footer-comments":
            return window(listed, asked)
        if name.endswith("/children") and "footer" in name:
            parent = name.split("/")[-2]
            return Says(NOT_FOUND, 404) if parent in gone else window(children.get(parent, []), asked)
        return Says({"results": [], "_links": {}})

    return script


def window(rows: Rows, asked: Asked, size: int = 10) -> Says:
    start = int(asked["cursor"] or 0)
    more = {"next": f"/wiki/api/v2/x?cursor={start + size}"} if start + size < len(rows) else {}
    return Says({"results": rows[start : start + size], "_links": more})


def on_pages(frame: pd.DataFrame) -> dict[str, str]:
    assert frame["id"].is_unique
    return dict(zip(frame["id"], frame["page_id"], strict=True))


def children_asked(cloud: StrangeCloud) -> int:
    return sum(asked.path.endswith("/children") for asked in cloud.wiki_calls)


def test_a_list_with_answers_is_believed() -> None:
    listed = [comment(100 + page, page) for page in range(1, 31)] + [
        comment(200, 1, 101),
        comment(201, 1, 200),
    ]
    with strange_cloud(site(listed, {})) as cloud:
        frame = cloud.open_wiki().comments(PAGES)
        assert len(frame) == len(listed)
        assert children_asked(cloud) == 0


@pytest.mark.parametrize("given", [PAGES, None], ids=["of pages", "of the site"])
def test_answers_that_the_list_lacks_are_asked_for(given: list[str] | None) -> None:
    listed = [comment(100 + page, page) for page in range(1, 31)]
    children = {str(100 + page): [comment(200 + page, answers=100 + page)] for page in range(1, 31)}
    children["205"] = [comment(300, answers=205), comment(301, answers=205)]
    children["301"] = [comment(400, answers=301)]
    with strange_cloud(site(listed, children)) as cloud:
        frame = cloud.open_wiki().comments(given)
    found = on_pages(frame)
    assert len(found) == 63
    assert {found[own] for own in ("105", "205", "300", "301", "400")} == {"5"}
    assert frame.set_index("id").loc["400", "parent_comment_id"] == "301"
    if given is not None:
        assert list(frame["page_id"]) == sorted(frame["page_id"], key=int)


def test_one_answered_comment_among_few_is_found() -> None:
    listed = [comment(100 + page, page) for page in range(1, 16)]
    with strange_cloud(site(listed, {"107": [comment(200, answers=107)]})) as cloud:
        assert on_pages(cloud.open_wiki().comments(PAGES))["200"] == "7"


def test_a_site_without_any_answer_costs_no_more_than_a_few_questions() -> None:
    listed = [comment(1_000 + number, number % 40 + 1) for number in range(300)]
    with strange_cloud(site(listed, {})) as cloud:
        assert len(cloud.open_wiki().comments()) == 300
        assert 0 < children_asked(cloud) <= 20


def test_a_comment_deleted_between_list_and_question_is_left_out_and_said() -> None:
    listed = [comment(100 + page, page) for page in range(1, 6)]
    with strange_cloud(site(listed, {}, gone=frozenset({"103"}))) as cloud:
        wiki = cloud.open_wiki()
        for given in (PAGES, None):
            with pytest.warns(UserWarning, match="103"):
                frame = wiki.comments(given)
            assert len(frame) == 5
            assert [entry["id"] for entry in frame.attrs["skipped"]] == ["103"]


def test_an_answer_may_come_before_its_comment_and_need_not_say_its_page() -> None:
    late = [comment(302, answers=301), comment(301, answers=120), comment(300, answers=110)]
    listed = late + [comment(100 + page, page) for page in range(1, 31)]
    with strange_cloud(site(listed, {})) as cloud:
        wiki = cloud.open_wiki()
        for given in (PAGES, None):
            found = on_pages(wiki.comments(given))
            assert len(found) == 33
            assert (found["300"], found["301"], found["302"]) == ("10", "20", "20")
        few = on_pages(wiki.comments(["20", *[str(number) for number in range(31, 40)]]))
        assert sorted(few) == ["120", "301", "302"]


def test_an_answer_to_what_is_not_shown_is_said() -> None:
    listed = [*(comment(100 + page, page) for page in range(1, 31)), comment(300, answers=7_777)]
    with strange_cloud(site(listed, {})) as cloud:
        wiki = cloud.open_wiki()
        for given in (PAGES, None):
            with pytest.warns(UserWarning, match="300"):
                frame = wiki.comments(given)
            assert len(frame) == 30
            assert frame.attrs["skipped"][0]["id"] == "300"
            assert "7777" in frame.attrs["skipped"][0]["reason"]
