"""The generated wiki: every thing a function of its number, alike for one seed, with edits laid over."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from confluence_nb.sandbox.accounts import ACCOUNTS
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.numbering import Kind, id_of, number_of, read_id
from confluence_nb.sandbox.wiki.order import Order, Place
from confluence_nb.sandbox.wiki.pages import Page, Ref, sort_value
from confluence_nb.sandbox.wiki.statuses import LISTED
from confluence_nb.sandbox.wiki.tree import NODE_KINDS, Node

UNTIL = datetime(2026, 1, 1, tzinfo=UTC)


def site(pages: int = 600, spaces: int = 6, seed: int = 7, body_bytes: int = 6_000) -> SiteContent:
    return SiteContent(
        site_url="https://acme.atlassian.net",
        seed=seed,
        spaces=spaces,
        pages=pages,
        accounts=ACCOUNTS,
        body_bytes=body_bytes,
        until=UNTIL,
    )


def listed(content: SiteContent, order: Order | None = None) -> list[Page]:
    return [page for page in content.pages.read(order or Order()) if page.status in LISTED]


@pytest.mark.parametrize(("pages", "spaces"), [(1, 1), (5, 40), (37, 3), (600, 6), (2_501, 17)])
def test_exactly_as_many_pages_as_asked(pages: int, spaces: int) -> None:
    content = site(pages, spaces)
    assert len(listed(content)) == pages == content.counts()["pages"]
    assert len(content.spaces) == spaces == content.counts()["spaces"]


def test_one_seed_one_site() -> None:
    assert listed(site(seed=3)) == listed(site(seed=3))
    assert [page.title for page in listed(site(seed=3))] != [page.title for page in listed(site(seed=4))]


def test_ids_grow_have_gaps_and_read_back() -> None:
    for kind in Kind:
        ids = [id_of(kind, number) for number in range(500)]
        digits = [int(identifier.removeprefix("att")) for identifier in ids]
        assert digits == sorted(set(digits))
        assert len({after - before for before, after in pairwise(digits)}) > 1
        assert [number_of(kind, identifier) for identifier in ids] == list(range(500))
    assert read_id("32768") is None
    assert read_id("abc") is None
    assert number_of(Kind.BLOGPOST, id_of(Kind.PAGE, 5)) is None


@pytest.mark.parametrize("field", ["id", "created-date", "modified-date", "title"])
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_can_be_entered_anywhere(field: str, descending: bool) -> None:
    content, order = site(200), Order(field, descending)
    content.edit_page(id_of(Kind.PAGE, 20), title="Zebra")
    content.add_page(content.spaces[0].id, "aardvark", "<p>new</p>")
    whole = list(content.pages.read(order))
    values = [(sort_value(page, field), page.number) for page in whole]
    assert values == sorted(values, reverse=descending)
    for index in (0, 7, 100, len(whole) - 1):
        last = whole[index]
        rest = list(content.pages.read(order, Place(sort_value(last, field), last.number)))
        assert rest == whole[index + 1 :]


def test_spaces_own_their_pages() -> None:
    content = site()
    by_space = [list(content.pages.read(Order(), None, [space.index])) for space in content.spaces]
    assert sum(map(len, by_space)) == len(list(content.pages.read(Order())))
    for space, pages in zip(content.spaces, by_space, strict=True):
        assert {page.space for page in pages} == {space.index}
        assert content.homepage(space) == pages[0]


def test_every_page_hangs_in_the_tree_once() -> None:
    content = site(900, 4)
    found: list[str] = []
    depths = []
    for space in content.spaces:
        for root in content.tree.roots(space.index):
            found.append(root.id)
            for depth, thing in content.tree.descendants(root.ref, 99):
                found.append(thing.id)
                depths.append(depth)
    assert len(found) == len(set(found))
    assert {page.id for page in listed(content)} <= set(found)
    assert {ref_of(identifier).kind for identifier in found} == {Kind.PAGE, *NODE_KINDS}
    assert 12 < max(depths) < 20


def ref_of(identifier: str) -> Ref:
    found = read_id(identifier)
    assert found is not None
    return Ref(*found)


def test_ancestors_are_the_way_back_up() -> None:
    content = site()
    for page in listed(content)[::17]:
        above = content.tree.ancestors(page.ref)
        assert (above[-1] if above else None) == page.parent
        for parent, child in pairwise([*above, page.ref]):
            assert child in [thing.ref for thing in content.tree.children(parent)]


def test_times_agree_with_each_other() -> None:
    content = site()
    end = int(UNTIL.timestamp() * 1000)
    before = 0
    for page in listed(content):
        assert before <= page.created <= page.version.created <= end
        before = page.created
        versions = [content.pages.version(page, which) for which in range(1, page.version.number + 1)]
        assert versions[0].created == page.created
        assert versions[-1] == page.version
        assert [version.created for version in versions] == sorted(version.created for version in versions)


class Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_storage_bodies_are_whole_and_varied() -> None:
    content, seen, empty = site(200), set(), 0
    for page in listed(content):
        body = json.loads(content.body(page, "storage"))
        parser = Balance()
        parser.feed(body.replace("<![CDATA[", "").replace("]]>", ""))
        parser.close()
        assert not parser.open or "ac:plain-text-body" in body
        seen |= parser.seen
        empty += body == ""
    wanted = {
        "ac:structured-macro",
        "ac:task",
        "ac:image",
        "ri:user",
        "ri:page",
        "ri:attachment",
        "table",
        "time",
    }
    wanted |= {"ac:layout", "ac:emoticon", "ac:inline-comment-marker", "h2", "ol", "ac:rich-text-body"}
    assert wanted <= seen
    assert empty > 0


def test_both_formats_say_the_same() -> None:
    content = site(60)
    for page in listed(content):
        storage = json.loads(content.body(page, "storage"))
        document = json.loads(json.loads(content.body(page, "atlas_doc_format")))
        assert document["type"] == "doc"
        mentioned = {node["attrs"]["id"] for node in nodes(document) if node["type"] == "mention"}
        assert mentioned == {account.account_id for account in ACCOUNTS if account.account_id in storage}
        headings = [node for node in nodes(document) if node["type"] == "heading"]
        assert len(headings) == storage.count("<h2>") + storage.count("<h3>")


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("content", []):
        yield from nodes(child)


@pytest.mark.parametrize("size", [2_000, 6_000, 14_000])
def test_bodies_have_the_size_asked_for(size: int) -> None:
    content = site(300, body_bytes=size)
    sizes = [len(content.body(page, "storage")) for page in listed(content)]
    assert size * 0.75 < sum(sizes) / len(sizes) < size * 1.35


def test_bodies_tell_of_the_tasks_and_marks_that_hang_on_the_page() -> None:
    content, marks, tasks = site(400), 0, 0
    for page in listed(content):
        body = json.loads(content.body(page, "storage"))
        if not body:
            continue
        opening = [one for one in content.comments_of(Kind.INLINE_COMMENT, page.ref) if one.parent is None]
        assert all(f'ac:ref="{one.marker}">{one.selection}<' in body for one in opening)
        assert body.count("<ac:task>") == len(content.tasks_of(page.ref))
        marks, tasks = marks + len(opening), tasks + body.count("<ac:task>")
    assert marks > 10
    assert tasks > 10


def test_editing_makes_a_version() -> None:
    content = site(100)
    page = listed(content)[10]
    assert content.edit_page(page.id, title="New & <title>", body="<p>Hello</p>") == page.version.number + 1
    changed = content.pages.find(page.id)
    assert changed is not None
    assert changed.title == "New & <title>"
    assert json.loads(content.body(changed, "storage")) == "<p>Hello</p>"
    assert json.loads(content.body(changed, "storage", saves_ago=1)) == json.loads(
        content.body(page, "storage")
    )
    assert changed.version.created > page.version.created
    assert next(iter(content.pages.read(Order("modified-date", True)))).id == page.id
    assert content.pages.version(changed, page.version.number) == page.version
    assert [found.id for found in content.pages.titled("NEW & <TITLE>")] == [page.id]
    assert page.id not in [found.id for found in content.pages.titled(page.title)]


def test_a_page_moves_with_its_place() -> None:
    content = site(100)
    target = content.spaces[1]
    page = content.pages.find(content.add_page(content.spaces[0].id, "Traveller", "<p/>"))
    home = content.homepage(target)
    assert page is not None
    assert home is not None
    content.edit_page(page.id, space_id=target.id, parent_id=home.id)
    assert page.id in [found.id for found in content.pages.read(Order(), None, [target.index])]
    assert page.id not in [found.id for found in content.pages.read(Order(), None, [0])]
    assert page.id in [child.id for child in content.tree.children(home.ref)]


def test_deleting_lifts_the_children_and_takes_what_hung_there() -> None:
    content = site(300)
    before = content.counts()
    victim = next(
        page
        for page in listed(content)
        if page.parent is not None
        and any(isinstance(child, Node) for child in content.tree.children(page.ref))
        and content.attachments_of(page.ref)
    )
    children = [child.id for child in content.tree.children(victim.ref)]
    files = content.attachments_of(victim.ref)
    content.delete_page(victim.id)
    gone = content.pages.find(victim.id)
    assert gone is not None
    assert (gone.status, gone.parent) == ("trashed", None)
    assert victim.parent is not None
    assert set(children) <= {child.id for child in content.tree.children(victim.parent)}
    assert content.attachment(files[0].id) is None
    after = content.counts()
    assert after["pages"] == before["pages"] - 1
    assert after["trashed_pages"] == before["trashed_pages"] + 1
    assert after["attachments"] < before["attachments"]
    with pytest.raises(KeyError):
        content.delete_page(victim.id)


def test_adding_counts() -> None:
    content = site(50)
    first = content.add_page(content.spaces[0].id, "One", "<p>1</p>")
    second = content.add_page(content.spaces[0].id, "Two", "<p>2</p>", parent_id=first)
    assert int(second) > int(first) > int(listed(content)[49].id)
    assert content.counts()["pages"] == 52
    assert content.labels_of(ref_of(first)) == content.likes_of(ref_of(first)) == ()
    assert (
        content.attachments_of(ref_of(first)) == content.comments_of(Kind.FOOTER_COMMENT, ref_of(first)) == []
    )
    assert [child.id for child in content.tree.children(ref_of(first))] == [second]
    with pytest.raises(KeyError):
        content.add_page("0", "No space", "")


def test_a_million_pages_cost_no_time_and_no_memory() -> None:
    started = time.process_time()
    content = site(1_000_000, 40)
    middle = content.pages.get(500_000)
    assert middle is not None
    window = content.pages.read(Order(), Place(middle.number, middle.number), [middle.space])
    assert [next(window).space for _ in range(250)] == [middle.space] * 250
    assert time.process_time() - started < 0.5
