"""What a cell calls, against the sandbox: the right frame, and bad input refused before anything is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from conftest import app_of, open_wiki

from confluence_nb import Wiki
from confluence_nb.errors import BadRequest, ConfluenceNBError, MissingScope, NotFound
from confluence_nb.oauth.app import DEFAULT_SCOPES
from confluence_nb.sandbox import Sandbox


def asked(sandbox: Sandbox) -> int:
    return int(sandbox.counts()["requests"])


def test_spaces(wiki: Wiki, sandbox: Sandbox) -> None:
    frame = wiki.spaces()
    assert len(frame) == sandbox.contents()["acme.atlassian.net"]["spaces"]
    kinds = frame.dtypes.map(str)
    assert {kinds[name] for name in ("id", "key", "name", "author_id", "url")} == {"string"}
    assert kinds["type"] == kinds["status"] == "category"
    assert str(frame["created_at"].dt.tz) == "UTC"
    assert wiki.spaces(type="global")["type"].eq("global").all()
    assert list(wiki.spaces(sort="-name")["name"]) == sorted(frame["name"], key=str.casefold, reverse=True)


def test_pages(wiki: Wiki) -> None:
    frame = wiki.pages(body="storage")
    kinds = frame.dtypes.map(str)
    assert {kinds[name] for name in ("id", "title", "space_id", "parent_id", "author_id", "url", "body")} == {
        "string"
    }
    assert kinds["version_number"] == "Int64"
    assert kinds["status"] == "category"
    assert str(frame["created_at"].dt.tz) == "UTC"
    assert frame["body"].str.contains("<p>").any()
    assert frame["url"].str.startswith("https://acme.atlassian.net/wiki/").all()
    assert "body" not in wiki.pages()


def test_pages_as_documents(wiki: Wiki) -> None:
    frame = wiki.pages(body="atlas_doc_format", limit=5)
    assert frame["body"].str.startswith("{").all()


def test_pages_by_title_and_status(wiki: Wiki) -> None:
    everything = wiki.pages(status=["current", "archived"])
    assert set(everything["status"].unique()) <= {"current", "archived"}
    title = everything["title"].iloc[3]
    assert title in list(wiki.pages(title=title.upper())["title"])


@pytest.mark.parametrize("give", [list, tuple, set, pd.Series], ids=lambda give: give.__name__)
def test_every_way_to_name_spaces(wiki: Wiki, give: Callable[[list[str]], Any]) -> None:
    spaces = wiki.spaces()
    by_frame = set(wiki.pages(spaces.head(2))["id"])
    assert by_frame
    assert set(wiki.pages(give(list(spaces["key"][:2])))["id"]) == by_frame
    assert set(wiki.pages(give(list(spaces["id"][:2])))["id"]) == by_frame
    assert set(wiki.pages([int(number) for number in spaces["id"][:2]])["id"]) == by_frame


def test_spaces_are_asked_for_once(wiki: Wiki, sandbox: Sandbox) -> None:
    key = wiki.spaces()["key"].iloc[0]
    first = asked(sandbox)
    wiki.pages(key)
    second = asked(sandbox)
    wiki.pages(key)
    assert asked(sandbox) - second < second - first


def test_blogposts(wiki: Wiki, sandbox: Sandbox) -> None:
    frame = wiki.blogposts(body="storage")
    assert len(frame) == sandbox.contents()["acme.atlassian.net"]["blogposts"]
    assert str(frame.dtypes["body"]) == "string"


def test_search(wiki: Wiki) -> None:
    frame = wiki.search("type = page", limit=20)
    assert len(frame) == 20
    assert frame["title"].notna().all()
    assert not frame["excerpt"].str.contains("@@@", na=False).any()
    assert frame.attrs["estimated_total"] > 0


def test_users_of_a_frame(wiki: Wiki) -> None:
    pages = wiki.pages()
    frame = wiki.users(pages)
    assert set(frame["account_id"]) == set(pages["author_id"].dropna())
    assert frame["display_name"].notna().all()
    one = frame["account_id"].iloc[0]
    assert list(wiki.users(one)["account_id"]) == [one]
    assert set(wiki.users(pages["author_id"])["account_id"]) == set(frame["account_id"])


def test_everybody_takes_a_scope_of_its_own(wiki: Wiki, sandbox: Sandbox) -> None:
    with pytest.raises(MissingScope, match="read:content-details:confluence"):
        wiki.users()
    wider = app_of(sandbox, scopes=[*DEFAULT_SCOPES, "read:content-details:confluence"])
    asking = open_wiki(sandbox, app=wider, profile="wider")
    asking.sign_in(sandbox.approve(asking.consent_url)).use("acme")
    everybody = asking.users()
    assert set(wiki.users(wiki.pages())["account_id"]) <= set(everybody["account_id"])
    assert list(everybody["account_id"]) == list(everybody["account_id"].unique())


def test_a_table_of_any_path(wiki: Wiki) -> None:
    page = wiki.pages()["id"].iloc[0]
    versions = wiki.table("/pages/{id}/versions", id=page)
    assert len(versions) >= 1
    assert str(versions.dtypes["number"]) == "Int64"
    assert len(wiki.table("wiki/rest/api/search", cql="type = blogpost")) > 0
    space = wiki.spaces()["id"].iloc[0]
    assert set(wiki.table("/spaces/{id}/pages", id=space)["space_id"]) == {space}


def test_raw_json(wiki: Wiki) -> None:
    page = wiki.pages(limit=1)["id"].iloc[0]
    assert wiki.get(f"/pages/{page}")["id"] == page
    assert wiki.get(f"/wiki/api/v2/pages/{page}", body_format="storage")["body"]["storage"]["value"]
    assert wiki.get("/rest/api/user/current")["accountId"]
    assert wiki.get("pages?limit=2", status="current")["results"]
    assert len(wiki.get("pages?limit=2")["results"]) == 2
    assert wiki.get(f"https://acme.atlassian.net/wiki/api/v2/pages/{page}")["id"] == page


def test_a_refused_write_is_said(wiki: Wiki) -> None:
    with pytest.raises(ConfluenceNBError):
        wiki.request("DELETE", "/pages/1")


BAD: dict[str, Callable[[Wiki], object]] = {
    "unknown path": lambda wiki: wiki.table("/pagess"),
    "unknown parameter": lambda wiki: wiki.table("/pages", spce="1"),
    "a value not allowed": lambda wiki: wiki.pages(status="open"),
    "a body of another kind": lambda wiki: wiki.pages(body="markdown"),
    "an order that is none": lambda wiki: wiki.spaces(sort="size"),
    "a path without its id": lambda wiki: wiki.table("/pages/{id}/versions"),
    "no space": lambda wiki: wiki.pages([]),
    "an empty space": lambda wiki: wiki.pages(" "),
    "a frame without ids": lambda wiki: wiki.pages(pd.DataFrame({"key": ["X"]})),
    "a number with a fraction": lambda wiki: wiki.pages(1.5),
    "missing among spaces": lambda wiki: wiki.pages(["X", None]),
    "ids that are none": lambda wiki: wiki.users(7),
    "a frame without people": lambda wiki: wiki.users(pd.DataFrame({"x": [1]})),
    "an empty query": lambda wiki: wiki.search("  "),
    "no method": lambda wiki: wiki.request("GET /x", "/pages"),
    "nothing to resume": lambda wiki: wiki.resume(),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_bad_input_fails_before_any_request(
    wiki: Wiki, sandbox: Sandbox, call: Callable[[Wiki], object]
) -> None:
    before = asked(sandbox)
    with pytest.raises(ConfluenceNBError) as caught:
        call(wiki)
    assert asked(sandbox) == before
    assert str(caught.value).strip().endswith((".", "?", ")"))


def test_a_wrong_word_names_the_nearest_right_one(wiki: Wiki) -> None:
    with pytest.raises(ConfluenceNBError, match="/pages"):
        wiki.table("/pagess")
    with pytest.raises(ConfluenceNBError, match="space"):
        wiki.table("/pages", spce="1")
    with pytest.raises(ConfluenceNBError, match="current"):
        wiki.pages(status="curent")


def test_a_query_the_server_does_not_understand(wiki: Wiki) -> None:
    with pytest.raises(BadRequest) as caught:
        wiki.search("status = current")
    assert caught.value.frame is not None
    assert caught.value.frame.empty


def test_a_space_that_is_not_there(wiki: Wiki) -> None:
    for space in ("NOSUCH", "987654321", "~nobody"):
        with pytest.raises(NotFound, match=space):
            wiki.pages(space)


def test_a_wiki_shows_itself_in_one_line(wiki: Wiki) -> None:
    assert repr(wiki).endswith(" · acme.atlassian.net")
    assert "\n" not in repr(wiki)
