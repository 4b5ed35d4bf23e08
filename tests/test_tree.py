"""The tree around content: nothing lost at any width or depth, in the order of the wiki, with its way from the top."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pandas as pd
import pytest
from conftest import app_of, open_wiki
from strange_cloud import Asked, Says, strange_cloud

from confluence_nb import Wiki
from confluence_nb.api.client import ApiClient
from confluence_nb.errors import ConfluenceNBError, NotFound, Unreachable
from confluence_nb.oauth.app import DEFAULT_SCOPES
from confluence_nb.pull.tree import in_tree_order
from confluence_nb.sandbox import Sandbox


def asked(sandbox: Sandbox) -> int:
    return int(sandbox.counts()["requests"])


@pytest.fixture(scope="module")
def grown() -> Iterator[Sandbox]:
    with Sandbox(pages=240, spaces=2) as running:
        yield running


@pytest.fixture
def forest(grown: Sandbox) -> Wiki:
    """A site whose tree has folders, whiteboards, databases and embeds in it. Nothing writes to it."""
    opened = open_wiki(grown)
    opened.sign_in(grown.approve(opened.consent_url))
    return opened.use("acme")


@pytest.fixture
def pages(forest: Wiki) -> pd.DataFrame:
    return forest.pages()


def branch(sandbox: Sandbox, wiki: Wiki, levels: int) -> list[str]:
    """Pages each under the one before it, from the homepage of a space down."""
    home = wiki.spaces().iloc[0]
    ids = [str(home["homepage_id"])]
    for level in range(1, levels):
        ids.append(sandbox.add_page(home["id"], f"Level {level}", "", parent_id=ids[-1]))
    return ids


def columns_of(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return [(name, str(dtype)) for name, dtype in frame.dtypes.items()]


# ---------------------------------------------------------------------------- children


def test_the_children_of_all_pages_are_the_pages_with_a_parent(forest: Wiki, pages: pd.DataFrame) -> None:
    children = forest.children(pages)
    found = children[children["type"] == "page"].set_index("id")["parent_id"]
    truth = pages[pages["parent_type"] == "page"].set_index("id")["parent_id"]
    assert found.to_dict() == truth.to_dict()
    assert found.index.is_unique
    assert set(children["type"].unique()) == {"page", "folder", "whiteboard", "database", "embed"}


def test_parents_keep_the_order_given_and_children_that_of_the_wiki(
    forest: Wiki, pages: pd.DataFrame
) -> None:
    given = list(pages["id"][::-1])
    children = forest.children(given)
    assert children["page_id"].equals(children["parent_id"].rename("page_id"))
    places = [given.index(parent) for parent in children["page_id"]]
    assert places == sorted(places)
    for _, family in children.groupby("page_id"):
        positions = family["child_position"]
        assert list(positions.sort_values(kind="stable").index) == list(positions.index)
    assert children["child_position"].isna().any()


def test_the_children_of_folders(forest: Wiki, pages: pd.DataFrame) -> None:
    inside = pages[pages["parent_type"].isin(["folder", "whiteboard", "database", "embed"])]
    children = forest.children(inside["parent_id"])
    found = children[children["type"] == "page"]
    assert set(zip(found["page_id"], found["id"], strict=True)) == set(
        zip(inside["parent_id"], inside["id"], strict=True)
    )


def test_each_parent_costs_one_request(forest: Wiki, grown: Sandbox, pages: pd.DataFrame) -> None:
    before = asked(grown)
    children = forest.children(pages)
    spent = asked(grown) - before
    assert children.attrs["requests"] == spent
    containers = pages.loc[pages["parent_type"] != "page", "parent_id"].nunique()
    assert spent <= len(pages) + 2 * containers + len(pages) / 250 + 12


@pytest.mark.parametrize("loses", [False, True], ids=["as promised", "as in CONFCLOUD-84015"])
def test_children_without_positions_are_all_there(loses: bool) -> None:
    with Sandbox(pages=1_000, spaces=1, loses_null_positions=loses) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        pages = wiki.pages()
        top = sandbox.add_page(pages["space_id"].iloc[0], "Top", "")
        without = pages.loc[pages["position"].isna(), "id"]
        # The fault shows where a window ends with a child without position: those come last.
        placed = pages.loc[pages["position"].notna(), "id"].head(749 - len(without) // 2)
        moved = [*placed, *without]
        for page in moved:
            sandbox.edit_page(page, parent_id=top)
        by_position = wiki.table("/pages/{id}/direct-children", id=top, sort="child-position")
        assert (len(by_position) < len(moved)) is loses
        children = wiki.children(top)
        assert set(children["id"]) == set(moved)
        assert len(children) == len(moved) > 750
        assert list(children["child_position"].isna()) == [False] * len(placed) + [True] * len(without)


def test_a_limit_takes_the_first_children_of_the_wiki(forest: Wiki, pages: pd.DataFrame) -> None:
    whole = forest.children(pages)
    for rows in (0, 1, 7):
        some = forest.children(pages, limit=rows)
        pd.testing.assert_frame_equal(some, whole.head(rows), check_column_type=False)


# ------------------------------------------------------------------------- descendants


def test_the_whole_tree_of_a_space_is_that_of_its_pages(forest: Wiki, pages: pd.DataFrame) -> None:
    roots = pages[pages["parent_id"].isna()]
    below = forest.descendants(roots)
    rest = pages[pages["parent_id"].notna()].set_index("id")["parent_id"]
    found = below[below["type"] == "page"].set_index("id")["parent_id"]
    assert found.to_dict() == rest.to_dict()
    assert below["id"].is_unique
    assert below["depth"].max() > 12  # deeper than one list goes
    depths = dict.fromkeys(roots["id"], 0)
    for own, parent, depth in zip(below["id"], below["parent_id"], below["depth"], strict=True):
        depths[own] = depths[parent] + 1  # a parent is there before its children
        assert depth == depths[own]


def test_rows_come_as_one_reads_a_tree(forest: Wiki, pages: pd.DataFrame) -> None:
    roots = list(pages.loc[pages["parent_id"].isna(), "id"])
    below = forest.descendants(roots)
    children = forest.children([*roots, *below["id"]])
    families = {parent: list(rows["id"]) for parent, rows in children.groupby("page_id")}

    def read(root: str) -> Iterator[str]:
        for child in families.get(root, []):
            yield child
            yield from read(child)

    assert list(below["id"]) == [own for root in roots for own in read(root)]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_depth_ends_there(forest: Wiki, pages: pd.DataFrame, depth: int) -> None:
    roots = pages[pages["parent_id"].isna()]
    whole = forest.descendants(roots)
    pd.testing.assert_frame_equal(
        forest.descendants(roots, depth=depth),
        whole[whole["depth"] <= depth].reset_index(drop=True),
    )


@pytest.mark.parametrize("depth", [None, 9, 10, 11, 20, 23, 100])
def test_a_branch_deeper_than_one_list_goes(wiki: Wiki, sandbox: Sandbox, depth: int | None) -> None:
    ids = branch(sandbox, wiki, 25)[1:]
    twig = sandbox.add_page(wiki.spaces()["id"].iloc[0], "Twig", "", parent_id=ids[10])
    sandbox.reset_counts()
    below = wiki.descendants(ids[0], depth=depth)
    lists = [entry for entry in sandbox.log(500) if entry["path"].endswith("/descendants")]
    assert len(lists) == -(-min(depth or 23, 23) // 10)
    assert (twig in set(below["id"])) is (depth is None or depth >= 11)
    branch_alone = below[below["id"] != twig]
    wanted = ids[1 : 24 if depth is None else depth + 1]
    assert list(branch_alone["id"]) == wanted
    assert list(branch_alone["depth"]) == list(range(1, len(wanted) + 1))
    path = " / ".join(f"Level {level}" for level in range(1, len(wanted) + 2))
    assert branch_alone["path"].iloc[-1].endswith(f" Home / {path}")


def test_a_page_below_two_roots_comes_once_for_each(wiki: Wiki, sandbox: Sandbox) -> None:
    ids = branch(sandbox, wiki, 5)[1:]
    below = wiki.descendants(ids[:2])
    assert list(zip(below["page_id"], below["id"], below["depth"], strict=True)) == [
        (ids[0], ids[1], 1), (ids[0], ids[2], 2), (ids[0], ids[3], 3), (ids[1], ids[2], 1), (ids[1], ids[3], 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parents", "positions", "order"),
    [
        pytest.param({"a": "0", "b": "0", "c": "a"}, {"a": 2, "b": 1}, "bac", id="depth first"),
        pytest.param({"a": "0", "b": "0", "c": "0"}, {"c": 5}, "cab", id="no position last"),
        pytest.param({"c": "a", "a": "0"}, {}, "ac", id="children first"),
        pytest.param({"a": "0", "b": "x", "c": "b"}, {}, "abc", id="a parent that is not there"),
        pytest.param({"a": "0", "b": "c", "c": "b"}, {}, "abc", id="round in a circle"),
        pytest.param({"a": "0", "b": "b"}, {}, "ab", id="under itself"),
        pytest.param({"a": "0", "0": "a"}, {}, "a", id="the root below itself"),
        pytest.param({}, {}, "", id="nothing"),
    ],
)
def test_tree_order(parents: dict[str, str], positions: dict[str, int], order: str) -> None:
    ids = list(parents)
    rows = in_tree_order(["0"] * len(ids), ids, list(parents.values()), [positions.get(own) for own in ids])
    assert "".join(ids[row] for row in rows) == order


def test_tree_order_of_a_very_deep_tree() -> None:
    ids = [str(number) for number in range(1, 5_000)]
    parents = [str(number) for number in range(4_999)]
    order = in_tree_order(["0"] * len(ids), ids[::-1], parents[::-1], [None] * len(ids))
    assert order == list(range(len(ids)))[::-1]


# --------------------------------------------------------------------------- ancestors


def truth_of_lines(wiki: Wiki, pages: pd.DataFrame) -> dict[str, list[str]]:
    """The ancestors of every page, read one page at a time."""
    return {
        page: list(wiki.table("/pages/{id}/ancestors", id=page)["id"])
        for page in pages["id"].sample(25, random_state=1)
    }


def test_ancestors_of_many_are_those_that_each_page_says(
    forest: Wiki, grown: Sandbox, pages: pd.DataFrame
) -> None:
    before = asked(grown)
    above = forest.ancestors(pages)
    spent = asked(grown) - before
    assert above.attrs["requests"] == spent
    assert spent < len(pages) / 2
    lines = {page: list(rows["id"]) for page, rows in above.groupby("page_id", sort=False)}
    for page, line in truth_of_lines(forest, pages).items():
        assert lines.get(page, []) == line
    assert list(above["depth"]) == [depth for line in lines.values() for depth in range(1, len(line) + 1)]
    named = pages.set_index("id")["title"]
    on_pages = above[above["type"] == "page"]
    assert list(on_pages["title"]) == list(named[on_pages["id"]])


def test_ancestors_of_few_are_those_of_many(forest: Wiki, pages: pd.DataFrame) -> None:
    whole = forest.ancestors(pages)
    deepest = whole.sort_values("depth")["page_id"].iloc[-1]
    alone = forest.ancestors(deepest)
    assert len(alone) >= 4
    expected = whole[whole["page_id"] == deepest].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, expected)


def test_the_ancestors_of_everything_below_a_page_begin_with_it(forest: Wiki, pages: pd.DataFrame) -> None:
    top = pages.loc[pages["parent_id"].isna(), "id"].iloc[0]
    below = forest.descendants(top)
    above = forest.ancestors(below[["id", "type"]])
    first = above[above["depth"] == 1]
    assert list(first["page_id"]) == list(below["id"])
    assert set(first["id"]) == {top}
    assert list(above.groupby("page_id", sort=False).size()) == list(below["depth"])


def test_a_line_longer_than_one_answer(wiki: Wiki, sandbox: Sandbox) -> None:
    ids = branch(sandbox, wiki, 260)
    above = wiki.ancestors(ids[-1])
    assert list(above["id"]) == ids[:-1]
    assert list(above["depth"]) == list(range(1, 260))
    assert list(above["title"][1:]) == [f"Level {level}" for level in range(1, 259)]
    assert above["path"].iloc[2].endswith(" Home / Level 1 / Level 2")
    many = wiki.ancestors(ids)
    assert list(many.loc[many["page_id"] == ids[-1], "id"]) == ids[:-1]


# -------------------------------------------------------------------------------- paths


def test_a_path_is_the_titles_from_the_top(forest: Wiki, pages: pd.DataFrame) -> None:
    top = pages[pages["parent_id"].isna()].iloc[0]
    below = forest.descendants(top["id"])
    paths = {top["id"]: top["title"]} | dict(zip(below["id"], below["path"], strict=True))
    for own, parent, title in zip(below["id"], below["parent_id"], below["title"], strict=True):
        assert paths[own] == f"{paths[parent]} / {title}"
    children = forest.children([own for own in paths if own in set(pages["id"])])
    assert [paths[own] for own in children["id"]] == list(children["path"])
    above = forest.ancestors(list(below["id"]))
    assert [paths[own] for own in above["id"]] == list(above["path"])


@pytest.mark.parametrize("more", [(), ("read:folder:confluence",)], ids=["default scopes", "with folders"])
def test_a_folder_has_its_title_in_a_path(grown: Sandbox, more: tuple[str, ...]) -> None:
    wiki = open_wiki(grown, app=app_of(grown, scopes=[*DEFAULT_SCOPES, *more]))
    wiki.sign_in(grown.approve(wiki.consent_url)).use("acme")
    pages = wiki.pages()
    inside = pages[pages["parent_type"] == "folder"]
    above = wiki.ancestors(inside)
    folders = above[above["type"] == "folder"]
    assert set(inside["parent_id"]) <= set(folders["id"])
    assert folders["title"].str.contains("folder").all()
    assert not above["path"].str.contains("(not visible)", regex=False).any()
    if more:
        read = wiki.get(f"/folders/{folders['id'].iloc[0]}")
        assert folders["title"].iloc[0] == read["title"]


# ----------------------------------------------------------- what is given, what is left out


def helpers() -> list[Any]:
    return [
        pytest.param(lambda wiki, given, **more: wiki.children(given, **more), id="children"),
        pytest.param(lambda wiki, given, **more: wiki.descendants(given, **more), id="descendants"),
        pytest.param(lambda wiki, given, **more: wiki.ancestors(given, **more), id="ancestors"),
    ]


Helper = Callable[..., pd.DataFrame]


@pytest.mark.parametrize("ask", helpers())
def test_the_same_columns_for_no_row_as_for_many(forest: Wiki, pages: pd.DataFrame, ask: Helper) -> None:
    many, none = ask(forest, pages), ask(forest, pages, limit=0)
    nothing = ask(forest, pd.DataFrame({"id": []}))
    assert len(many) > 0
    assert len(none) == len(nothing) == 0
    assert columns_of(many) == columns_of(none) == columns_of(nothing)
    assert {dtype for _, dtype in columns_of(many)} <= {"string", "category", "Int64"}
    assert many["path"].notna().all()


@pytest.mark.parametrize("ask", helpers())
def test_blog_posts_and_what_is_not_there_are_left_out(
    forest: Wiki, pages: pd.DataFrame, ask: Helper
) -> None:
    post = forest.blogposts(limit=1)["id"].iloc[0]
    some = list(pages["id"][:20])
    with pytest.warns(UserWarning, match="Left out"):
        frame = ask(forest, [*some, post, "99999999999"])
    assert {entry["id"] for entry in frame.attrs["skipped"]} == {post, "99999999999"}
    assert all(entry["reason"] for entry in frame.attrs["skipped"])
    pd.testing.assert_frame_equal(frame, ask(forest, some))
    with pytest.raises(ConfluenceNBError, match="blogpost"):
        ask(forest, post)
    with pytest.raises(NotFound):
        ask(forest, "99999999999")


@pytest.mark.parametrize("ask", helpers())
def test_bad_input_fails_before_any_request(forest: Wiki, grown: Sandbox, ask: Helper) -> None:
    before = asked(grown)
    for given, more in (("no id", {}), ("1", {"limit": -1}), (None, {}), ([1.5], {}), (pd.DataFrame(), {})):
        with pytest.raises(ConfluenceNBError):
            ask(forest, given, **more)
    assert asked(grown) == before


@pytest.mark.parametrize("depth", [0, -1, 1.5, "2", True, float("nan")])
def test_a_depth_is_a_number_of_levels(forest: Wiki, grown: Sandbox, depth: Any) -> None:
    before = asked(grown)
    with pytest.raises(ConfluenceNBError, match="depth"):
        forest.descendants("1", depth=depth)
    assert asked(grown) == before


@pytest.mark.parametrize("share", [0, 0.4, 0.8], ids=lambda share: f"after {share:.0%}")
@pytest.mark.parametrize("ask", helpers())
def test_what_breaks_off_goes_on(
    forest: Wiki, pages: pd.DataFrame, ask: Helper, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = pages.tail(12)
    whole = ask(forest, some)
    asks, left = ApiClient.ask, iter(range(int(whole.attrs["requests"] * share)))

    async def breaking(client: ApiClient, site: Any, method: str, path: str, **more: Any) -> Any:
        if "/convert-ids" not in path and next(left, None) is None:
            raise Unreachable("The network is away.")
        return await asks(client, site, method, path, **more)

    monkeypatch.setattr(ApiClient, "ask", breaking)
    with pytest.raises(Unreachable) as caught:
        ask(forest, some)
    monkeypatch.undo()
    assert columns_of(caught.value.frame) == columns_of(whole)
    pd.testing.assert_frame_equal(forest.resume(), whole)
    assert forest.partial is None


# ---------------------------------------------------------------------- strange servers


def scripted(rows: Callable[[Asked], Iterable[dict[str, Any]]], **kinds: str) -> Callable[[Asked], Says]:
    """Every list as `rows` has it; `kinds` are the ids that there are."""

    def script(asked: Asked) -> Says:
        if asked.path.endswith("/convert-ids-to-types"):
            return Says({"results": {own.removeprefix("_"): kind for own, kind in kinds.items()}})
        return Says({"results": list(rows(asked)), "_links": {}})

    return script


def node(own: object, parent: object, **more: Any) -> dict[str, Any]:
    return {
        "id": str(own),
        "type": "page",
        "title": f"T{own}",
        "status": "current",
        "parentId": str(parent),
    } | more


def test_a_tree_that_bites_its_tail_ends() -> None:
    def rows(asked: Asked) -> Iterable[dict[str, Any]]:
        top = asked.path.split("/")[-2]
        if asked.path.endswith("/descendants"):
            other = "2" if top == "1" else "1"
            return [node(other, top, depth=10), node(top, other, depth=10)]
        if asked.path.endswith("/ancestors"):
            return [{"id": "2" if top == "1" else "1", "type": "page"}]
        return [node("1", "2"), node("2", "1")]

    with strange_cloud(scripted(rows, _1="page", _2="page")) as cloud:
        wiki = cloud.open_wiki()
        assert list(wiki.descendants("1")["id"]) == ["2"]
        assert list(wiki.children("1")["id"]) == ["1", "2"]
        assert set(wiki.ancestors("1")["id"]) <= {"1", "2"}
        assert len(cloud.wiki_calls) < 40


def test_a_row_that_comes_twice_is_there_once() -> None:
    def rows(asked: Asked) -> Iterable[dict[str, Any]]:
        if asked.path.endswith("/1/descendants"):
            return [node(2, 1, depth=9), node(3, 2, depth=10), node(4, 2, depth=10)]
        if asked.path.endswith(("/3/descendants", "/4/descendants")):
            return [node(5, 3, depth=1), node(4, 2, depth=2)]
        return []

    with strange_cloud(scripted(rows, _1="page")) as cloud:
        below = cloud.open_wiki().descendants("1")
        assert list(below["id"]) == ["2", "3", "5", "4"]
        assert below.attrs["rows"] == 4


def test_what_is_not_visible_is_said_in_a_path() -> None:
    def rows(asked: Asked) -> Iterable[dict[str, Any]]:
        if asked.path.endswith("/ancestors"):
            return [{"id": "7", "type": "page"}, {"id": "8", "type": "folder"}] if "/1/" in asked.path else []
        if asked.path.endswith("/pages/1/direct-children"):
            return [node(2, 1)]
        if asked.path.endswith("/api/v2/pages"):
            return [node(1, 8)]
        return []

    with strange_cloud(scripted(rows, _1="page")) as cloud:
        wiki = cloud.open_wiki()
        children = wiki.children("1")
        assert list(children["path"]) == ["(not visible) / (not visible) / T1 / T2"]
        above = wiki.ancestors("1")
        assert list(above["id"]) == ["7", "8"]
        assert above["title"].isna().all()
        assert list(above["path"]) == ["(not visible)", "(not visible) / (not visible)"]


NO_SUCH_PAGE = Says({"errors": [{"status": 404, "title": "Cannot find a page with that id"}]}, status=404)


@pytest.mark.parametrize("many", [1, 5])
def test_parents_that_are_not_visible_are_those_that_a_page_names(many: int) -> None:
    ids = [str(number) for number in range(1, many + 1)]

    def script(asked: Asked) -> Says:
        if asked.path.endswith("/convert-ids-to-types"):
            return Says({"results": dict.fromkeys(ids, "page")})
        if asked.path.endswith(("/8/ancestors", "/9/ancestors")):
            return NO_SUCH_PAGE
        if asked.path.endswith("/ancestors"):
            return Says({"results": [{"id": "8", "type": "page"}, {"id": "9", "type": "page"}]})
        return Says({"results": [node(own, 9, parentType="page") for own in ids]})

    with strange_cloud(script) as cloud:
        above = cloud.open_wiki().ancestors(ids)
    assert list(zip(above["page_id"], above["id"], above["depth"], strict=True)) == [
        (own, parent, depth) for own in ids for depth, parent in ((1, "8"), (2, "9"))
    ]
    assert above["title"].isna().all()
    assert above.attrs["skipped"] == []


def test_a_row_of_which_nobody_tells_the_parent() -> None:
    def script(asked: Asked) -> Says:
        if asked.path.endswith("/convert-ids-to-types"):
            return Says({"results": {"1": "page"}})
        if asked.path.endswith("/descendants"):
            return Says({"results": [node(7, 1, parentId=None, depth=1)]})
        return NO_SUCH_PAGE if asked.path.endswith("/ancestors") else Says({"results": []})

    with strange_cloud(script) as cloud:
        assert list(cloud.open_wiki().descendants("1")["path"]) == ["(not visible) / T7"]


@pytest.mark.parametrize(
    ("parents", "path"), [({"1": "2", "2": None}, "T2 / T1 / T7"), ({"1": None}, "T1 / T7")]
)
def test_a_page_whose_ancestors_are_refused_has_its_path_from_the_pages(
    parents: dict[str, str | None], path: str
) -> None:
    def script(asked: Asked) -> Says:
        if asked.path.endswith("/convert-ids-to-types"):
            return Says({"results": {"1": "page"}})
        if asked.path.endswith("/direct-children"):
            return Says({"results": [node(7, 1)]})
        if asked.path.endswith("/1/ancestors"):
            return NO_SUCH_PAGE
        wanted = (asked["id"] or "").split(",")
        return Says(
            {
                "results": [
                    node(own, 0, parentId=parents[own], parentType="page") for own in wanted if own in parents
                ]
            }
        )

    with strange_cloud(script) as cloud:
        assert list(cloud.open_wiki().children("1")["path"]) == [path]


def test_a_folder_is_looked_for_until_it_is_found() -> None:
    def script(asked: Asked) -> Says:
        if asked.path.endswith("/convert-ids-to-types"):
            return Says({"results": {"5": "folder"}})
        if asked.path.endswith("/pages/1/direct-children"):
            return Says({"results": [node(5, 1)], "_links": {"next": "/wiki/api/v2/x?cursor=more"}})
        if asked.path.endswith("/direct-children"):
            return Says({"results": [node(7, 5)]})
        if asked.path.endswith("/5/ancestors"):
            return Says({"results": [{"id": "1", "type": "page"}]})
        return Says({"results": [node(1, 0, parentId=None)] if asked.path.endswith("/pages") else []})

    with strange_cloud(script) as cloud:
        assert list(cloud.open_wiki().children("5")["path"]) == ["T1 / T5 / T7"]
        assert not [asked for asked in cloud.wiki_calls if asked["cursor"]]


def test_what_is_refused_on_the_way_down_is_left_out() -> None:
    def script(asked: Asked) -> Says:
        if asked.path.endswith("/pages/1/descendants"):
            return Says({"results": [node(2, 1, depth=1), node(3, 2, depth=10), node(4, 2, depth=10)]})
        if asked.path.endswith("/pages/3/descendants"):
            return Says({"message": "Not for you"}, status=403)
        if asked.path.endswith("/pages/4/descendants"):
            return Says({"results": [node(5, 4, depth=1)]})
        if asked.path.endswith("/convert-ids-to-types"):
            return Says({"results": {"1": "page"}})
        return Says({"results": [node(1, 0, parentId=None)] if asked.path.endswith("/pages") else []})

    with strange_cloud(script) as cloud, pytest.warns(UserWarning, match="Left out: 3"):
        below = cloud.open_wiki().descendants("1")
    assert list(below["id"]) == ["2", "3", "4", "5"]
    assert list(below["depth"]) == [1, 10, 10, 11]
    assert [entry["id"] for entry in below.attrs["skipped"]] == ["3"]
    assert below.attrs["complete"]


def test_one_parent_that_is_refused_does_not_end_the_run() -> None:
    def script(asked: Asked) -> Says:
        if asked.path.endswith("/convert-ids-to-types"):
            return Says({"results": {"1": "page", "2": "folder"}})
        if asked.path.endswith("/pages/1/direct-children"):
            return Says({"errors": [{"status": 404, "title": "Cannot find a page with id [1]"}]}, status=404)
        if asked.path.endswith("/folders/2/direct-children"):
            return Says({"results": [node(3, 2)]})
        return Says({"results": []})

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.warns(UserWarning, match="Left out: 1"):
            children = wiki.children(["1", "2"])
        assert list(children["id"]) == ["3"]
        assert list(children["path"]) == ["(not visible) / T3"]
        with pytest.raises(NotFound, match="Cannot find a page"):
            wiki.children("1")
