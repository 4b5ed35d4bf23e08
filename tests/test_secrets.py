"""Secrets stay where they belong: nothing that Python shows, logs, stores or raises holds one."""

from __future__ import annotations

import asyncio
import copy
import io
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import ipywidgets as widgets
import pytest
from conftest import app_of, open_wiki
from strange_cloud import Asked, Says, strange_cloud

import confluence_nb
from confluence_nb import OAuthApp, Wiki
from confluence_nb.api.portal import portal
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.sandbox import Sandbox
from confluence_nb.secret import Secret

pytestmark = pytest.mark.usefixtures("hurried")

CLIENT_SECRET = "canary-of-the-client-secret-5f1d0c"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that any logger says, at its most talkative."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    loggers = [
        root,
        *(logging.getLogger(name) for name in ("httpx", "httpcore", "asyncio", "hpack", "confluence_nb")),
    ]
    levels = [logger.level for logger in loggers]
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def canary() -> Iterator[Sandbox]:
    with Sandbox(pages=20, spaces=2, client_secret=CLIENT_SECRET) as running:
        yield running


def approved(sandbox: Sandbox, link: str) -> str:
    """The consent page visited unheard: what a browser logs is not ours."""
    logging.disable(logging.CRITICAL)
    try:
        return sandbox.approve(link)
    finally:
        logging.disable(logging.NOTSET)


class Canaries:
    """Every secret of one session, collected as it goes."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {"client secret": CLIENT_SECRET}

    def consent(self, wiki: Wiki) -> None:
        self.texts[f"state {len(self.texts)}"] = parse_qs(urlsplit(wiki.consent_url).query)["state"][0]

    def pasted(self, address: str) -> str:
        self.texts[f"code {len(self.texts)}"] = parse_qs(urlsplit(address).query)["code"][0]
        return address

    def stored(self, path: Path) -> None:
        for kept in json.loads(path.read_text()).values():
            for sign_in in json.loads(kept)["sign_ins"].values():
                grant = sign_in["grant"] or {}
                for name in ("access_token", "refresh_token"):
                    if grant.get(name):
                        self.texts[f"{name} {len(self.texts)}"] = grant[name]

    def found_in(self, text: str) -> list[str]:
        return [name for name, secret in self.texts.items() if secret in text]


def deep_traceback(error: BaseException) -> str:
    """As a debugger would show it: every frame's locals, of causes and of contexts, those that are suppressed too."""
    shown, waiting, seen = "", [error], set()
    while waiting:
        one = waiting.pop()
        seen.add(id(one))
        shown += "".join(traceback.TracebackException.from_exception(one, capture_locals=True).format())
        shown += f"{one.args!r} {vars(one)!r}"
        waiting += [
            each for each in (one.__cause__, one.__context__) if each is not None and id(each) not in seen
        ]
    return shown


def below_the_caller(error: BaseException) -> str:
    """The same without the frame of the test, which holds what was given."""
    assert error.__traceback__ is not None
    error.__traceback__ = error.__traceback__.tb_next
    return deep_traceback(error)


