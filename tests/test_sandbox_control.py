"""The sandbox's levers and command: counts, log, clock, edits, by method and over HTTP alike."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields

import httpx
import pytest
from sandbox_caller import Caller

from confluence_nb.sandbox import Options, Sandbox
from confluence_nb.sandbox.__main__ import build_parser, main

PAGES = "/wiki/api/v2/pages"


@pytest.fixture
def caller() -> Iterator[Caller]:
    with Sandbox(pages=40, spaces=2) as sandbox:
        caller = Caller(sandbox).sign_in()
        yield caller
        caller.http.close()


def first_page(caller: Caller) -> dict[str, str]:
    page: dict[str, str] = caller.wiki(PAGES, params={"limit": 1}).json()["results"][0]
    return page


class TestCounts:
    def test_by_route_and_status(self, caller: Caller) -> None:
        caller.site_id("acme")
        caller.sandbox.reset_counts()
        page = first_page(caller)["id"]
        caller.wiki(f"{PAGES}/{page}")
        caller.wiki(f"{PAGES}/{page}")
        caller.get("/nowhere")
        counts = caller.sandbox.counts()
        assert counts["routes"] == {
            "GET /nowhere": {"404": 1},
            "GET /wiki/api/v2/pages": {"200": 1},
            "GET /wiki/api/v2/pages/{id}": {"200": 2},
        }
        assert counts["requests"] == 4
        assert counts["most_at_once"] == 1

    def test_tokens(self, caller: Caller) -> None:
        caller.refresh()
        counts = caller.sandbox.counts()
        assert (counts["codes_issued"], counts["tokens_issued"], counts["refreshes"]) == (1, 2, 1)

    def test_over_http_the_same(self, caller: Caller) -> None:
        first_page(caller)
        over_http = caller.http.get("/_sandbox/counts").json()
        assert over_http["points"] == caller.sandbox.counts()["points"] > 0
        caller.http.post("/_sandbox/counts/reset")
        assert caller.sandbox.counts()["points"] == 0

    def test_contents(self, caller: Caller) -> None:
        assert caller.http.get("/_sandbox/contents").json() == caller.sandbox.contents()
        assert caller.sandbox.contents()["acme.atlassian.net"]["pages"] == 40


def test_the_log_tells_requests_without_secrets(caller: Caller) -> None:
    first_page(caller)
    last = caller.sandbox.log(1)[0]
    assert last["method"] == "GET"
    assert last["path"].endswith(PAGES)
    assert last["query"] == "limit=1"
    assert last["signed"] is True
    assert last["outcome"] == "200"
    assert caller.http.get("/_sandbox/log", params={"last": 1}).json() == [last]
    httpx.get(caller.sandbox.approve(caller.link()))
    assert caller.sandbox.log(1)[0]["query"] == "code=***&state=***"


class TestLevers:
    def test_the_clock(self, caller: Caller) -> None:
        now = caller.http.get("/_sandbox/clock").json()
        later = caller.http.post("/_sandbox/clock/advance", json={"seconds": 500}).json()
        assert 499 < later - now < 600
        with pytest.raises(ValueError, match="cannot go back"):
            caller.sandbox.advance_clock(-1)

    def test_knobs(self, caller: Caller) -> None:
        assert caller.http.post("/_sandbox/options", json={"latency": 0.01}).json()["latency"] == 0.01
        assert caller.http.get("/_sandbox/options").json() == caller.sandbox.set()

    @pytest.mark.parametrize(
        "knobs", [{"pages": 5}, {"latencey": 1.0}, {"latency": "fast"}, {"latency": -1.0}]
    )
    def test_a_knob_that_cannot_be_turned(self, caller: Caller, knobs: dict[str, object]) -> None:
        answer = caller.http.post("/_sandbox/options", json=knobs)
        assert answer.status_code == 400
        assert next(iter(knobs)) in answer.json()["error"]
        with pytest.raises(ValueError, match=next(iter(knobs))):
            caller.sandbox.set(**knobs)

    def test_expiry_and_revocation(self, caller: Caller) -> None:
        assert caller.http.post("/_sandbox/tokens/expire").json() == 1
        assert caller.get("/me").status_code == 401
        assert caller.refresh().status_code == 200
        assert caller.http.post("/_sandbox/grants/revoke", json={"account": "somebody else"}).json() == 0
        assert caller.http.post("/_sandbox/grants/revoke").json() == 1
        assert caller.refresh().status_code == 403

    def test_an_unknown_lever_names_those_there_are(self, caller: Caller) -> None:
        answer = caller.http.post("/_sandbox/explode")
        assert answer.status_code == 404
        assert "POST /_sandbox/clock/advance" in answer.json()["error"]

    def test_a_missing_field_is_named(self, caller: Caller) -> None:
        answer = caller.http.post("/_sandbox/pages/edit", json={"title": "x"})
        assert (answer.status_code, "page_id" in answer.json()["error"]) == (400, True)


class TestEdits:
    def test_edit(self, caller: Caller) -> None:
        page = first_page(caller)
        version = caller.sandbox.edit_page(page["id"], title="Now called so", body="<p>and says so</p>")
        after = caller.wiki(f"{PAGES}/{page['id']}", params={"body-format": "storage"}).json()
        assert after["title"] == "Now called so"
        assert after["body"]["storage"]["value"] == "<p>and says so</p>"
        assert after["version"]["number"] == version

    def test_delete(self, caller: Caller) -> None:
        page = first_page(caller)
        caller.sandbox.delete_page(page["id"])
        assert first_page(caller)["id"] != page["id"]
        assert caller.wiki(f"{PAGES}/{page['id']}").json()["status"] == "trashed"

    def test_add_on_another_site_over_http(self, caller: Caller) -> None:
        space = caller.wiki("/wiki/api/v2/spaces", site="globex").json()["results"][0]["id"]
        new = {"site": "globex", "space_id": space, "title": "Fresh", "body": "<p>new</p>"}
        page_id = caller.http.post("/_sandbox/pages/add", json=new).json()
        found = caller.wiki(f"{PAGES}/{page_id}", site="globex").json()
        assert (found["title"], found["spaceId"]) == ("Fresh", space)

    def test_an_unknown_site(self, caller: Caller) -> None:
        with pytest.raises(ValueError, match="no Confluence site 'umbrella'"):
            caller.sandbox.delete_page("1", site="umbrella")


class TestLife:
    def test_the_address_is_known_before_it_starts(self) -> None:
        sandbox = Sandbox(pages=5)
        url = sandbox.url
        with sandbox:
            assert httpx.get(url).status_code == 200
            assert sandbox.start() is sandbox
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
        with pytest.raises(RuntimeError, match="was closed"):
            sandbox.start()

    def test_an_answer_does_not_wait_for_the_clients_acknowledgement(self, caller: Caller) -> None:
        # Nagle's algorithm would add 40 ms to every answer but the first ones of a connection.
        took = [caller.get("/me").elapsed.total_seconds() for _ in range(40)]
        assert min(took[20:]) < 0.03

    def test_only_loopback_listens(self) -> None:
        with Sandbox(pages=5) as sandbox:
            assert sandbox.url.startswith("http://127.0.0.1:")

    def test_starts_where_nest_asyncio_has_patched_the_process(self) -> None:
        program = (
            "import asyncio, nest_asyncio, urllib.request\n"
            "asyncio.set_event_loop(asyncio.new_event_loop())\n"
            "nest_asyncio.apply()\n"
            "from confluence_nb.sandbox import Sandbox\n"
            "with Sandbox(pages=5) as sandbox:\n"
            "    assert urllib.request.urlopen(sandbox.url).status == 200\n"
            "    assert sandbox.counts()['requests'] == 1\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def test_two_at_once(self) -> None:
        with Sandbox(pages=5) as one, Sandbox(pages=5) as other:
            assert one.client_secret != other.client_secret
            stranger = Caller(other).get("/me", token=Caller(one).sign_in().pair["access_token"])
            assert stranger.status_code == 401

    def test_a_port_that_is_taken(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(OSError, match="Choose another"):
                Sandbox(port=taken.getsockname()[1])

    def test_options_and_keywords_exclude_each_other(self) -> None:
        with pytest.raises(TypeError, match="not both"):
            Sandbox(Options(), pages=5)


class TestCommand:
    def test_help_has_every_knob(self) -> None:
        text = build_parser().format_help()
        for knob in fields(Options):
            assert f"--{knob.name.replace('_', '-')}" in text
            assert knob.metadata["about"]

    @pytest.mark.parametrize(
        "argument", ["--pages=0", "--error-status=404", "--throttle-rate=2", "--latency=-1"]
    )
    def test_a_value_out_of_range(self, argument: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([argument]) == 2
        assert "out of range" in capsys.readouterr().err

    def test_says_how_to_reach_it_and_stops_on_interrupt(self) -> None:
        command = [sys.executable, "-m", "confluence_nb.sandbox", "--pages", "5", "--token-lifetime", "60"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
            assert process.stdout is not None
            directions = ""
            while "CONFLUENCE_REDIRECT_URI" not in directions:
                line = process.stdout.readline()
                assert line, "the command ended early"
                directions += line
            exported = dict(re.findall(r"export (\w+)=(\S+)", directions))
            assert httpx.get(exported["CONFLUENCE_API_URL"]).status_code == 200
            assert exported["CONFLUENCE_REDIRECT_URI"] == f"{exported['CONFLUENCE_AUTH_URL']}/callback"
            assert exported["CONFLUENCE_CLIENT_SECRET"]
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
