"""A scope that is missing: which one, what there is instead, where to add it - for every list of both APIs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from conftest import app_of, open_wiki
from strange_cloud import SITE, Says, strange_cloud

from confluence_nb import Wiki
from confluence_nb.api.catalog import Collection, collection, collections
from confluence_nb.errors import MissingScope, NotPermitted
from confluence_nb.oauth.app import CONSOLE_URL
from confluence_nb.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("hurried")

SCOPE_MISS = Says(
    {"code": 401, "message": "Unauthorized; scope does not match"},
    401,
    {"X-Failure-Category": "FAILURE_CLIENT_SCOPE_CHECK"},
)


@pytest.fixture(scope="module")
def roomy() -> Iterator[Sandbox]:
    with Sandbox(pages=60, spaces=3, hourly_points=10_000_000) as running:
        yield running


def granted(sandbox: Sandbox, *scopes: str) -> Wiki:
    """A wiki whose sign-in has these scopes and no others."""
    wiki = open_wiki(sandbox, app=app_of(sandbox, scopes=["read:me", *scopes]))
    return wiki.sign_in(sandbox.approve(wiki.consent_url, sites=["acme"]))


def call(wiki: Wiki, entry: Collection) -> object:
    """One request for a list, with any ids."""
    path = re.sub(r"\{[^}]+\}", "1", entry.url)
    return wiki.request(entry.method, path, json={} if entry.method == "POST" else None)


def test_every_list_names_its_scopes(roomy: Sandbox) -> None:
    have = "read:hierarchical-content:confluence"
    wiki = granted(roomy, have)
    tried = 0
    for entry in collections():
        if any(set(group) <= {have} for group in entry.scopes):
            continue
        with pytest.raises(MissingScope) as caught:
            call(wiki, entry)
        said, error = str(caught.value), caught.value
        for group in entry.scopes:
            assert " with ".join(group) in said, entry.path
        assert CONSOLE_URL in said
        assert "OAuthApp(scopes=" in said
        assert "sign in again" in said
        assert have in said
        assert (error.needed, error.granted, error.status) == (entry.scopes[0], (have,), 401)
        tried += 1
    assert tried > 95
    assert wiki.signed_in, "a scope that is missing ends no sign-in"


@pytest.mark.parametrize("which", [0, -1], ids=["classic", "granular"])
@pytest.mark.parametrize("path", ["/wiki/rest/api/search", "/wiki/rest/api/template/page"])
def test_either_alternative_is_enough(roomy: Sandbox, path: str, which: int) -> None:
    entry = collection(path)
    assert len(entry.scopes) == 2
    found = granted(roomy, *entry.scopes[which]).get(
        path, **({"cql": "type = page"} if "search" in path else {})
    )
    assert isinstance(found["results"], list)


def test_only_what_is_lacking_is_to_be_added() -> None:
    with strange_cloud(lambda asked: SCOPE_MISS) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(MissingScope, match="Add write:page:confluence to your app") as caught:
            wiki.get("/pages/7/classification-level")
        assert "read:page:confluence with write:page:confluence" in str(caught.value)
        with pytest.raises(MissingScope, match="refuses this sign-in's all the same"):
            wiki.get("/pages")
        with pytest.raises(MissingScope, match="Find it in the documentation"):
            wiki.get("/something/else")


def test_a_scope_that_is_missing_is_asked_for_once() -> None:
    """Neither is the token renewed nor the call repeated: both would bring the same."""
    with strange_cloud(lambda asked: SCOPE_MISS) as cloud:
        wiki = cloud.open_wiki()
        before = [asked.path for asked in cloud.asked].count("/oauth/token")
        with pytest.raises(MissingScope):
            wiki.pages()
        assert len(cloud.wiki_calls) == 1
        assert [asked.path for asked in cloud.asked].count("/oauth/token") == before


BEARER = {"WWW-Authenticate": 'Bearer realm="x", error="insufficient_scope", scope="read:label:confluence"'}


@pytest.mark.parametrize(
    "refusal",
    [
        Says({"code": 403, "message": "Forbidden; scope does not match"}, 403, BEARER), Says({}, 403, BEARER),
        Says({"code": 403, "message": "Forbidden; scope does not match"}, 403),
        Says({}, 403, {"X-Failure-Category": "FAILURE_CLIENT_SCOPE_CHECK"}), Says({}, 401, BEARER),
        Says(b"", 403, {"WWW-Authenticate": "bearer error = insufficient_scope"}),
    ],
    ids=["403, both", "403, header", "403, words", "403, category", "401, header", "403, without quotes"],
)  # fmt: skip
def test_a_scope_that_is_missing_is_told_in_other_forms_too(refusal: Says) -> None:
    """In a fan-out as well: pages whose labels one may not see would be left out, and the frame look whole."""
    page = {"id": "1", "title": "t", "status": "current"}

    with strange_cloud(
        lambda asked: refusal if "labels" in asked.path else Says({"results": [page], "_links": {}})
    ) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(MissingScope, match="read:label:confluence") as caught:
            wiki.table("/labels")
        assert caught.value.status == refusal.status
        with pytest.raises(MissingScope, match="read:page:confluence"):
            wiki.labels(wiki.pages())
        assert wiki.signed_in


def test_a_page_that_one_may_not_see_is_no_missing_scope() -> None:
    forbidden = Says({"message": "Not permitted"}, 403, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    with strange_cloud(lambda asked: forbidden) as cloud, pytest.raises(NotPermitted):
        cloud.open_wiki().get("/pages/7")


def test_many_granted_scopes_stay_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"read:thing-{number}:confluence" for number in range(45)]
    monkeypatch.setitem(SITE, "scopes", many)
    with (
        strange_cloud(lambda asked: SCOPE_MISS) as cloud,
        pytest.raises(MissingScope, match="and 25 more") as caught,
    ):
        cloud.open_wiki().get("/pages")
    assert caught.value.granted == tuple(many)
    assert len(str(caught.value)) < 1_200
