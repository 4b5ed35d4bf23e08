"""Every refusal of the service as the sentence for the person at the notebook: what happened, what to do."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import app_of, open_wiki
from strange_cloud import Asked, Says, strange_cloud

import confluence_nb._http
from confluence_nb import Wiki, _patience, errors
from confluence_nb.api.catalog import scopes_for
from confluence_nb.api.removed import REMOVED, V1, Removed
from confluence_nb.errors import (
    ApiError,
    BadRequest,
    ConfluenceNBError,
    Gone,
    MissingScope,
    NotFound,
    NotPermitted,
    RateLimited,
    SignInError,
    SignInRequired,
    Unreachable,
)
from confluence_nb.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("hurried")

PROXY_PAGE = b"<!DOCTYPE html><html><title>Corporate login</title></html>"
HTML = {"Content-Type": "text/html; charset=utf-8"}
BARE_404 = {"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Not Found", "detail": None}]}
NAMED_404 = {"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Cannot find a page with id [7]"}]}
UNLICENSED = {"statusCode": 403, "message": "Current user not permitted to use Confluence"}
NO_ACCESS = {"statusCode": 403, "message": "x.y.PermissionException: caller cannot access Confluence"}
BAD_CURSOR = {
    "errors": [
        {
            "status": 400,
            "code": "INVALID_REQUEST_PARAMETER",
            "title": "Provided value for 'cursor' is not the correct type. Expected type is Cursor.",
            "detail": "The provided cursor was not valid.",
        }
    ]
}
CHANGE = "https://developer.atlassian.com/cloud/confluence/changelog/#CHANGE-1411"
NOT_ALLOWED = {"errors": [{"status": 403, "code": "FORBIDDEN", "title": "Restricted by its owner"}]}


def failing(says: Says) -> ConfluenceNBError:
    """What a wiki raises for that answer."""
    with strange_cloud(lambda asked: says) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(ConfluenceNBError) as caught:
            wiki.get("/pages/7")
        return caught.value


@pytest.mark.parametrize(
    ("says", "kind", "words"),
    [
        (Says({"message": "removed"}, 410), Gone, "v2 API"),
        (Says(BARE_404, 404), NotFound, "same bare words"),
        (Says(b"", 404), NotFound, "same bare words"),
        (Says(NAMED_404, 404), NotFound, r"Cannot find a page with id \[7\]"),
        (Says(UNLICENSED, 403), NotPermitted, "cannot use Confluence on strange.atlassian.net"),
        (Says(NOT_ALLOWED, 403), NotPermitted, "Restricted by its owner"),
        (Says(NAMED_404, 404), NotFound, "app access rule"),
        (Says(NO_ACCESS, 403), NotPermitted, "cannot use Confluence on strange.atlassian.net"),
        (Says(BAD_CURSOR, 400), BadRequest, r"Expected type is Cursor\..*Begin the list again"),
        (Says({"message": "bad cql"}, 400), BadRequest, "bad cql"),
        (Says(b"", 400), BadRequest, "gave no reason"),
        (Says(b"", 414), BadRequest, "too long"),
        (Says(b"", 413), BadRequest, "too long"),
        (Says({"message": "conflict"}, 409), ApiError, "conflict"),
        (Says({"message": "boom"}, 500), Unreachable, "status.atlassian.com"),
        (Says(PROXY_PAGE, 503, HTML), Unreachable, "503"),
        (Says(PROXY_PAGE, 200, HTML), Unreachable, "web page came back"),
        (Says(PROXY_PAGE, 200), Unreachable, "web page came back"),
        (Says(b'{"results": [', 200), Unreachable, "not valid JSON"),
        (Says({"results": []}, 429, {"Retry-After": "3600"}), RateLimited, "60 minutes"),
        (Says(None), Unreachable, "connection broke"),
        (Says(b"not gzip", 200, {"Content-Encoding": "gzip"}), Unreachable, "damaged"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)  # fmt: skip
def test_each_refusal_is_named(says: Says, kind: type[ConfluenceNBError], words: str) -> None:
    error = failing(says)
    assert type(error) is kind
    with pytest.raises(kind, match=words):
        raise error
    if isinstance(error, ApiError):
        assert error.path


def test_a_word_that_means_two_things_is_told_apart() -> None:
    """`Forbidden` on one page is not a missing licence, and the server's words are one bounded line."""
    said = {"message": "No\nview " + "x" * 5_000}
    error = failing(Says(said, 403))
    assert isinstance(error, NotPermitted)
    assert "\n" not in str(error)
    assert len(str(error)) < 700


