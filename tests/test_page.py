"""One page, by its id or any of its addresses, and what it says."""

from __future__ import annotations

import dataclasses
import json
from base64 import b64encode
from collections.abc import Iterator
from html import escape

import pandas as pd
import pytest
from conftest import app_of, open_wiki

import confluence_nb as cnb
from confluence_nb import ConfluenceNBError, NotFound, Wiki
from confluence_nb.sandbox import Sandbox
from confluence_nb.sandbox.wiki.numbering import Kind, id_of

HERE = "https://acme.atlassian.net"


def short_link(number: int) -> str:
    """As Confluence makes them: the id's bytes, lowest first, in an alphabet of its own, without what is zero."""
    code = b64encode(number.to_bytes(8, "little")).decode().translate(str.maketrans("+/", "_-"))
    return f"{HERE}/wiki/x/{code.rstrip('=').rstrip('A')}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(pages=160, spaces=2) as running:
        yield running


@pytest.fixture(scope="module")
def wiki(sandbox: Sandbox) -> Wiki:
    wiki = open_wiki(sandbox)
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    return wiki.use("acme")


def test_a_page_is_what_the_list_of_pages_says(wiki: Wiki) -> None:
    row = wiki.pages(body="storage", names=True).iloc[0]
    page = wiki.page(row["id"])
    for name in ("id", "title", "status", "space_id", "author_id", "created_at", "url", "body"):
        assert getattr(page, name) == row[name], name
    assert page.version == row["version_number"]
    assert page.modified_at == row["version_created_at"]
    assert page.names[row["author_id"]] == row["author"]
    assert page.type == "page"
    assert page.text == cnb.content.to_text(row["body"], names=page.names)
    assert page.markdown == cnb.content.to_markdown(row["body"], names=page.names)


def test_every_page_of_a_wiki_can_be_shown(wiki: Wiki) -> None:
    for page in map(wiki.page, wiki.pages(limit=20)["id"]):
        shown = page._repr_html_()
        assert escape(page.title) in shown
        assert f'href="{escape(page.url or "")}"' in shown


def test_a_page_by_its_addresses(wiki: Wiki) -> None:
    row = wiki.pages().iloc[3]
    for address in (row["url"], row["edit_url"], row["edit_v2_url"] if "edit_v2_url" in row else row["url"]):
        assert wiki.page(address).id == row["id"], address
    assert wiki.page(short_link(int(row["id"])).replace(HERE, f"https://{wiki.site.host}")).id == row["id"]


def test_a_page_by_its_title_and_a_space_by_its_home(sandbox: Sandbox, wiki: Wiki) -> None:
    space = wiki.spaces().iloc[0]
    home = wiki.page(f"https://{wiki.site.host}/wiki/spaces/{space['key']}/overview")
    assert home.id == space["homepage_id"]
    odd = sandbox.add_page(space["id"], "Q&A: 50% / more + “now”?", "<p>x</p>")
    named = f'ri:space-key="{space["key"]}" ri:content-title="Q&amp;A: 50% / more + “now”?"'
    address = (
        cnb.content.to_markdown(f"<ac:link><ri:page {named}/></ac:link>")
        .rpartition("](")[2]
        .removesuffix(")")
    )
    assert wiki.page(address).id == odd
    assert wiki.page(f"/wiki/display/{space['key']}/Q%26A%3A+50%25+%2F+more+%2B+“now”%3F").id == odd
    with pytest.raises(NotFound, match=r"no page 'No such'.*renamed"):
        wiki.page(f"/wiki/display/{space['key']}/No+such")
    with pytest.raises(NotFound, match="no space 'ENGG'"):
        wiki.page(f"https://{wiki.site.host}/wiki/spaces/ENGG/overview")


def test_a_blog_post_by_id_and_by_address(wiki: Wiki) -> None:
    row = wiki.blogposts(body="storage").iloc[0]
    for given_ in (row["id"], row["url"]):
        post = wiki.page(given_)
        assert (post.id, post.type, post.title, post.body) == (
            row["id"],
            "blogpost",
            row["title"],
            row["body"],
        )
    with pytest.raises(ConfluenceNBError, match="blogpost"):
        _ = post.children


