"""Signing in against a sign-in server stricter than Atlassian's: no leeway, no second use, odd answers."""

from __future__ import annotations

import json
import secrets
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from renewals import age, old_in_hand

import confluence_nb
from confluence_nb import Cloud, OAuthApp, Wiki
from confluence_nb.errors import (
    AppRejected,
    ConfluenceNBError,
    SignInRequired,
    Unreachable,
    WrongPaste,
)

CLIENT_ID, CLIENT_SECRET = "StrictApp000001", "strict-secret"
CALLBACK = "http://localhost:8765/callback"
SCOPE = "offline_access read:page:confluence"
SITE = {"id": "c1", "name": "strict", "url": "https://strict.atlassian.net", "scopes": SCOPE.split()[1:]}

Raw = tuple[int, bytes, dict[str, str]]


@dataclass
class StrictServer:
    """RFC 6749 to the letter: codes and refresh tokens are good once; a second use ends the whole family."""

    codes: dict[str, str] = field(default_factory=dict)
    access: str | None = None
    refresh: str | None = None
    spent: set[str] = field(default_factory=set)
    renewals: int = 0
    reuses: int = 0
    calls: list[dict[str, str]] = field(default_factory=list)
    phrase: Callable[[dict[str, Any]], Raw] | None = None
    before: Callable[[dict[str, str]], Raw | None] | None = None
    url: str = ""
    lock: Any = field(default_factory=threading.Lock)
    exchanged: set[str] = field(default_factory=set)

    def consent(self, link: str) -> str:
        """Accept: the callback address, for a link whose every parameter is right."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        assert asked["client_id"] == CLIENT_ID
        assert asked["redirect_uri"] == CALLBACK, "compared to the letter"
        assert asked["response_type"] == "code"
        code = secrets.token_urlsafe(24)
        self.codes[code] = asked["redirect_uri"]
        return f"{CALLBACK}?code={code}&state={asked['state']}"

    def token(self, kind: str, body: bytes) -> Raw:
        if kind.partition(";")[0] != "application/json":
            return _json(400, {"error": "invalid_request", "error_description": "JSON only"})
        asked = json.loads(body)
        with self.lock:
            self.calls.append(asked)
            if self.before is not None and (said := self.before(asked)) is not None:
                return said
            if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
                return _json(401, {"error": "invalid_client"})
            if asked["grant_type"] == "authorization_code":
                if asked["code"] in self.exchanged:  # RFC 6749 §4.1.2: what was made of it is revoked
                    self.reuses += 1
                    self.access = self.refresh = None
                if self.codes.pop(asked["code"], None) != asked.get("redirect_uri"):
                    return _json(400, {"error": "invalid_grant"})
                self.exchanged.add(asked["code"])
                return self._pair()
            if asked["refresh_token"] in self.spent:
                self.reuses += 1
                self.access = self.refresh = None
            if asked["refresh_token"] != self.refresh:
                return _json(400, {"error": "invalid_grant", "error_description": "revoked"})
            self.spent.add(asked["refresh_token"])
            self.renewals += 1
            return self._pair()

    def _pair(self) -> Raw:
        self.access, self.refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        pair = {
            "access_token": self.access, "refresh_token": self.refresh, "expires_in": 3600,
            "token_type": "Bearer", "scope": SCOPE,
        }  # fmt: skip
        return self.phrase(pair) if self.phrase else _json(200, pair)

    def resource(self, path: str, authorization: str) -> Raw:
        if self.access is None or authorization != f"Bearer {self.access}":
            return _json(401, {"code": 401, "message": "Unauthorized"})
        if path == "/oauth/token/accessible-resources":
            return _json(200, [SITE])
        rows = [{"id": str(number), "title": f"Page {number}"} for number in range(3)]
        return _json(200, {"results": rows, "_links": {"base": "https://strict.atlassian.net/wiki"}})

    def expire(self) -> None:
        """The access token dies before its time."""
        with self.lock:
            self.access = "nobody has this one"


def _json(status: int, content: Any, kind: str = "application/json") -> Raw:
    return status, json.dumps(content).encode(), {"Content-Type": kind}


@contextmanager
def serving(server: StrictServer) -> Iterator[StrictServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._say(server.token(self.headers.get("Content-Type", ""), body))

        def do_GET(self) -> None:
            self._say(server.resource(urlsplit(self.path).path, self.headers.get("Authorization", "")))

        def _say(self, said: Raw) -> None:
            status, body, headers = said
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
            """Quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_port}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(10)