@pytest.mark.parametrize(
    ("says", "of_site"),
    [
        (Says(UNLICENSED, 403), True),
        (Says(NO_ACCESS, 403), True),
        (Says(NOT_ALLOWED, 403), False),
        (Says(NAMED_404, 404), False),
        (Says(b"", 404), False),
    ],
)  # fmt: skip
def test_what_concerns_the_whole_site_is_marked(says: Says, of_site: bool) -> None:
    error = failing(says)
    assert isinstance(error, ApiError)
    assert error.of_site is of_site


def test_a_path_that_no_api_has(wiki: Wiki) -> None:
    with pytest.raises(NotFound, match=r"have no such GET.*wiki\.collections\(\)"):
        wiki.get("/pagges")


def test_a_licence_that_was_taken_away() -> None:
    """On one API and on the other, in a list and in a single call."""
    with strange_cloud(lambda asked: Says(UNLICENSED, 403)) as cloud:
        strange = cloud.open_wiki()
        for call in (
            lambda: strange.pages(),
            lambda: strange.search("type = page"),
            lambda: strange.get("/pages"),
        ):
            with pytest.raises(NotPermitted, match="administrator for Confluence access") as caught:
                call()
            assert caught.value.of_site
        assert strange.signed_in, "a licence is not a sign-in"


def test_a_missing_scope_names_what_is_needed(sandbox: Sandbox) -> None:
    wiki = open_wiki(sandbox, app=app_of(sandbox, scopes="read:space:confluence read:me"))
    wiki.sign_in(sandbox.approve(wiki.consent_url, sites=["globex"]))
    with pytest.raises(MissingScope, match="read:page:confluence") as caught:
        wiki.pages()
    assert "read:page:confluence" in caught.value.needed
    assert "read:space:confluence" in caught.value.granted
    assert "does not help" in str(caught.value)
    assert caught.value.frame is not None
    assert wiki.signed_in, "a scope that is missing ends no sign-in"
    assert len(wiki.spaces()) > 0


REMOVED_CALLS = [
    ("GET", "/content", "wiki.pages() or wiki.blogposts(), which reads /pages"),
    ("POST", "/content", "Use POST /pages."),
    ("GET", "/content/7", 'wiki.get("/pages/7")'),
    ("PUT", "/content/7", "Use PUT /pages/7."),
    ("DELETE", "/content/7", "Use DELETE /pages/7."),
    ("GET", "/content/att7", 'wiki.get("/attachments/att7")'),
    ("GET", "/content/7/child", 'wiki.children("7")'),
    ("GET", "/content/7/child/page", 'wiki.children("7"), which reads /pages/7/direct-children'),
    ("GET", "/content/7/child/comment", 'wiki.comments("7"), which reads /pages/7/footer-comments'),
    ("GET", "/content/7/child/attachment", 'wiki.attachments("7")'),
    ("GET", "/content/7/label", 'wiki.labels("7")'),
    ("GET", "/content/7/property/key", 'wiki.properties("7")'),
    ("POST", "/content/7/property", "Use POST /pages/7/properties."),
    ("GET", "/content/7/history", 'wiki.versions("7")'),
    ("GET", "/content/7/version/3", 'wiki.versions("7")'),
    ("POST", "/contentbody/convert/view", "Use POST /wiki/rest/api/contentbody/convert/async/view."),
    ("GET", "/group/by-name", "wiki.groups()"),
    ("GET", "/group/staff/member", "Use GET /wiki/rest/api/group/{groupId}/membersByGroupId."),
    ("GET", "/inlinetasks/search", "wiki.tasks()"),
    ("GET", "/inlinetasks/9", 'wiki.get("/tasks/9")'),
    ("PUT", "/inlinetasks/9", "Use PUT /tasks/9."),
    ("GET", "/space", "wiki.spaces()"),
    ("GET", "/space/ENG", 'wiki.table("/spaces", keys="ENG")'),
    ("GET", "/space/ENG/content", 'wiki.pages(space="ENG")'),
    ("GET", "/space/~ada/content/blogpost", 'wiki.blogposts(space="~ada")'),
    ("GET", "/space/ENG/property", 'wiki.table("/spaces/{space-id}/properties"'),
]  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Iterator[Wiki]:
    """One wiki for the many calls that change nothing."""
    with Sandbox(pages=10, spaces=1, sites=1) as running:
        opened = open_wiki(running)
        yield opened.sign_in(running.approve(opened.consent_url))


