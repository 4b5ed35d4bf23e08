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
from conftest import open_wiki

from confluence_nb import open_mirror
from confluence_nb.cli.answers import EXIT_CODES, visible
from confluence_nb.cli.commands import main
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
    """As after a login, without the time that a process takes."""
    wiki = open_wiki(terminal.sandbox, store=terminal.store)
    wiki.sign_in(terminal.sandbox.approve(wiki.consent_url)).use("acme")
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
    for name in ("sync", "login", "status", "refresh", "logout", "demo", "sandbox"):
        assert re.search(rf"^  {name} ", told.stdout, re.MULTILINE), name
    assert re.findall(r"^    (\d+) ", told.stdout, re.MULTILINE) == ["0", "1", "2", "3", "4", "130"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_an_answer_that_finds_no_room_is_said_in_words(signed_in: Terminal, form: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [sys.executable, "-m", "confluence_nb", "status", "--store", signed_in.store, *form],
            env=signed_in.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert told.returncode == 1
    assert told.stderr.startswith(
        "Error: The command has ended, and its answer cannot be written: No space left"
    )
    assert "Traceback" not in told.stderr


def test_the_readme_has_the_same_commands_and_exit_codes() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    said = " ".join(readme.partition("For timers there is a command.")[2].partition("\n## ")[0].split())
    others = re.search(r"`confluence-nb --help` lists the others: (.*?)`--json`", said)
    codes = re.search(r"what a timer has to do: (.*?)\. No secret", said)
    assert others
    assert codes
    shown = set(re.findall(r"confluence-nb (\w+)", said))
    assert shown | set(re.findall(r"`(\w+)`", others[1])) == set(main.commands)
    whole = dict(re.findall(r"^  (\d+) +(.*)$", EXIT_CODES, re.MULTILINE))
    told = dict(code.split(" ", 1) for code in codes[1].split(", "))
    assert set(told) == set(whole)
    for code, words in told.items():
        assert whole[code].startswith(words)


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


def test_who_is_not_signed_in_hears_it(terminal: Terminal) -> None:
    assert terminal.json("refresh")["exit"] == 3
    told = terminal.run("status")
    assert told.returncode == 3
    assert told.stdout == ""
    assert "Traceback" not in told.stderr


def test_refresh_renews_at_once_and_keeps_it(signed_in: Terminal) -> None:
    before = signed_in.sandbox.counts()["refreshes"]
    assert signed_in.json("refresh")["exit"] == 0
    assert signed_in.sandbox.counts()["refreshes"] == before + 1
    signed_in.sandbox.advance_clock(HOUR_AND_MORE)
    assert signed_in.json("refresh")["signed_in"] is True


def test_a_sign_in_lasts_as_long_as_it_is_refreshed(signed_in: Terminal) -> None:
    for _ in range(2):
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
    assert signed_in.json("status")["exit"] == 3


def test_no_answer_holds_a_token(signed_in: Terminal) -> None:
    kept = json.loads(next(iter(json.loads(signed_in.store.read_text()).values())))
    grant = next(iter(kept["sign_ins"].values()))["grant"]
    for command in ("status", "refresh"):
        told = signed_in.run(command, "--json")
        for secret in (grant["access_token"], grant["refresh_token"], signed_in.sandbox.client_secret):
            assert secret not in told.stdout + told.stderr


def test_wrong_words_are_wrong_use(terminal: Terminal) -> None:
    for words in (("status", "--jsn"), ("refresh", "--profile", " ")):
        told = terminal.run(*words)
        assert told.returncode == 2, words
        assert "Traceback" not in told.stderr


def test_a_sync_copies_and_the_next_one_tells_what_changed(signed_in: Terminal, tmp_path: Path) -> None:
    path = str(tmp_path / "wiki")
    first = signed_in.json("sync", path)
    assert (first["exit"], first["version"], first["site"]) == (0, 1, "acme.atlassian.net")
    mirror = open_mirror(path)
    pages = mirror.pages()
    assert len(pages) == 60
    signed_in.sandbox.edit_page(pages["id"].iloc[5], title="Another title")
    signed_in.sandbox.delete_page(pages["id"].iloc[6])
    second = signed_in.json("sync", path)
    assert (second["version"], second["deleted"] > 0, second["changed"] > 0) == (2, True, True)
    found = mirror.changes().set_index("id")["change"]
    assert (found[pages["id"].iloc[5]], found[pages["id"].iloc[6]]) == ("changed", "deleted")
    told = signed_in.run("sync", path)
    assert told.returncode == 0
    assert re.search(r"version 3,.* UTC · .*59 pages", told.stdout)


def test_a_sync_of_some_spaces_and_collections(signed_in: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "wiki"
    told = signed_in.json(
        "sync", str(path), "--space", "ENG", "--collection", "pages", "--collection", "spaces"
    )
    assert told["exit"] == 0
    mirror = open_mirror(path)
    assert mirror.spaces()["key"].tolist() == ["ENG"]
    assert set(mirror.pages()["space_id"]) == set(mirror.spaces()["id"])
    assert sorted(entry.name for entry in path.iterdir() if entry.name[0] not in "_.") == [
        "deletions", "pages", "spaces",
    ]  # fmt: skip


def test_a_sync_that_cannot_be_says_why(signed_in: Terminal, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for words, code, said in (
        ((str(tmp_path / "notes.txt"),), 1, "is a file"),
        ((str(tmp_path / "wiki"), "--collection", "pagges"), 2, "pages"),
        ((str(tmp_path / "wiki"), "--site", "nobody"), 2, "--site HOST"),
        ((str(tmp_path / "wiki"), "--space", "ENGG"), 2, "ENG"),
        ((str(tmp_path / "wiki"), "--spaces", "ENG"), 2, "--space"),
        ((), 2, "PATH"),
    ):
        told = signed_in.json("sync", *words)
        assert told["exit"] == code, told
        assert said in told["message"]
    signed_in.sandbox.close()
    assert signed_in.json("sync", str(tmp_path / "wiki"))["exit"] == 4


def test_a_title_on_the_wiki_steers_no_terminal() -> None:
    assert visible("plain é 𝒳\nnext \x1b[2J\u202e\x07") == "plain é 𝒳\nnext \ufffd[2J\ufffd\ufffd"


def test_the_demo_needs_no_account(terminal: Terminal) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "confluence_nb", "demo", "--json"],
        env=terminal.environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    answer = json.loads(told.stdout)
    assert (told.returncode, answer["site"]) == (0, "acme.atlassian.net")
    assert sum(space["pages"] for space in answer["spaces"]) > 0


def test_the_sandbox_takes_its_own_knobs(terminal: Terminal) -> None:
    command = [sys.executable, "-m", "confluence_nb", "sandbox"]
    helped = subprocess.run(
        [*command, "--help"], env=terminal.environment, capture_output=True, text=True, timeout=60
    )
    assert "--pages" in helped.stdout
    running = subprocess.Popen(
        [*command, "--pages", "5"], env=terminal.environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        assert "The sandbox is at http://127.0.0.1:" in running.stdout.readline()
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0
