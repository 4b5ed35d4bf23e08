"""The command line as the shell sees it: real processes, their words, their JSON and their exit codes."""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cli_terminal import Terminal

from confluence_nb.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ["demo", "login", "logout", "refresh", "sandbox", "status", "sync"]
HOUR_AND_MORE = 3_700.0


pytestmark = pytest.mark.skipif(os.name != "posix", reason="a terminal is made with POSIX calls")

ROOT = Path(__file__).resolve().parents[1]
HOUR_AND_MORE = 3_700.0


@pytest.fixture
def terminal(sandbox: Sandbox, tmp_path: Path) -> Terminal:
    return Terminal(sandbox, tmp_path)


@pytest.fixture
def signed_in(terminal: Terminal) -> Terminal:
    person = terminal.login("--site", "acme")
    assert person.code() == 0, person.screen
    return terminal


def test_the_command_is_installed_under_its_name() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, name = scripts["confluence-nb"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_help_names_every_command_and_every_exit_code(terminal: Terminal) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "confluence_nb", "--help"],
        env=terminal.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 0
    for name in ("demo", "login", "logout", "refresh", "sandbox", "status"):
        assert re.search(rf"^  {name} ", told.stdout, re.MULTILINE), name
    assert re.findall(r"^    (\d+) ", told.stdout, re.MULTILINE) == ["0", "1", "2", "3", "4", "130"]


def test_a_person_signs_in_and_the_next_commands_know(terminal: Terminal) -> None:
    person = terminal.login()
    person.reads("Site (")
    person.types("acme.atlassian.net")
    assert person.code() == 0, person.screen
    assert "acme.atlassian.net" in person.screen
    told = terminal.json("status")
    assert (told["signed_in"], told["site"]) == (True, "acme.atlassian.net")
    assert terminal.store.stat().st_mode & 0o777 == 0o600


def test_an_app_that_nobody_knows_is_asked_for_and_kept(terminal: Terminal) -> None:
    app = dict(terminal.environment)
    terminal.without_app()
    assert "CONFLUENCE_CLIENT_ID" in terminal.json("refresh")["message"]
    person = terminal.at_the_keyboard("login", "--site", "acme")
    person.reads("Client id: ")
    person.types(app["CONFLUENCE_CLIENT_ID"])
    person.reads("stays unseen): ")
    person.types(app["CONFLUENCE_CLIENT_SECRET"])
    person.reads("Callback URL")
    person.types(app["CONFLUENCE_REDIRECT_URI"])
    person.types(terminal.sandbox.approve(person.link()))
    assert person.code() == 0, person.screen
    assert app["CONFLUENCE_CLIENT_SECRET"] not in person.screen
    assert terminal.json("refresh")["signed_in"] is True


def test_nothing_of_what_is_pasted_is_shown(terminal: Terminal) -> None:
    person = terminal.at_the_keyboard("login", "--site", "acme")
    address = terminal.sandbox.approve(person.link())
    person.types(address)
    assert person.code() == 0, person.screen
    (code,) = parse_qs(urlsplit(address).query)["code"]
    assert code not in person.screen
    assert code[:40] not in person.screen


def test_a_long_paste_is_read_whole_and_corrections_are_heard(terminal: Terminal) -> None:
    """A terminal's own line ends after 4,096 letters, and a backspace is a letter once it is left to us."""
    person = terminal.at_the_keyboard("login", "--site", "acme")
    address = terminal.sandbox.approve(person.link())
    person.types(f"wrong\x15{address}&more={'x' * 5_000}é\x7f")
    assert person.code() == 0, person.screen


@pytest.mark.parametrize("pasted", ["", "https://example.com/"])
def test_a_wrong_paste_is_a_sentence(terminal: Terminal, pasted: str) -> None:
    person = terminal.at_the_keyboard("login")
    person.link()
    person.types(pasted)
    assert person.code() == 3
    assert "Error: " in person.screen
    assert "Traceback" not in person.screen


def test_the_keyboard_interrupts_a_login(terminal: Terminal) -> None:
    person = terminal.at_the_keyboard("login")
    person.link()
    person.process.send_signal(signal.SIGINT)
    assert person.code() == 130
    assert "Traceback" not in person.screen


def test_login_asks_no_timer(terminal: Terminal) -> None:
    told = terminal.json("login")
    assert told["exit"] == 2
    assert "terminal" in told["message"]


def test_a_sign_in_kept_in_memory_is_refused(terminal: Terminal) -> None:
    for store in ("memory", "auto"):
        told = terminal.json("status", "--store", store)
        assert told["exit"] == 2
        assert "--store ~/confluence.json" in told["message"]


@pytest.mark.parametrize("command", ["status", "refresh"])
def test_who_is_not_signed_in_hears_it(terminal: Terminal, command: str) -> None:
    assert terminal.json(command)["exit"] == 3
    told = terminal.run(command)
    assert told.returncode == 3
    assert told.stdout == ""
    assert "Traceback" not in told.stderr


def test_refresh_renews_at_once_and_keeps_it(signed_in: Terminal) -> None:
    before = signed_in.sandbox.counts()["refreshes"]
    assert signed_in.json("refresh")["exit"] == 0
    assert signed_in.json("refresh")["exit"] == 0
    assert signed_in.sandbox.counts()["refreshes"] == before + 2
    signed_in.sandbox.advance_clock(HOUR_AND_MORE)
    assert signed_in.json("refresh")["signed_in"] is True


def test_a_sign_in_lasts_as_long_as_it_is_refreshed(signed_in: Terminal) -> None:
    for _ in range(3):
        signed_in.sandbox.advance_clock(60 * 86_400.0)
        assert signed_in.json("refresh")["exit"] == 0


def test_a_revoked_sign_in_needs_a_person(signed_in: Terminal) -> None:
    signed_in.sandbox.revoke()
    told = signed_in.json("refresh")
    assert (told["exit"], told["error"]) == (3, "SignInRequired")
    assert "confluence-nb login" in told["message"]
    assert signed_in.json("status")["signed_in"] is False


def test_offline_is_a_matter_of_time(signed_in: Terminal) -> None:
    signed_in.sandbox.close()
    told = signed_in.json("refresh")
    assert (told["exit"], told["error"]) == (4, "Unreachable")
    assert signed_in.json("status")["signed_in"] is True


def test_logout_forgets(signed_in: Terminal) -> None:
    assert signed_in.json("logout")["exit"] == 0
    assert signed_in.json("logout")["exit"] == 0
    assert signed_in.json("status")["exit"] == 3


def test_no_answer_holds_a_token(signed_in: Terminal) -> None:
    grant = json.loads(next(iter(json.loads(signed_in.store.read_text()).values())))["grant"]
    for command in ("status", "refresh"):
        told = signed_in.run(command, "--json")
        for secret in (grant["access_token"], grant["refresh_token"], signed_in.sandbox.client_secret):
            assert secret not in told.stdout + told.stderr


def test_wrong_words_are_wrong_use(terminal: Terminal) -> None:
    for words in (("status", "--jsn"), ("status", "more"), ("refresh", "--profile", " ")):
        told = terminal.run(*words)
        assert told.returncode == 2, words
        assert "Traceback" not in told.stderr