@pytest.mark.parametrize(("method", "path", "words"), REMOVED_CALLS)
def test_a_removed_endpoint_names_its_replacement(reader: Wiki, method: str, path: str, words: str) -> None:
    with pytest.raises(Gone) as caught:
        reader.request(method, f"/wiki/rest/api{path}", json={} if method != "GET" else None)
    assert words in str(caught.value)
    assert f"Atlassian removed {method} /wiki/rest/api{path} for OAuth apps" in str(caught.value)
    assert (caught.value.status, caught.value.path) == (410, f"/wiki/rest/api{path}")


def test_every_removed_endpoint_is_tried_above() -> None:
    for gone in REMOVED:
        assert any(
            method == gone.method and gone.pattern.fullmatch(path) for method, path, _ in REMOVED_CALLS
        ), gone


@pytest.mark.parametrize("gone", REMOVED, ids=lambda gone: f"{gone.method} {gone.pattern.pattern}")
def test_what_replaces_an_endpoint_exists(gone: Removed) -> None:
    method, _, path = gone.path.rpartition(" ")
    url = path if path.startswith(V1) else f"/wiki/api/v2{path}"
    assert scopes_for(method or "GET", url.replace("{", "").replace("}", "")), "no operation of either API"
    for helper in re.findall(r"wiki\.(\w+)", gone.helper):
        assert callable(getattr(Wiki, helper))


def test_an_endpoint_that_nobody_knows_is_gone_too() -> None:
    with (
        strange_cloud(lambda asked: Says({}, 410)) as cloud,
        pytest.raises(Gone, match=r"wiki\.table\(path\)"),
    ):
        cloud.open_wiki().get("/wiki/rest/api/something/else")


def test_a_page_that_is_not_there(wiki: Wiki) -> None:
    with pytest.raises(NotFound, match="check the id") as caught:
        wiki.get("/pages/999999999")
    assert (caught.value.status, caught.value.path) == (404, "/wiki/api/v2/pages/999999999")


@pytest.mark.parametrize(
    "call", [lambda wiki: wiki.page("999999"), lambda wiki: wiki.groups(), lambda wiki: wiki.use("nowhere")]
)
def test_a_traceback_does_not_lead_into_the_event_loop(wiki: Wiki, call: Callable[[Wiki], object]) -> None:
    with pytest.raises(ConfluenceNBError) as caught:
        call(wiki)
    on_the_way = [entry.path for entry in caught.traceback]
    assert Path(on_the_way[0]) == Path(__file__)
    assert Path(on_the_way[-1]).name == "connection.py"
    assert len(on_the_way) <= 8, "each frame is a dozen lines in a notebook, above the words that count"


def test_a_proxys_page_in_place_of_the_token_ends_no_sign_in() -> None:
    with strange_cloud(lambda asked: Says({"results": []})) as cloud:
        wiki = cloud.open_wiki()
        for token_says in (
            Says(PROXY_PAGE, 200, HTML),
            Says(PROXY_PAGE, 403, HTML),
            Says(b"", 302, {"Location": "/"}),
        ):
            usual = cloud.answer
            refused = Says({"code": 401, "message": "Unauthorized"}, 401)

            def answer(asked: Asked, says: Says = token_says, refused: Says = refused) -> Says:
                return says if asked.path == "/oauth/token" else refused

            cloud.answer = answer  # type: ignore[method-assign]
            with pytest.raises(Unreachable, match="not lost"):
                wiki.get("/pages")
            assert wiki.signed_in
            cloud.answer = usual  # type: ignore[method-assign]
        assert wiki.get("/pages") == {"results": []}


