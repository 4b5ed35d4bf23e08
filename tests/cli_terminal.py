"""A terminal on the sandbox: commands as real processes, with or without a person at the keyboard."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

from confluence_nb.sandbox import Sandbox

SECONDS = 60.0


class Terminal:
    """A shell in a home of its own, where the sandbox stands for Atlassian's cloud."""

    def __init__(self, sandbox: Sandbox, home: Path) -> None:
        self.sandbox = sandbox
        self.store = home / "sign-in.json"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "CONFLUENCE_AUTH_URL": sandbox.url,
            "CONFLUENCE_API_URL": sandbox.url,
            "CONFLUENCE_CLIENT_ID": sandbox.client_id,
            "CONFLUENCE_CLIENT_SECRET": sandbox.client_secret,
            "CONFLUENCE_REDIRECT_URI": sandbox.redirect_uri,
        }

    def without_app(self) -> None:
        """A shell whose environment knows no app."""
        for name in ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI"):
            del self.environment[f"CONFLUENCE_{name}"]

    def command(self, *words: str) -> list[str]:
        """A command whose sign-in is kept in this home."""
        return [sys.executable, "-m", "confluence_nb", words[0], "--store", str(self.store), *words[1:]]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Such a command, with nobody to answer it."""
        return subprocess.run(
            self.command(*words),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def json(self, *words: str) -> dict[str, Any]:
        """Its line of JSON, which tells the exit code."""
        told = self.run(*words, "--json")
        (line,) = told.stdout.splitlines() or [told.stderr]
        answer: dict[str, Any] = json.loads(line)
        assert answer["command"] == words[0]
        assert answer["exit"] == told.returncode, told.stderr
        assert answer["done"] is (told.returncode == 0)
        return answer

    def at_the_keyboard(self, *words: str) -> Person:
        """Such a command, with a person at it."""
        return Person(self.command(*words), self.environment)

    def login(self, *words: str) -> Person:
        """A person signs in and accepts on the consent page; what the screen shows then is theirs to read."""
        person = self.at_the_keyboard("login", *words)
        person.types(self.sandbox.approve(person.link()))
        return person


class Person:
    """Somebody who reads a screen and types."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._keyboard, screen = pty.openpty()
        self.process = subprocess.Popen(
            command, env=environment, stdin=screen, stdout=screen, stderr=screen, start_new_session=True
        )
        os.close(screen)
        self.screen = ""
        self._read = 0

    def reads(self, words: str) -> str:
        """What comes on the screen up to these words."""
        while words not in self.screen[self._read :]:
            assert self._look(), f"the command ended without {words!r}:\n{self.screen}"
        end = self.screen.index(words, self._read) + len(words)
        seen, self._read = self.screen[self._read : end], end
        return seen

    def types(self, text: str) -> None:
        """A line, pasted: no faster than the command reads, as a terminal does it."""
        left = f"{text}\n".encode()
        while left:
            select.select([], [self._keyboard], [], SECONDS)
            left = left[os.write(self._keyboard, left[:256]) :]

    def link(self) -> str:
        """The consent link, once the answer is asked for."""
        return next(word for word in self.reads("stays unseen): ").split() if "/authorize?" in word)

    def code(self) -> int:
        """The exit code; the screen then has everything."""
        while self._look():
            pass
        os.close(self._keyboard)
        return self.process.wait(SECONDS)

    def _look(self) -> bool:
        """Take what the command wrote; False when it has ended."""
        if not select.select([self._keyboard], [], [], SECONDS)[0]:
            self.process.kill()
            raise AssertionError(f"the command says nothing more:\n{self.screen}")
        try:
            self.screen += os.read(self._keyboard, 65_536).decode().replace("\r\n", "\n")
        except OSError:
            return False
        return True
