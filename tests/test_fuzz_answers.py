"""Answers that no well-behaved server gives: every parser reads them whole or refuses them in words."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from strange_cloud import SITE, Asked, Says, strange_cloud

from confluence_nb import ConfluenceNBError, Interrupted, Unreachable, Wiki
from confluence_nb._http import httpx
from confluence_nb._patience import asked_pause
from confluence_nb.api import media
from confluence_nb.api.following import cursor_in, next_link, start_in
from confluence_nb.sandbox import Sandbox
from confluence_nb.secret import Secret

pytestmark = pytest.mark.usefixtures("hurried")

TOOLS = Path(__file__).resolve().parent.parent / "tools"
LOGIN_PAGE = "<!DOCTYPE html><html><title>Your company's login</title></html>"
DEEP = b'{"a":' * 500 + b"[" * 500 + b"]" * 500 + b"}" * 500


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(TOOLS)


@pytest.fixture(scope="module")
def filled() -> Iterator[Sandbox]:
    with Sandbox(pages=60, spaces=3) as sandbox:
        yield sandbox


@pytest.mark.usefixtures("tools")
def test_every_parser_reads_or_refuses_whatever_comes(filled: Sandbox) -> None:
    """The short form of `python tools/fuzz_answers.py --times 1000000`."""
    from answer_parsers import parsers
    from answer_seeds import told
    from fuzz_answers import quiet, tried

    with quiet():
        tallies = [tried(parser, 500, Random(1)) for parser in parsers(told(filled))]
    assert len(tallies) >= 12
    assert [str(tally) for tally in tallies if tally.find is not None] == []
    assert sum(tally.refused for tally in tallies) < sum(tally.times for tally in tallies) * 0.9


@pytest.mark.usefixtures("tools")
def test_torn_windows_over_real_sockets(filled: Sandbox) -> None:
    from answer_parsers import distinct
    from answer_seeds import told
    from torn_answers import Torn

    seeds, chance = told(filled).lists["/footer-comments"], Random(2)
    torn = Torn([seed.replace(b'"next"', b'"self"') for seed in seeds], chance)
    body = b""
    read = 0
    with strange_cloud(lambda asked: Says(body)) as cloud:
        wiki = cloud.open_wiki()
        for _ in range(80):
            body = torn()
            try:
                frame = wiki.table("/footer-comments", progress=False)
            except ConfluenceNBError:
                continue
            assert len(frame) == distinct(json.loads(body))
            read += 1
    assert read > 15


def answering(says: Says) -> ConfluenceNBError | pd.DataFrame:
    """What becomes of a list of pages."""
    with strange_cloud(lambda asked: says) as cloud:
        try:
            return cloud.open_wiki().pages()
        except ConfluenceNBError as error:
            return error


def signing_in(**answers: Any) -> Wiki:
    """A wiki of a cloud that says so, by the last word of the path."""
    with strange_cloud(lambda asked: Says({})) as cloud:
        plain = cloud.answer

        def says(asked: Asked) -> Says:
            name = asked.path.rpartition("/")[2].replace("-", "_")
            return Says(answers[name]) if name in answers else plain(asked)

        cloud.answer = says  # type: ignore[method-assign]
        return cloud.open_wiki()


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{}", b'{"message": "moved"}', b'{"results": 5}', b'"results"']
)
def test_an_answer_without_a_list_is_no_empty_list(body: bytes) -> None:
    assert isinstance(answering(Says(body)), Unreachable)


@pytest.mark.parametrize("row", ["7", '"x"', "null", "[]", "true", "1e5"])
def test_a_row_that_is_no_object_is_not_passed_over(row: str) -> None:
    body = f'{{"results": [{{"id": "1"}}, {row}]}}'.encode()
    assert "form" in str(answering(Says(body)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("kind", ["text/html", "application/json", ""])
def test_a_proxys_page_is_named_in_whatever_letters_it_comes(encoding: str, kind: str) -> None:
    found = answering(Says(LOGIN_PAGE.encode(encoding), 200, {"Content-Type": kind}))
    assert "A web page came back" in str(found)


@pytest.mark.parametrize("status", [400, 403, 407, 409, 511])
def test_a_proxys_refusal_is_not_taken_for_confluences(status: int) -> None:
    found = answering(Says(LOGIN_PAGE.encode(), status, {"Content-Type": "text/html"}))
    assert "a web page, perhaps that of a proxy" in str(found)


def test_a_field_nested_deeper_than_the_stack_is_the_text_that_it_was() -> None:
    found = answering(Says(b'{"results": [{"id": "1", "title": ' + DEEP + b', "status": ' + DEEP + b"}]}"))
    assert isinstance(found, pd.DataFrame)
    assert found["title"].iloc[0] == found["status"].iloc[0] == DEEP.decode()


def test_an_id_of_a_found_thing_nested_deeper_than_the_stack_makes_no_row_another() -> None:
    row = b'{"title": "a", "entityType": "space", "space": {"id": ' + DEEP + b"}}"
    with strange_cloud(
        lambda asked: Says(b'{"results": [' + row + b", " + row + b'], "_links": {}}')
    ) as cloud:
        assert len(cloud.open_wiki().search("type = space")) == 2


@pytest.mark.parametrize("base", ["http://[", "https://[::1", "//]:8"])
def test_a_base_that_is_no_address_loses_no_row(base: str) -> None:
    row = {"id": "1", "_links": {"webui": "/spaces/ENG/pages/1"}}
    found = answering(Says({"results": [row], "_links": {"base": base}}))
    assert isinstance(found, pd.DataFrame)
    assert len(found) == 1


@pytest.mark.parametrize("link", ["http://[", "?cursor=", "?cursor=\\ud800", "//]?cursor", "?start=²"])
def test_a_next_link_to_nowhere_keeps_the_rows(link: str) -> None:
    body = f'{{"results": [{{"id": "1"}}], "_links": {{"next": "{link}"}}}}'.encode()
    found = answering(Says(body))
    assert isinstance(found, Interrupted)
    assert found.frame is not None
    assert list(found.frame["id"]) == ["1"]


def test_what_a_link_leads_to() -> None:
    assert cursor_in("http://[?cursor=a%2Bb+c&x=1#cursor=d") == "a+b+c"
    assert cursor_in("/x?cursor=\ud800") is None
    assert cursor_in(next_link({"cursor": "a\ud800"}, httpx.Headers()) or "") is None
    assert start_in("/x?limit=2&start=50") == 50
    assert [start_in(f"/x?start={start}") for start in ("", "²", "٣", "-1", "9" * 5_000)] == [None] * 5


def test_links_in_a_header_are_read_in_time_that_grows_with_it() -> None:
    began = time.monotonic()
    for piece in ("<", "<a>", "<a> ", ", ", "<a>;", '<a>; rel="', "> "):
        next_link(None, httpx.Headers({"Link": piece * (60_000 // len(piece)) + "x"}))
    assert time.monotonic() - began < 5
    header = '<https://h.example/a,b?cursor=1,2>; title="x, y"; rel="next" , <https://h.example>; rel="base"'
    assert next_link(None, httpx.Headers({"Link": header})) == "https://h.example/a,b?cursor=1,2"


@pytest.mark.parametrize("kind", ["../../../oauth", "page/7?x=", ["page"], 5])
def test_an_ancestor_does_not_lead_out_of_the_api(kind: object) -> None:
    with strange_cloud(lambda asked: Says({"results": [{"id": "8", "type": kind}]})) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Interrupted, match="no id"):
            wiki.table("/pages/{id}/ancestors", id=7)
        assert {asked.path.rpartition("/wiki")[2] for asked in cloud.wiki_calls} == {
            "/api/v2/pages/7/ancestors"
        }


@pytest.mark.parametrize("lifetime", [10**400, "1e999", -(10**30), {"a": 1}, True])
def test_a_lifetime_beyond_all_numbers_is_an_hour(lifetime: object) -> None:
    token = {"access_token": "a", "expires_in": lifetime, "scope": "read:me"}
    assert signing_in(token=json.dumps(token).encode()).signed_in


@pytest.mark.parametrize("refresh", ["\ud800", "two words", 5, ["r"], "line\nbreak"])
def test_a_refresh_token_that_cannot_be_sent_is_no_sign_in(refresh: object) -> None:
    with pytest.raises(Unreachable, match="no usable token"):
        signing_in(token={"access_token": "a", "refresh_token": refresh, "expires_in": 3600})


def test_scopes_that_no_file_can_hold_are_left_out() -> None:
    wiki = signing_in(token={"access_token": "a", "expires_in": 60, "scope": ["read:me", "\ud800", 7, "é"]})
    assert wiki.status().scopes == ("read:me",)


def test_a_refusal_nested_deeper_than_the_stack() -> None:
    from confluence_nb import WrongPaste

    said = b'{"error": "invalid_grant", "error_description": ' + DEEP + b"}"
    with strange_cloud(lambda asked: Says({})) as cloud:
        wiki = cloud.open_wiki()
        cloud.answer = lambda asked: Says(said, 400)  # type: ignore[method-assign]
        with pytest.raises(WrongPaste):
            wiki.sign_in("strange-code-0002")


@pytest.mark.parametrize("scopes", [5, "read:page:confluence", {"a": 1}, None, [None, 7]])
def test_a_site_whose_scopes_are_none(scopes: object) -> None:
    wiki = signing_in(accessible_resources=[SITE, {**SITE, "id": "cloud-2", "scopes": scopes}])
    assert list(wiki.sites()["id"]) == ["cloud-1"]


@pytest.mark.parametrize("identity", ["", "cloud-\ud800"])
def test_a_site_without_an_id_that_can_be_asked(identity: str) -> None:
    listed = Says([SITE, {**SITE, "id": identity}])
    with strange_cloud(lambda asked: Says({})) as cloud:
        usual = cloud.answer
        cloud.answer = lambda asked: listed if "accessible" in asked.path else usual(asked)  # type: ignore[method-assign]
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable, match="list of sites"):
            wiki.sites()


def test_names_with_half_a_character_are_shown() -> None:
    wiki = signing_in(
        accessible_resources=[{**SITE, "name": "a\ud800"}], me={"name": "Ada \ud800" + "x" * 999}
    )
    assert list(wiki.sites()["name"]) == ["a\\ud800"]
    assert repr(wiki).startswith("Ada ?x")
    assert len(repr(wiki)) < 300


@pytest.mark.parametrize("name", [{"first": "Ada"}, ["Ada"], 5, True, " "])
def test_a_name_that_is_no_text_is_none(name: object) -> None:
    assert signing_in(me={"name": name, "nickname": "ada"}).status().account == "ada"


@pytest.mark.parametrize("text", ["Tue, 24 Nov 2026 04:" + "9" * 30 + " GMT", "9" * 400, "²", ", ,"])
def test_a_pause_until_no_time_at_all(text: str) -> None:
    pause = asked_pause(429, httpx.Headers([(b"Retry-After", text.encode())]))
    assert pause is None or pause <= 7 * 86_400


def test_numbers_of_a_file_that_are_none(tmp_path: Path) -> None:
    row = {"id": "att7", "title": ["x"], "pageId": "5", "fileSize": "3", "version": {"number": 10**30}}
    headers = {"Content-Range": "bytes 0-1/" + "9" * 5_000}
    with strange_cloud(lambda asked: Says(b"abc", 200, headers)) as cloud:
        plain = cloud.script

        def says(asked: Asked) -> Says:
            if asked.path.endswith("/attachments/att7"):
                return Says(row)
            return (
                Says(b"", 302, {"Location": f"{cloud.url}/f"}) if "/download" in asked.path else plain(asked)
            )

        cloud.script = says
        frame = cloud.open_wiki().download("att7", tmp_path)
    assert Path(frame["path"].iloc[0]).read_bytes() == b"abc"


@pytest.mark.parametrize("location", ["http://://:1]:8/x", "https://\x7f", "http://" + "a" * 70_000])
def test_a_file_that_is_nowhere(location: str) -> None:
    assert media.joined(Secret("https://api.example/a"), Secret(location)).reveal() == ""