@pytest.fixture
def strict() -> Iterator[StrictServer]:
    with serving(StrictServer()) as running:
        yield running


def open_wiki(server: StrictServer, store: Path | str, secret: str = CLIENT_SECRET, **app: Any) -> Wiki:
    return confluence_nb.connect(
        app.get("site"),
        app=OAuthApp(CLIENT_ID, secret, CALLBACK, app.get("scopes", SCOPE)),
        store=store,
        cloud=Cloud(auth_url=server.url, api_url=server.url),
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "sign-in.json"


@pytest.fixture
def wiki(strict: StrictServer, store: Path) -> Wiki:
    opened = open_wiki(strict, store)
    return opened.sign_in(strict.consent(opened.consent_url))


def test_both_steps_send_the_same_callback_and_the_code_works_once(strict: StrictServer, wiki: Wiki) -> None:
    assert len(wiki.pages()) == 3
    assert strict.calls[0]["redirect_uri"] == CALLBACK
    with pytest.raises(WrongPaste, match="already used"):
        wiki.sign_in(strict.calls[0]["code"])
    assert wiki.signed_in, "a failed second sign-in does not cost the first"
    assert len(wiki.pages()) == 3


CODES = {
    "one letter": "c",
    "a name": "urn:code:1a2b3c",
    "marks": "M.C5!abc*def$$+ (x);'",
    "long": "a-1" * 8_000,
}


@pytest.mark.parametrize("code", CODES.values(), ids=CODES.keys())
def test_a_code_of_any_printable_letters_is_traded_as_it_came(
    strict: StrictServer, store: Path, code: str
) -> None:
    wiki = open_wiki(strict, store)
    address = strict.consent(wiki.consent_url)
    (issued,) = strict.codes
    strict.codes[code] = strict.codes.pop(issued)
    wiki.sign_in(address.replace(issued, quote(code, safe="")))
    assert strict.calls[0]["code"] == code
    assert len(wiki.pages()) == 3


def test_a_code_that_is_given_twice_at_the_same_moment_is_sent_once(
    strict: StrictServer, store: Path
) -> None:
    """Two clicks, or a paste beside the answer that came by itself: a second use would end the first sign-in."""
    wiki = open_wiki(strict, store)
    address = strict.consent(wiki.consent_url)
    code = parse_qs(urlsplit(address).query)["code"][0]
    asked, go_on = threading.Event(), threading.Event()

    def linger(_: dict[str, str]) -> None:
        asked.set()
        assert go_on.wait(20)

    strict.before = linger
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(wiki.sign_in, address)
        assert asked.wait(20)
        for again in (address, code):
            with pytest.raises(WrongPaste, match="already used"):
                wiki.sign_in(again)
        go_on.set()
        first.result(20)
    assert len(strict.calls) == 1
    assert len(wiki.pages()) == 3


def test_a_code_whose_answer_was_lost_may_be_given_again(strict: StrictServer, store: Path) -> None:
    wiki = open_wiki(strict, store)
    address = strict.consent(wiki.consent_url)
    strict.before = lambda asked: (502, b"", {})
    with pytest.raises(Unreachable):
        wiki.sign_in(address)
    strict.before = None
    assert len(wiki.sign_in(address).pages()) == 3


LATER = {
    "a server that fails": (503, b"", {}),
    "a limit": (429, b"{}", {"Retry-After": "3000"}),
    "a login page": (200, b"<html>Welcome</html>", {"Content-Type": "text/html"}),
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("site", [None, "strict.atlassian.net"])
@pytest.mark.parametrize("said", LATER.values(), ids=LATER.keys())
def test_a_list_of_sites_that_does_not_come_costs_no_code(
    strict: StrictServer, store: Path, said: Raw, site: str | None
) -> None:
    """The code is spent: "give the same address again" would be wrong, and another consent for nothing."""
    wiki = open_wiki(strict, store, site=site)
    address = strict.consent(wiki.consent_url)
    usual, strict.resource = strict.resource, lambda *_: said  # type: ignore[method-assign]
    wiki.sign_in(address)
    assert wiki.signed_in
    with pytest.raises(ConfluenceNBError, match=r"[Tt]ry again|Go on after that"):
        wiki.pages()
    strict.resource = usual  # type: ignore[method-assign]
    assert len(wiki.pages()) == 3
    assert str(wiki.site) == "strict.atlassian.net"
    assert len(strict.calls) == 1


def test_a_wrong_secret_is_named_and_costs_nothing(strict: StrictServer, wiki: Wiki, store: Path) -> None:
    mistaken = open_wiki(strict, store, secret="wrong-secret")
    strict.expire()
    with pytest.raises(AppRejected, match="secret"):
        mistaken.pages()
    assert len(open_wiki(strict, store).pages()) == 3, "the grant is still in the store"
    assert strict.reuses == 0


def test_fifty_rotations_from_many_threads_spend_each_token_once(strict: StrictServer, wiki: Wiki) -> None:
    with ThreadPoolExecutor(8) as threads:
        for _ in range(50):
            strict.expire()
            rows = list(threads.map(lambda _: len(wiki.pages()), range(8)))
            assert rows == [3] * 8
    assert strict.renewals == 50
    assert strict.reuses == 0


def test_two_wikis_over_one_store_never_spend_a_token_twice(
    strict: StrictServer, wiki: Wiki, store: Path
) -> None:
    other = open_wiki(strict, store)
    for turn in range(20):
        strict.expire()
        with ThreadPoolExecutor(2) as threads:
            assert list(threads.map(lambda one: len(one.pages()), (wiki, other))) == [3, 3], turn
    assert strict.renewals == 20
    assert strict.reuses == 0


def test_an_access_token_that_stays_while_the_refresh_token_turns(strict: StrictServer, store: Path) -> None:
    """The server prolongs it, and what one notebook spent another must not present."""

    def prolonged(pair: dict[str, Any]) -> Raw:
        strict.access = "the-same-access-token"
        return _json(200, pair | {"access_token": strict.access})

    strict.phrase = prolonged
    one = open_wiki(strict, store)
    one.sign_in(strict.consent(one.consent_url))
    other = open_wiki(strict, store)
    for renewal, (first, second) in enumerate([(one, other), (other, one), (one, other)], 1):
        age(first, 3_700)
        old_in_hand(second, 3_700)
        assert [len(wiki.pages()) for wiki in (first, second)] == [3, 3]
        assert strict.renewals == renewal, "the second took up what the first had renewed"
    assert strict.reuses == 0


def test_a_family_that_was_ended_says_so_and_is_forgotten(
    strict: StrictServer, wiki: Wiki, store: Path
) -> None:
    strict.refresh = None
    strict.expire()
    with pytest.raises(SignInRequired, match="has ended"):
        wiki.pages()
    asked = len(strict.calls)
    with pytest.raises(SignInRequired):
        wiki.pages()
    assert len(strict.calls) == asked, "a dead grant is not asked for again"
    assert not open_wiki(strict, store).signed_in


NOBODYS_REFUSAL = {
    "a proxy's page": (403, b"<html>Blocked by policy</html>", {"Content-Type": "text/html"}),
    "a login's redirect": (302, b"", {"Location": "https://login.example/", "Content-Type": "text/html"}),
    "a front door's JSON": _json(403, {"message": "Forbidden"}),
    "a gateway's JSON with a status phrase as error": _json(403, {"status": 403, "error": "Forbidden"}),
    "a path that a gateway does not know": _json(404, {"error": "Not Found", "path": "/oauth/token"}),
    "a passing error": _json(400, {"error": "temporarily_unavailable"}),
    "an empty 404": (404, b"", {}),
    "a text as error": _json(400, "bad"),
    "an error that is no code": _json(400, {"error": {"code": 400}}),
    "a busy server": _json(429, {"error": "too_many_requests"}),
    "a broken server": (502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}),
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("said", NOBODYS_REFUSAL.values(), ids=NOBODYS_REFUSAL.keys())
def test_only_the_sign_in_servers_own_word_ends_a_sign_in(
    strict: StrictServer, wiki: Wiki, store: Path, said: Raw
) -> None:
    strict.expire()
    strict.before = lambda asked: said
    with pytest.raises(Unreachable, match="not lost"):
        wiki.pages()
    strict.before = None
    assert wiki.signed_in
    assert len(wiki.pages()) == 3
    assert open_wiki(strict, store).signed_in
    assert strict.renewals == 1


def test_what_a_gateway_says_of_a_code_is_no_refusal_of_it(strict: StrictServer, store: Path) -> None:
    wiki = open_wiki(strict, store)
    address = strict.consent(wiki.consent_url)
    strict.before = lambda asked: _json(403, {"status": 403, "error": "Forbidden"})
    with pytest.raises(Unreachable, match="not lost"):
        wiki.sign_in(address)
    strict.before = None
    wiki.sign_in(address)
    assert len(wiki.pages()) == 3


RFC_SENTENCE = (
    "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is "
    "invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued "
    "to another client."
)
"""RFC 6749 §5.2 of `invalid_grant`; servers send it as it stands."""

OWN_WORDS = {
    "unknown or rotated out": _json(403, {"error": "unauthorized_client", "error_description": "is invalid"}),
    "expired": _json(
        403, {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}
    ),
    "by the letter of the RFC": _json(400, {"error": "invalid_grant"}),
    "in the words of the RFC": _json(400, {"error": "invalid_grant", "error_description": RFC_SENTENCE}),
    "with a word of the callback": _json(
        400, {"error": "invalid_grant", "error_description": "redirect_uri"}
    ),
    "with the status of a wrong secret": _json(401, {"error": "invalid_grant"}),
    "with the status of a success": _json(200, {"error": "invalid_grant"}),
}


@pytest.mark.parametrize("said", OWN_WORDS.values(), ids=OWN_WORDS.keys())
def test_the_sign_in_servers_own_word_ends_it(
    strict: StrictServer, wiki: Wiki, store: Path, said: Raw
) -> None:
    strict.expire()
    strict.before = lambda asked: said
    with pytest.raises(SignInRequired, match="has ended"):
        wiki.pages()
    assert not wiki.signed_in
    assert not open_wiki(strict, store).signed_in


REFUSED_CODES = {
    "in the words of the RFC": (RFC_SENTENCE, WrongPaste, "already used"),
    "without a word": (None, WrongPaste, "already used"),
    "an old one": ("Code expired, or redirect_uri mismatch", WrongPaste, "already used"),
    "for another callback": ("redirect_uri mismatch", AppRejected, "callback URL .redirect_uri mismatch"),
    "for another callback, in words": ("The redirection URI does not match.", AppRejected, "to the letter"),
}


@pytest.mark.parametrize("how", REFUSED_CODES.values(), ids=REFUSED_CODES.keys())
def test_a_code_that_is_refused_is_the_callbacks_fault_only_where_that_is_said(
    strict: StrictServer, store: Path, how: tuple[str | None, type[ConfluenceNBError], str]
) -> None:
    described, kind, words = how
    strict.before = lambda asked: _json(400, {"error": "invalid_grant", "error_description": described})
    wiki = open_wiki(strict, store)
    with pytest.raises(kind, match=words):
        wiki.sign_in(strict.consent(wiki.consent_url))


@pytest.mark.parametrize("status", [400, 403])
def test_a_code_that_is_called_an_invalid_request_was_used(
    strict: StrictServer, store: Path, status: int
) -> None:
    """As Atlassian was seen to answer."""
    said = {"error": "invalid_request", "error_description": "authorization_code is invalid"}
    strict.before = lambda asked: _json(status, said)
    wiki = open_wiki(strict, store)
    with pytest.raises(WrongPaste, match="already used"):
        wiki.sign_in(strict.consent(wiki.consent_url))


@pytest.mark.parametrize("status", [200, 400, 403])
@pytest.mark.parametrize("error", ["server_error", "temporarily_unavailable", "unsupported_media_type"])
def test_what_is_not_said_of_the_code_costs_it_nothing(
    strict: StrictServer, store: Path, error: str, status: int
) -> None:
    wiki = open_wiki(strict, store)
    address = strict.consent(wiki.consent_url)
    strict.before = lambda asked: _json(status, {"error": error, "error_description": "Come later."})
    with pytest.raises(Unreachable, match=f"HTTP {status}: {error}, Come later.*the same address again"):
        wiki.sign_in(address)
    strict.before = None
    assert len(wiki.sign_in(address).pages()) == 3


QUOTING = {
    "a refusal of the code": (400, "invalid_grant"),
    "a refusal of the callback": (400, "invalid_grant", "redirect_uri"),
    "a refusal of the request": (400, "invalid_request"),
    "no refusal at all": (418, "I'm a teapot"),
    "a login page's success": (200, ""),
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("how", QUOTING.values(), ids=QUOTING.keys())
def test_what_a_server_quotes_of_the_request_is_shown_nowhere(
    strict: StrictServer, wiki: Wiki, how: tuple[Any, ...]
) -> None:
    """As a framework in debug mode answers: with all that it was sent."""
    status, error, *about = how

    def quoting(asked: dict[str, str]) -> Raw:
        return _json(status, {"error": error, "error_description": f"{about} {asked}", "received": asked})

    link, sent = wiki.consent_url, len(strict.calls)
    address = strict.consent(link)
    strict.before = quoting
    shown = ""
    strict.expire()
    for call in (lambda: wiki.sign_in(address), wiki.pages):
        with pytest.raises(ConfluenceNBError) as caught:
            call()
        error_ = caught.value
        trace = error_.__traceback__.tb_next.tb_next if error_.__traceback__ else None  # type: ignore[union-attr]
        told = traceback.TracebackException(type(error_), error_, trace, capture_locals=True)
        shown += f"{error_} {vars(error_)} {''.join(told.format())}"
    asked = strict.calls[sent:]
    secrets_ = {
        call[name] for call in asked for name in ("client_secret", "code", "refresh_token") if name in call
    }
    assert len(secrets_) == 3
    assert [secret for secret in secrets_ if secret in shown] == []


def without(*names: str) -> Callable[[dict[str, Any]], Raw]:
    return lambda pair: _json(200, {name: value for name, value in pair.items() if name not in names})


def having(kind: str = "application/json", **changes: Any) -> Callable[[dict[str, Any]], Raw]:
    return lambda pair: _json(200, pair | changes, kind)


ODD_PHRASES = {
    "no scope": without("scope"),
    "no expires_in": without("expires_in"),
    "no token_type": without("token_type"),
    "expires_in as text": having(expires_in="3600"),
    "expires_in as a broken number": having(expires_in="3599.5"),
    "with the status of something made": lambda pair: _json(201, pair),
    "error null": having(error=None, error_description=None),
    "expires_in null": having(expires_in=None),
    "expires_in of no sense": having(expires_in=-1),
    "token_type null": having(token_type=None),
    "bearer in lower case": having(token_type="bearer"),
    "bearer in capitals": having(token_type="BEARER"),
    "expires_in as a fraction": having(expires_in=3599.5),
    "scope as a list": having(scope=SCOPE.split()),
    "scope null": having(scope=None),
    "more fields": having(id_token="x.y.z", issued_at=1, nested={"a": [1]}),
    "as text/plain": having("text/plain"),
    "as another JSON": having("application/vnd.example+json; charset=UTF-8"),
    "with a byte order mark": lambda pair: (200, b"\xef\xbb\xbf" + json.dumps(pair).encode(), {}),
}


@pytest.mark.parametrize("phrase", ODD_PHRASES.values(), ids=ODD_PHRASES.keys())
def test_a_usable_answer_is_used_however_it_is_phrased(
    strict: StrictServer, store: Path, phrase: Callable[[dict[str, Any]], Raw]
) -> None:
    strict.phrase = phrase
    wiki = open_wiki(strict, store)
    wiki.sign_in(strict.consent(wiki.consent_url))
    assert set(wiki.status().scopes) == set(SCOPE.split())
    for renewal in range(1, 4):
        strict.expire()
        assert len(wiki.pages()) == 3
        assert strict.renewals == renewal
    assert open_wiki(strict, store).signed_in


UNUSABLE_PHRASES = {
    "no access token": without("access_token"),
    "an access token with a line break": having(access_token="one\r\ntwo"),
    "another kind of token": having(token_type="mac"),
    "a refresh token that is a number": having(refresh_token=7),
    "no JSON": lambda pair: (200, b"<html>Welcome</html>", {"Content-Type": "text/html"}),
}


@pytest.mark.parametrize("phrase", UNUSABLE_PHRASES.values(), ids=UNUSABLE_PHRASES.keys())
def test_an_answer_without_a_usable_token_signs_nobody_in(
    strict: StrictServer, store: Path, phrase: Callable[[dict[str, Any]], Raw]
) -> None:
    strict.phrase = phrase
    wiki = open_wiki(strict, store)
    with pytest.raises(Unreachable):
        wiki.sign_in(strict.consent(wiki.consent_url))
    assert not wiki.signed_in
    assert not open_wiki(strict, store).signed_in


def test_a_short_life_is_renewed_in_time_and_not_at_every_call(strict: StrictServer, store: Path) -> None:
    strict.phrase = having(expires_in=30)
    wiki = open_wiki(strict, store)
    wiki.sign_in(strict.consent(wiki.consent_url))
    for _ in range(5):
        assert len(wiki.pages()) == 3
    assert strict.renewals == 0


def test_a_slow_renewal_is_waited_for_and_not_asked_for_twice(strict: StrictServer, wiki: Wiki) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def linger(_: dict[str, str]) -> None:
        asked.set()
        assert go_on.wait(20)

    strict.expire()
    strict.before = linger
    with ThreadPoolExecutor(6) as threads:
        calls = [threads.submit(lambda: len(wiki.pages())) for _ in range(6)]
        assert asked.wait(20)
        assert not any(call.done() for call in calls)
        go_on.set()
        assert [call.result(20) for call in calls] == [3] * 6
    assert strict.renewals == 1


@pytest.mark.usefixtures("hurried")
def test_where_nobody_answers_nobody_is_suspected() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        gone = f"http://127.0.0.1:{probe.getsockname()[1]}"
    wiki = confluence_nb.connect(
        app=OAuthApp("client", "secret"),
        store="memory",
        profile="nobody",
        cloud=Cloud(auth_url=gone, api_url=gone),
    )
    state = parse_qs(urlsplit(wiki.consent_url).query)["state"][0]
    with pytest.raises(Unreachable, match=r"\. Check the network or proxy, then try again") as caught:
        wiki.sign_in(f"http://localhost:8765/callback?code={secrets.token_urlsafe(40)}&state={state}")
    assert "answered instead" not in str(caught.value)