def test_an_older_version_by_its_address(wiki: Wiki) -> None:
    pages = wiki.pages()
    row = pages[pages["version_number"] > 1].iloc[0]
    older = wiki.page(f"https://{wiki.site.host}/wiki/pages/viewpage.action?pageId={row['id']}&pageVersion=1")
    assert (older.id, older.version) == (row["id"], 1)


def test_children_tables_links_and_headings(wiki: Wiki) -> None:
    home = wiki.spaces()["homepage_id"].iloc[0]
    page = wiki.page(home)
    assert list(page.children["id"]) == list(wiki.children(home)["id"])
    assert page.children is page.children
    assert all(isinstance(table, pd.DataFrame) for table in page.tables)
    assert len(page.links) == len(cnb.content.links(page.body))
    assert len(page.headings) == len(cnb.content.headings(page.body))


def test_what_is_not_there(wiki: Wiki) -> None:
    with pytest.raises(NotFound, match="999999999"):
        wiki.page("999999999")
    with pytest.raises(NotFound):
        wiki.page(f"https://{wiki.site.host}/wiki/spaces/ENG/blog/2024/01/01/999999999/T")


def test_bad_ids_ask_nobody(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.reset_counts()
    for given_ in (
        "Handbook",
        "",
        None,
        1.5,
        "https://other.atlassian.net/wiki/spaces/ENG/pages/1",
        "/wiki/home",
    ):
        with pytest.raises(ConfluenceNBError):
            wiki.page(given_)
    assert sandbox.counts()["requests"] == 0


def test_what_a_page_costs(sandbox: Sandbox, wiki: Wiki) -> None:
    # The address of a homepage names nothing but its space: that takes a request more.
    page = wiki.pages(limit=9).query("not url.str.endswith('/overview')").iloc[0]
    post = wiki.blogposts(limit=1).iloc[0]
    for given_, requests in ((page["id"], 2), (page["url"], 1), (post["id"], 3), (post["url"], 1)):
        sandbox.reset_counts()
        wiki.page(given_)
        # Names that were asked for once are known.
        assert requests - 1 <= sandbox.counts()["requests"] <= requests, given_


def test_a_page_that_nobody_published(wiki: Wiki) -> None:
    listed = wiki.pages(status=["current", "archived", "trashed", "deleted"])
    drafts = {id_of(Kind.PAGE, number) for number in range(len(listed))} - set(listed["id"])
    assert drafts
    for draft in drafts:
        page = wiki.page(f"https://{wiki.site.host}/wiki/pages/resumedraft.action?draftId={draft}")
        assert (page.id, page.status) == (draft, "draft")
        assert "draft" in page._repr_html_()
        with pytest.raises(NotFound):
            wiki.page(draft)


def test_what_somebody_wrote_today(sandbox: Sandbox, wiki: Wiki) -> None:
    space = wiki.spaces()["id"].iloc[0]
    body = "<h1>Plan</h1><table><tbody><tr><th>a</th></tr><tr><td>1</td></tr></tbody></table><script>x()</script>"
    written = sandbox.add_page(space, "Today", "")
    sandbox.edit_page(written, body=body)
    page = wiki.page(written)
    assert page.markdown.startswith("# Plan")
    assert [list(table.columns) for table in page.tables] == [["a"]]
    assert list(page.headings["text"]) == ["Plan"]
    assert "<script" not in page._repr_html_()


def test_a_page_is_read_without_the_names_that_the_sign_in_may_not_know(sandbox: Sandbox) -> None:
    scopes = [scope for scope in cnb.DEFAULT_SCOPES if "user" not in scope]
    wiki = open_wiki(sandbox, app=app_of(sandbox, scopes=scopes))
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    wiki.use("acme")
    page = wiki.page(wiki.pages(limit=1)["id"].iloc[0])
    assert page.names == {}
    assert page.text


def test_a_page_is_a_value_that_fits_on_a_line(wiki: Wiki) -> None:
    page = wiki.page(wiki.pages(limit=1)["id"].iloc[0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        page.title = "another"  # type: ignore[misc]
    assert page == dataclasses.replace(page, _read_children=pd.DataFrame)
    assert page.title in repr(page)
    assert page.body not in repr(page)
    assert json.dumps(page.body)