def test_after_a_session_with_failures_no_secret_is_to_be_seen(
    canary: Sandbox, tmp_path: Path, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    canary.set(retry_after_form="none")
    canaries, path, shown = Canaries(), tmp_path / "kept.json", io.StringIO()
    wiki = open_wiki(canary, store=path)
    canaries.consent(wiki)

    def fails(call: Any, *given: Any) -> None:
        with pytest.raises(ConfluenceNBError) as caught:
            call(*given)
        error = caught.value
        # This function's own frame holds what was given to it: what lies below is the library's.
        error.__traceback__ = error.__traceback__.tb_next if error.__traceback__ else None
        shown.write(deep_traceback(error) + repr(error) + repr(vars(error)))

    address = canaries.pasted(approved(canary, wiki.consent_url))
    code = parse_qs(urlsplit(address).query)["code"][0]
    fails(wiki.sign_in, address.replace("state=", "state=x"))
    fails(wiki.sign_in, address + "&code=another-code")
    fails(
        open_wiki(canary, app=app_of(canary, client_secret=CLIENT_SECRET + "x"), profile="wrong").sign_in,
        code,
    )
    canary.set(faults_on="token", error_every=1)
    fails(wiki.sign_in, address)
    canary.set(error_every=0, drop_every=1)
    fails(wiki.sign_in, address)
    canary.set(drop_every=0)
    canaries.consent(wiki)
    address = canaries.pasted(approved(canary, wiki.consent_url))
    wiki.sign_in(address)
    canaries.stored(path)
    fails(wiki.sign_in, address)
    fails(wiki.use, "nowhere.example")
    wiki.use("acme")
    canary.expire_tokens()
    wiki.spaces()
    canaries.stored(path)
    canary.set(faults_on="gateway", error_every=1)
    fails(wiki.pages)
    canary.set(error_every=0, drop_every=1)
    fails(wiki.get, "/pages")
    canary.set(drop_every=0)
    fails(wiki.get, "/pages/999999")
    fails(wiki.get, "/wiki/rest/api/content")
    canary.expire_tokens()
    canary.set(faults_on="token", drop_every=1)
    fails(wiki.pages)
    canary.set(drop_every=0)
    canary.revoke()
    fails(wiki.pages)

    assert len(canaries.texts) >= 9
    assert canaries.found_in(shown.getvalue()) == [], "in a traceback"
    assert canaries.found_in(logged.getvalue()) == [], "in a log"
    assert "HTTP Request" in logged.getvalue(), "the loggers were listening"
    assert canaries.found_in("".join(capfd.readouterr())) == [], "on the screen"


def test_objects_do_not_show_what_they_hold(canary: Sandbox, tmp_path: Path) -> None:
    canaries, path = Canaries(), tmp_path / "kept.json"
    wiki = open_wiki(canary, store=path)
    canaries.consent(wiki)
    wiki.sign_in(canaries.pasted(canary.approve(wiki.consent_url))).use("acme")
    canaries.stored(path)
    canaries.consent(wiki)
    state = canaries.texts.pop(next(name for name in reversed(canaries.texts) if name.startswith("state")))
    session = wiki._session
    for thing in (
        wiki,
        session,
        wiki.status(),
        wiki.site,
        session.app,
        session._keeper,
        session._keep,
        session.bearer(),
    ):
        assert canaries.found_in(f"{thing!r} {thing!s} {getattr(thing, '__dict__', '')}") == [], type(thing)
    assert state not in f"{wiki!r} {wiki.status()!r} {session!r}"
    assert canaries.found_in(wiki.spaces().attrs.__repr__()) == []
    assert canaries.found_in(repr(wiki.get("/spaces"))) == []


def test_nothing_with_a_secret_in_it_is_pickled(canary: Sandbox) -> None:
    wiki = open_wiki(canary)
    wiki.sign_in(canary.approve(wiki.consent_url)).use("acme")
    assert wiki._session._keeper is not None
    for thing in (Secret("x"), wiki._session.app, wiki._session._keeper.grant, wiki):
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_frames_and_errors_are_pickled_without_secrets(canary: Sandbox, tmp_path: Path) -> None:
    canaries, path = Canaries(), tmp_path / "kept.json"
    wiki = open_wiki(canary, store=path)
    wiki.sign_in(canaries.pasted(canary.approve(wiki.consent_url))).use("acme")
    canaries.stored(path)
    frame = wiki.spaces()
    packed = pickle.dumps(frame)
    assert pickle.loads(packed).equals(frame)
    assert canaries.found_in(packed.decode("latin-1")) == []
    with pytest.raises(ConfluenceNBError) as caught:
        wiki.get("/pages/999999")
    assert canaries.found_in(str(vars(caught.value))) == []


def test_a_masked_secret_is_still_itself() -> None:
    secret, app = Secret("open sesame"), OAuthApp("ClientId0001", Secret("sesame"))
    assert "sesame" not in f"{secret} {secret!r} {secret!s:>40} {[secret]} {vars(app)}"
    assert secret == "open sesame"
    assert secret == Secret("open sesame")
    assert secret != Secret("open")
    assert Secret(secret).reveal() == copy.deepcopy(secret).reveal() == "open sesame"
    assert hash(secret) == hash(Secret("open sesame"))
    assert not Secret("")
    assert secret != 7
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises((TypeError, AttributeError)):
        vars(secret)


def test_a_wrong_type_in_place_of_a_secret_shows_nothing() -> None:
    for given in (b"canary-bytes", ["canary-list"], {"canary": "dict"}):
        with pytest.raises(ConfluenceNBError) as caught:
            OAuthApp("ClientId0001", given)  # type: ignore[arg-type]
        assert "canary" not in str(caught.value)


WRONG_APPS: dict[str, tuple[Any, ...]] = {
    "a client id that is none": ("two words", "canary-secret"),
    "a callback URL that is none": ("ClientId0001", "canary-secret", "nowhere"),
    "a secret with a word too many": ("ClientId0001", "canary-secret and more"),
    "a secret in bytes": ("ClientId0001", b"canary-secret"),
    "scopes that are none": ("ClientId0001", "canary-secret", "http://localhost:8765/callback", 7),
}


@pytest.mark.parametrize("given", WRONG_APPS.values(), ids=WRONG_APPS.keys())
def test_an_app_that_cannot_be_right_leaves_its_secret_in_no_traceback(given: tuple[Any, ...]) -> None:
    with pytest.raises(ConfluenceNBError) as caught:
        OAuthApp(*given)
    assert "canary" not in below_the_caller(caught.value)


def test_a_secret_in_the_place_of_the_callback_is_not_quoted() -> None:
    with pytest.raises(ConfluenceNBError) as caught:
        OAuthApp("ClientId0001", "http://localhost:8765/callback", "canary-secret")
    assert "canary" not in str(caught.value)


def test_half_an_app_in_the_environment_leaves_it_in_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFLUENCE_CLIENT_SECRET", "canary-secret")
    monkeypatch.delenv("CONFLUENCE_CLIENT_ID", raising=False)
    with pytest.raises(ConfluenceNBError, match="CONFLUENCE_CLIENT_ID is not set") as caught:
        confluence_nb.connect(store="memory")
    assert "canary" not in below_the_caller(caught.value)


def test_requests_never_carry_the_token_in_their_address(canary: Sandbox) -> None:
    wiki = open_wiki(canary)
    wiki.sign_in(canary.approve(wiki.consent_url)).use("acme")
    wiki.pages()
    assert wiki._session._keeper is not None
    token = wiki._session._keeper.grant.access_token.reveal()
    assert token not in repr(canary.log(1_000))


def test_a_wrong_header_or_a_loop_in_debug_mode_says_nothing(logged: io.StringIO) -> None:
    """asyncio in debug mode logs slow callbacks with their arguments."""
    with strange_cloud(lambda asked: Says({"results": []})) as cloud:
        cloud.token["access_token"] = "canary-access-token"

        async def set_debug(on: bool) -> None:
            loop = asyncio.get_running_loop()
            loop.set_debug(on)
            loop.slow_callback_duration = 0.0 if on else 0.1

        portal.run(set_debug(True))
        try:
            wiki = cloud.open_wiki()
            wiki.pages()
        finally:
            portal.run(set_debug(False))
    said = logged.getvalue()
    assert "<asyncio" in said, "asyncio was listening"
    for secret in ("canary-access-token", "strange-refresh", "strange-secret", "strange-code-0001"):
        assert secret not in said


def test_a_warning_holds_no_secret(canary: Sandbox, tmp_path: Path) -> None:
    canaries, path = Canaries(), tmp_path / "kept.json"
    wiki = open_wiki(canary, store=path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        wiki.sign_in(canaries.pasted(canary.approve(wiki.consent_url))).use("initech")
    canaries.stored(path)
    assert caught
    assert canaries.found_in(" ".join(str(warning.message) for warning in caught)) == []


def test_tokens_of_an_answer_that_is_refused_are_in_no_traceback() -> None:
    with strange_cloud(lambda asked: Says({})) as cloud:
        wiki = cloud.open_wiki()
        cloud.token = {
            "access_token": "canary-access",
            "refresh_token": "canary-refresh",
            "token_type": "mac",
        }
        with pytest.raises(ConfluenceNBError) as caught:
            wiki.sign_in("strange-code-0002")
        shown = deep_traceback(caught.value)  # before an assertion makes its own literal a local variable
        assert "no usable token" in shown
        assert "canary" not in shown


QUOTING = [
    *((status, "application/json", '{{"message": "{}"}}') for status in (400, 401, 403, 404, 409, 413, 500)),
    *((status, "text/html", "<html><pre>{}</pre></html>") for status in (200, 302, 403, 502)),
    (200, "application/json", '{{"results": [{{"id": "1", "title": "{}"}}], "_links'),
    (200, "application/json", '{{"results": "{}"}}'),
]


@pytest.mark.parametrize(
    ("status", "kind", "page"), QUOTING, ids=[f"{said[0]} {said[2][:8]}" for said in QUOTING]
)
def test_a_token_that_an_answer_quotes_is_shown_nowhere(status: int, kind: str, page: str) -> None:
    """As a proxy in debug mode answers: with the headers that it was sent."""

    def quoting(asked: Asked) -> Says:
        said = page.format(asked.headers["Authorization"])
        return Says(said.encode(), status, {"Content-Type": kind, "Location": "https://elsewhere.example/"})

    with strange_cloud(quoting) as cloud:
        cloud.token["access_token"] = "canary-access-token"
        wiki = cloud.open_wiki()
        for read in (wiki.pages, lambda: wiki.get("/pages/1")):
            try:
                shown = repr(read())
            except ConfluenceNBError as error:
                shown = below_the_caller(error) + repr(vars(error))
            assert "canary" not in shown
        assert any("canary" in asked.headers["Authorization"] for asked in cloud.wiki_calls)


def test_a_client_secret_that_was_refused_is_not_in_the_forms_state(canary: Sandbox) -> None:
    panel = open_wiki(canary).panel

    async def settled() -> None:
        async with panel._turn:
            pass

    panel.other_app.click()
    portal.run(settled())
    panel.register.client_id.value = "two words"
    panel.register.client_secret.value = CLIENT_SECRET
    portal.run(settled())
    assert "client id" in panel.message.value
    assert CLIENT_SECRET not in repr(widgets.Widget.get_manager_state())