def test_a_grant_without_a_refresh_token_says_when_it_ends() -> None:
    refused = Says({"code": 401, "message": "Unauthorized"}, 401)
    with strange_cloud(lambda asked: refused) as cloud:
        del cloud.token["refresh_token"]
        wiki = cloud.open_wiki()
        assert not wiki.status().renews_itself
        assert "one hour" in (wiki.status().note or "")
        with pytest.raises(SignInRequired, match="offline_access"):
            wiki.get("/pages")
        assert not wiki.signed_in


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": ""}, {"access_token": None}, {"access_token": 7}, {"access_token": "two words"},
        {"access_token": "bad\r\nX-Header: 1"}, {"access_token": "tokén"}, {"token_type": "mac"},
    ],
)  # fmt: skip
def test_a_token_that_cannot_be_sent_is_refused_at_once(change: dict[str, Any]) -> None:
    with strange_cloud(lambda asked: Says({})) as cloud:
        cloud.token |= change
        with pytest.raises(Unreachable, match="no usable token"):
            cloud.open_wiki()


@pytest.mark.parametrize("odd", ["soon", None, -5, 10**12, [], "3600"])
def test_a_lifetime_that_is_odd_is_an_hour(odd: object) -> None:
    with strange_cloud(lambda asked: Says({"ok": True})) as cloud:
        cloud.token |= {"expires_in": odd}
        wiki = cloud.open_wiki()
        assert wiki.get("/pages") == {"ok": True}
        assert [asked.path for asked in cloud.asked].count("/oauth/token") == 1


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_an_oversized_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(confluence_nb._http, "MAX_ANSWER_BYTES", 2**20)
    body = b'{"results": ["' + b"x" * 2**22 + b'"]}'
    says = Says(gzip.compress(body), 200, {"Content-Encoding": "gzip"}) if packed else Says(body)
    with strange_cloud(lambda asked: says) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable, match="larger than 1 MB"):
            wiki.get("/pages")
        assert len(cloud.wiki_calls) == 1, "asking again would bring the same"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_oversized_refusal_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """What a refusal says decides whether the token is renewed; its size decides nothing."""
    monkeypatch.setattr(confluence_nb._http, "MAX_ANSWER_BYTES", 2**20)
    bomb = Says(gzip.compress(b"x" * 2**22), status, {"Content-Encoding": "gzip"})
    with strange_cloud(lambda asked: bomb) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable, match="larger than 1 MB"):
            wiki.get("/pages")
        assert len(cloud.wiki_calls) == 1


def test_an_answer_that_trickles_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and the whole would take an hour."""
    monkeypatch.setattr(_patience, "LONGEST_ANSWER", 0.3)
    monkeypatch.setattr(_patience, "backoff", lambda tried, base: 0.0)
    with strange_cloud(lambda asked: Says(b" " * 36_000, pause=0.1)) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable, match="it took too long") as given_up:
            wiki.get("/pages")
        assert given_up.value.timed_out
        assert len(cloud.wiki_calls) < _patience.TRIES, (
            "what was in vain for so long is not tried as often again"
        )


def test_a_write_is_not_sent_twice() -> None:
    for says in (Says({"message": "boom"}, 503), Says(None)):
        with strange_cloud(lambda asked, says=says: says) as cloud:
            wiki = cloud.open_wiki()
            with pytest.raises(Unreachable):
                wiki.request("POST", "/pages", json={"title": "once"})
            assert len(cloud.wiki_calls) == 1


def test_an_answer_without_a_body_is_none() -> None:
    with strange_cloud(lambda asked: Says(b"", 204)) as cloud:
        assert cloud.open_wiki().request("DELETE", "/pages/7") is None


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_ours_documented_and_at_hand(kind: type[Exception]) -> None:
    assert issubclass(kind, ConfluenceNBError)
    assert kind.__doc__
    assert kind.__name__ in (errors.__doc__ or "")


def test_one_clause_catches_every_way_a_sign_in_fails() -> None:
    ways: list[Callable[..., Exception]] = [
        errors.ConsentDenied,
        errors.WrongPaste,
        errors.AppRejected,
        SignInRequired,
    ]
    assert all(isinstance(way("x"), SignInError) for way in ways)
