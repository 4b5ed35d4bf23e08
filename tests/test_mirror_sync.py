"""A copy of the wiki: the first sync, those that find what changed since, and what they ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from conftest import app_of, open_wiki
from mirrored import assert_mirrors, in_order, on_the_site

from confluence_nb import ConfluenceNBError, MissingScope, Wiki, content
from confluence_nb.mirror import sync as sync_module
from confluence_nb.mirror.mirror import open_mirror
from confluence_nb.oauth.app import DEFAULT_SCOPES
from confluence_nb.sandbox import Sandbox
from confluence_nb.wiki.mirroring import WikiSource

PAGES = 300


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(pages=PAGES, spaces=4, body_bytes=600, hourly_points=10**9) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "wiki"


def test_the_first_sync_copies_every_row(wiki: Wiki, folder: Path) -> None:
    mirror = wiki.sync(folder)
    assert_mirrors(mirror, on_the_site(wiki))
    people = mirror.users()
    authors = set(mirror.pages()["author_id"]) | set(mirror.attachments()["version_author_id"])
    assert authors <= set(people["account_id"])
    assert people["account_id"].is_unique
    assert len(mirror.deletions()) == 0


def test_links_lead_to_the_pages_that_they_name(wiki: Wiki, sandbox: Sandbox, folder: Path) -> None:
    """Storage format names titles: without their ids each such link would look broken."""
    mirror = wiki.sync(folder)

    def named(links: pd.DataFrame) -> pd.DataFrame:
        by_title = links[links["kind"].eq("page") & links["page_id"].isin(pages["id"])]
        return in_order(by_title[["page_id", "title", "target_id", "anchor"]])

    pages = wiki.pages(body="storage", names=True)
    expected = named(content.links(pages))
    assert expected["target_id"].notna().mean() > 0.9
    pd.testing.assert_frame_equal(named(mirror.links()), expected)
    linked = expected["target_id"].dropna().iloc[0]
    sandbox.delete_page(linked)
    assert linked not in set(wiki.sync(folder).links()["target_id"])
    assert linked in set(mirror.links(version=1)["target_id"])
    assert wiki.sync(folder.parent / "links", collections="links").links().empty


def test_a_sync_of_a_wiki_that_stayed_the_same_writes_nothing(wiki: Wiki, folder: Path) -> None:
    wiki.sync(folder)
    before = {path: path.read_bytes() for path in folder.glob("*/*.parquet") if path.parent.name[0] != "_"}
    wiki.sync(folder)
    after = {path: path.read_bytes() for path in folder.glob("*/*.parquet") if path.parent.name[0] != "_"}
    assert before == after
    versions = open_mirror(folder).versions()
    assert list(versions["version"]) == [1, 2]


def test_edits_deletions_moves_new_pages_and_titles_are_found(
    wiki: Wiki, sandbox: Sandbox, folder: Path
) -> None:
    wiki.sync(folder)
    spaces = list(wiki.spaces()["id"])
    pages = wiki.pages(spaces[0], status="current")
    ids = [page for page in pages["id"] if page not in set(wiki.spaces()["homepage_id"])]
    for page in ids[:5]:
        sandbox.edit_page(page, body=f"<p>edited {page}</p>")
    for page in ids[5:8]:
        sandbox.delete_page(page)
    for page in ids[8:11]:
        sandbox.edit_page(page, space_id=spaces[1], parent_id=pages["id"].iloc[0])
    for page in ids[11:16]:
        sandbox.edit_page(page, title=f"Renamed {page}")
    added = sandbox.add_page(spaces[2], "New", '<p><a href="https://example.com/">there</a></p>')
    mirror = wiki.sync(folder)
    assert_mirrors(mirror, on_the_site(wiki))
    assert added in set(mirror.pages()["id"])
    assert added in set(mirror.links()["page_id"])
    deletions = mirror.deletions()
    assert set(deletions.loc[deletions["collection"] == "pages", "id"]) == set(ids[5:8])
    assert set(deletions["sync"]) == {2}
    assert len(mirror.pages(version=1)) == PAGES


def test_a_page_that_comes_back_is_there_again(wiki: Wiki, sandbox: Sandbox, folder: Path) -> None:
    space = wiki.spaces()["id"].iloc[0]
    page = sandbox.add_page(space, "Comes and goes", "<p>first</p>")
    wiki.sync(folder)
    sandbox.delete_page(page)
    assert page not in set(wiki.sync(folder).pages()["id"])
    again = sandbox.add_page(space, "Comes and goes", "<p>second</p>")
    assert again in set(wiki.sync(folder).pages()["id"])


def test_a_second_sync_asks_no_more_than_listing_takes_and_what_changed(tmp_path: Path) -> None:
    pages, spaces = 600, 4
    with Sandbox(pages=pages, spaces=spaces, body_bytes=300, hourly_points=10**9) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        mirror = wiki.sync(tmp_path / "wiki")
        ids = mirror.pages()["id"]
        homes = set(wiki.spaces()["homepage_id"])
        chosen = [page for page in ids[:: len(ids) // 40] if page not in homes]
        edited, deleted, moved = chosen[:20], chosen[20:24], chosen[24:28]
        for page in edited:
            sandbox.edit_page(page, body=f"<p>{page}</p>")
        for page in deleted:
            sandbox.delete_page(page)
        for page in moved:
            sandbox.edit_page(page, space_id=wiki.spaces()["id"].iloc[0])
        sandbox.reset_counts()
        mirror = wiki.sync(tmp_path / "wiki")
        asked = sandbox.counts()["requests"]
        held = sum(len(mirror.table(name)) for name in ("pages", "blogposts", "comments", "attachments"))
        assert asked <= (len(edited) + len(moved)) / 100 + 8 * spaces + held / 250
        assert int(mirror.versions()["requests"].iloc[-1]) == asked
        assert_mirrors(mirror, on_the_site(wiki))


def test_edits_during_the_first_sync_are_found_by_the_next(
    wiki: Wiki, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = list(wiki.pages(wiki.spaces()["id"].iloc[0], status="current")["id"])[-20:]
    taken = iter(pages)
    written = sync_module.Run.write

    def edits_while(self: sync_module.Run, *args: object, **named: object) -> None:
        written(self, *args, **named)  # type: ignore[arg-type]
        page = next(taken, None)
        if page is not None:
            sandbox.edit_page(page, title=f"Meanwhile {page}")
            sandbox.add_page(wiki.spaces()["id"].iloc[0], f"Meanwhile beside {page}", "<p>x</p>")

    monkeypatch.setattr(sync_module.Run, "write", edits_while)
    wiki.sync(folder)
    monkeypatch.undo()
    assert next(taken, None) != pages[0]
    assert_mirrors(wiki.sync(folder), on_the_site(wiki))


@pytest.mark.parametrize("is_large", [True, False])
def test_a_large_site_and_an_hour_with_few_points_are_asked_for_the_latest_changes_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_large: bool
) -> None:
    with Sandbox(pages=700, spaces=4, body_bytes=100, hourly_points=10**9) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        wiki.sync(tmp_path / "wiki", collections=["pages", "comments", "attachments"])
        if is_large:
            monkeypatch.setattr(sync_module, "LISTED_EACH_TIME", 10)
        else:
            monkeypatch.setattr(WikiSource, "points_left", 20)
        homes = set(wiki.spaces()["homepage_id"])
        space = wiki.spaces()["id"].iloc[0]
        pages = [page for page in wiki.pages(space, status="current")["id"] if page not in homes]
        sandbox.edit_page(pages[0], title="Found at once")
        added = sandbox.add_page(space, "New", "<p>x</p>")
        sandbox.delete_page(pages[1])
        sandbox.reset_counts()
        mirror = wiki.sync(tmp_path / "wiki")
        asked = [entry["query"] for entry in sandbox.log(2_000) if entry["path"].endswith("/pages")]
        assert len(asked) == 2, "the window with the changes, and one where all is known"
        assert all("sort=-modified-date" in query for query in asked)
        assert sandbox.counts()["routes"]["GET /wiki/api/v2/attachments"] == {"200": 1}
        titles = mirror.pages().set_index("id")["title"]
        assert titles[pages[0]] == "Found at once"
        assert titles[added] == "New"
        assert pages[1] in titles.index
        assert list(mirror.versions()["ids_listed"]) == [True, False]
        monkeypatch.setattr(sync_module, "LISTED_AT_LEAST", pd.Timedelta(0))
        monkeypatch.setattr(WikiSource, "points_left", 10**6)
        assert pages[1] not in set(wiki.sync(tmp_path / "wiki").pages()["id"])


def test_of_some_spaces_only_what_hangs_on_them_is_copied(wiki: Wiki, sandbox: Sandbox, folder: Path) -> None:
    spaces = wiki.spaces()
    mirror = wiki.sync(folder, spaces=[spaces["key"].iloc[0], spaces["id"].iloc[1]])
    chosen = list(spaces["id"].iloc[:2])
    expected = on_the_site(wiki, chosen)
    pages = pd.concat([expected["pages"], expected["blogposts"]])["id"]
    files = wiki.attachments()
    files = files[files["page_id"].isin(pages) | files["blog_post_id"].isin(pages)]
    assert set(mirror.spaces()["id"]) == set(chosen)
    assert_mirrors(mirror, {name: expected[name] for name in ("pages", "blogposts", "links")})
    assert set(mirror.attachments()["id"]) == set(files["id"])
    talk = mirror.comments()
    hangs = talk["page_id"].isin(pages) | talk["blog_post_id"].isin(pages)
    assert (hangs | talk["attachment_id"].isin(files["id"])).all()
    sandbox.edit_page(mirror.pages()["id"].iloc[5], space_id=spaces["id"].iloc[2])
    again = wiki.sync(folder)
    assert len(again.pages()) == len(mirror.pages(version=1)) - 1
    with pytest.raises(ConfluenceNBError, match="others are asked for"):
        wiki.sync(folder, spaces=[spaces["id"].iloc[2]])


def test_a_collection_that_is_left_out_stops_no_further_sync(
    wiki: Wiki, sandbox: Sandbox, folder: Path
) -> None:
    """Such as one that a new sign-in lacks a scope for."""
    wide = open_wiki(sandbox, app=app_of(sandbox, scopes=[*DEFAULT_SCOPES, "read:confluence-groups"]))
    wide.sign_in(sandbox.approve(wide.consent_url)).use("acme")
    wide.sync(folder, collections=["pages", "comments", "groups"])
    with pytest.raises(MissingScope) as lacking:
        wiki.sync(folder, collections=["pages"])
    assert any("without=" in note for note in lacking.value.__notes__)
    mirror = wiki.sync(folder, without=["groups", "comments"])
    with pytest.raises(ConfluenceNBError, match="has no table 'groups'"):
        mirror.table("groups")
    assert len(mirror.table("groups", version=1))
    assert set(mirror.changes()["collection"]) <= {"pages"}
    gone = mirror.comments(version=1)["page_id"].dropna().iloc[0]
    sandbox.delete_page(gone)
    assert gone not in set(wiki.sync(folder).pages()["id"])
    wiki.sync(folder, collections="comments")
    pd.testing.assert_frame_equal(in_order(mirror.comments()), in_order(wiki.comments(body="storage")))
    with pytest.raises(ConfluenceNBError, match="No mirror holds 'comment'"):
        wiki.sync(folder, without="comment")


def test_collections_that_are_named_later_are_added(wiki: Wiki, folder: Path) -> None:
    mirror = wiki.sync(folder, collections=["pages"])
    assert len(mirror.pages()) == PAGES
    mirror = wiki.sync(folder, collections=["tasks"])
    assert set(mirror.table("tasks")["id"]) == set(wiki.tasks()["id"])
    assert len(mirror.pages()) == PAGES
    with pytest.raises(ConfluenceNBError, match="'pages'"):
        wiki.sync(folder, collections=["page"])
