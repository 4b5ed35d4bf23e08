"""`connect()` at the prompt of Python and IPython: the link is shown, the address stays unseen, Ctrl-C ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cli_terminal import Person, Terminal

from confluence_nb.sandbox import Sandbox

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a terminal is made with POSIX calls")

PROMPTS = {"python": ["-i", "-q"], "ipython": ["-m", "IPython", "--simple-prompt", "--no-banner"]}


@pytest.fixture
def terminal(sandbox: Sandbox, tmp_path: Path) -> Terminal:
    return Terminal(sandbox, tmp_path)


def at(terminal: Terminal, prompt: str) -> Person:
    person = Person([sys.executable, *PROMPTS[prompt]], terminal.environment | {"TERM": "dumb"})
    person.types("import confluence_nb as cnb")
    person.types(f"wiki = cnb.connect(store={str(terminal.store)!r})")
    return person


@pytest.mark.parametrize("prompt", PROMPTS)
def test_it_asks_and_nothing_pasted_is_seen(terminal: Terminal, prompt: str) -> None:
    person = at(terminal, prompt)
    address = terminal.sandbox.approve(person.link())
    person.types(address)
    person.reads("Site: ")
    person.types("globex")
    person.types("print('read', len(wiki.spaces()), wiki.site.host)")
    person.reads("globex.atlassian.net\n")
    (code,) = parse_qs(urlsplit(address).query)["code"]
    assert code[:40] not in person.screen
    person.types("exit()")
    assert person.code() == 0


@pytest.mark.parametrize("key", ["\x03", "\x04", ""], ids=["Ctrl-C", "Ctrl-D", "Enter"])
def test_to_stop_leaves_the_prompt_as_it_was(terminal: Terminal, key: str) -> None:
    person = at(terminal, "python")
    person.link()
    person.types(key)
    person.reads("Stopped.")
    person.types("print('signed in:', wiki.signed_in)")
    person.reads("signed in: False")
    assert "Traceback" not in person.screen
    person.types("exit()")
    assert person.code() == 0


def test_without_an_app_it_says_what_to_do(terminal: Terminal) -> None:
    terminal.without_app()
    person = at(terminal, "python")
    person.reads("confluence-nb login")
    person.types("print('signed in:', wiki.signed_in)")
    person.reads("signed in: False")
    assert "Traceback" not in person.screen
    person.types("exit()")
    assert person.code() == 0


def test_a_wrong_paste_is_said_and_asked_for_again(terminal: Terminal) -> None:
    person = at(terminal, "python")
    address = terminal.sandbox.approve(person.link())
    person.types("https://acme.atlassian.net/wiki")
    person.reads("That did not work.")
    person.link()
    person.types(address)
    person.reads("Site: ")
    person.types("\x03")
    person.reads("Stopped.")
    person.types("exit()")
    assert person.code() == 0


def test_a_pipe_is_never_asked(terminal: Terminal) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import confluence_nb as cnb; cnb.connect(store='memory').pages()"],
        env=terminal.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "SignInRequired" in done.stderr
    assert "wiki.consent_url" in done.stderr
