"""What nobody can have meant is said in a sentence before anything is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import app_of, open_wiki

import confluence_nb
from confluence_nb import AppRejected, BadRequest, Cloud, ConfluenceNBError, Gone, OAuthApp, Wiki
from confluence_nb.sandbox import Sandbox

NO_TEXT = [None, 0, -1, 1.5, float("nan"), True, [], {}, b"pages", object(), pd.NA, pd.Series(["a"])]
HALF = "\ud800"
LONG = "x" * 200_000


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Sandbox, Wiki]]:
    with Sandbox(pages=60, spaces=3) as sandbox:
        wiki = open_wiki(sandbox)
        yield sandbox, wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")


@pytest.fixture
def wiki(shared: tuple[Sandbox, Wiki]) -> Iterator[Wiki]:
    """A signed-in wiki; the test fails when anything is asked of the server."""
    sandbox, signed_in = shared
    before = sandbox.counts()["requests"]
    yield signed_in
    assert sandbox.counts()["requests"] == before


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("/wiki/rest/api/content", "wiki.pages()"),
        ("rest/api/space/", "wiki.spaces()"),
        ("/wiki/rest/api/content/{id}/label", 'wiki.labels("{id}")'),
    ],
)
def test_a_list_that_was_removed_is_called_so(wiki: Wiki, path: str, instead: str) -> None:
    with pytest.raises(Gone, match=r"Atlassian removed GET /wiki/rest/api/") as found:
        wiki.table(path)
    assert f"Use {instead}" in str(found.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda wiki: wiki.pages(status=LONG),
        lambda wiki: wiki.pages(sort=LONG),
        lambda wiki: wiki.table(LONG),
        lambda wiki: wiki.table("/pages", **{LONG: 1}),
        lambda wiki: confluence_nb.connect(store=LONG),
        lambda wiki: Cloud(LONG),
    ],
    ids=["status", "sort", "table", "parameter", "store", "cloud"],
)
def test_a_message_is_short_however_long_the_value(wiki: Wiki, call: Callable[[Wiki], object]) -> None:
    with pytest.raises(ConfluenceNBError) as found:
        call(wiki)
    assert len(str(found.value)) < 5_000
    assert str(found.value).rstrip().endswith((".", "?"))


@pytest.mark.parametrize("value", NO_TEXT)
@pytest.mark.parametrize(
    "call",
    [
        lambda wiki, value: wiki.table(value),
        lambda wiki, value: wiki.get(value),
        lambda wiki, value: wiki.request(value, "/pages"),
        lambda wiki, value: wiki.use(value),
        lambda wiki, value: wiki.sign_in(value),
    ],
    ids=["table", "get", "request", "use", "sign_in"],
)
def test_no_string_where_a_string_belongs(
    wiki: Wiki, call: Callable[[Wiki, Any], object], value: object
) -> None:
    with pytest.raises(TypeError, match="string"):
        call(wiki, value)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "  ",
        "/",
        "http://[",
        HALF,
        "../pages",
        "/pages/..%2f..%2fadmin",
        "/pages/..%5c..%5cadmin",
        "%2e%2e/x",
        LONG,
    ],
)
def test_no_path_of_the_api(wiki: Wiki, path: str) -> None:
    with pytest.raises(ConfluenceNBError):
        wiki.get(path)


@pytest.mark.parametrize(
    "value", [[], set(), {}, [None], [float("nan")], 1.5, pd.NA, b"1", pd.DataFrame(), HALF, LONG]
)
def test_no_value_of_a_parameter(wiki: Wiki, value: object) -> None:
    with pytest.raises(ConfluenceNBError):
        wiki.get("/pages", id=value)


@pytest.mark.parametrize(
    "space", [b"ENG", {"ENG": 1}, {}, -1, 1.5, float("nan"), True, object(), HALF, [None], pd.NA, []]
)
def test_no_space(wiki: Wiki, space: object) -> None:
    with pytest.raises(ConfluenceNBError, match="space"):
        wiki.pages(space)


@pytest.mark.parametrize(
    "given", [{"status": "nope"}, {"body": "view"}, {"sort": "color"}, {"limit": -1}, {"title": HALF}]
)
def test_a_wrong_parameter_is_said_before_the_space_is_looked_up(wiki: Wiki, given: dict[str, Any]) -> None:
    with pytest.raises(ConfluenceNBError):
        wiki.pages(space="NOT-LOOKED-UP-YET", **given)


@pytest.mark.parametrize("cql", [None, "", " ", float("nan"), 1.5, [], b"type=page", HALF])
def test_no_query(wiki: Wiki, cql: Any) -> None:
    with pytest.raises(ConfluenceNBError):
        wiki.search(cql)


@pytest.mark.parametrize("ids", ["", " ", 5, [None], [""], b"712020", {"a": 1}, {}, HALF, pd.DataFrame()])
def test_no_account_id(wiki: Wiki, ids: object) -> None:
    with pytest.raises(ConfluenceNBError):
        wiki.users(ids)


def test_a_query_longer_than_any_address(wiki: Wiki) -> None:
    with pytest.raises(BadRequest, match="shorter"):
        wiki.search(f'title = "{LONG}"')


def test_a_blank_site(wiki: Wiki) -> None:
    with pytest.raises(ConfluenceNBError, match="empty"):
        wiki.use(" ")


@pytest.mark.parametrize("name", ["app", "cloud", "store"])
@pytest.mark.parametrize("value", [0, False, [], {}, object(), float("nan"), b"memory"])
def test_connect_takes_things_of_their_kind(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=name):
        confluence_nb.connect(**{"store": "memory", name: value})


@pytest.mark.parametrize(
    "url", ["https://api.example/path", "https://api.exam\nple", "https://api.exämple", "https://a b.c"]
)
def test_an_origin_is_nothing_more(url: str) -> None:
    with pytest.raises(ConfluenceNBError, match="api_url"):
        Cloud(api_url=url)


@pytest.mark.parametrize("word", [HALF, "\x00", "sécret", "two words", "zero​width"])
def test_what_came_along_with_a_copied_word(word: str) -> None:
    for given in (
        {"client_id": word},
        {"client_secret": word},
        {"redirect_uri": f"https://a.example/{word.replace('é', ' ')}"},
        {"scopes": [word]},
    ):
        with pytest.raises(AppRejected) as raised:
            OAuthApp(**{"client_id": "id", "client_secret": "secret", **given})
        assert "client_secret" not in given or word not in str(raised.value)


def test_numpys_integers_are_numbers(sandbox: Sandbox) -> None:
    wiki = open_wiki(sandbox, app=app_of(sandbox))
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    spaces = wiki.spaces(limit=np.int64(2))
    ids = spaces["id"].astype("int64").to_numpy()
    assert len(spaces) == 2
    assert set(wiki.pages(ids)["space_id"]) == set(spaces["id"])
    assert len(wiki.get("/spaces", ids=ids)["results"]) == 2


@pytest.mark.parametrize("value", [pd.NA, np.array([]), pd.DataFrame(), 1, "yes", []])
def test_neither_true_nor_false(wiki: Wiki, value: Any) -> None:
    for call in (wiki.likes, wiki.versions, wiki.comments):
        with pytest.raises(TypeError, match="Give True or False"):
            call("1", names=value)


@pytest.mark.parametrize("path", [HALF, "http://["])
def test_no_place_of_a_mirror(wiki: Wiki, path: str) -> None:
    with pytest.raises(ConfluenceNBError):
        wiki.sync(path)
