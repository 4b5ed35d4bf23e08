"""Asks a person at a terminal; what is secret is typed unseen, and what is long is read whole."""

from __future__ import annotations

import getpass
import os
import sys

from confluence_nb.secret import Secret

try:
    import termios
except ImportError:  # Windows, whose getpass reads letter by letter and cuts nothing off
    termios = None  # type: ignore[assignment]

_RUBOUT, _WIPE, _END = (b"\x7f", b"\x08"), b"\x15", b"\x04"


def visible(text: str) -> str:
    """A text without what would steer a terminal: names and titles on a wiki are anybody's."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def say(text: str) -> None:
    """Tell the person something; standard output is kept for the answer."""
    sys.stderr.write(visible(text) + "\n")
    sys.stderr.flush()


def ask_unseen(prompt: str) -> Secret:
    """A line that is not shown as it is typed or pasted.

    `getpass` alone would cut a pasted address off: a terminal keeps no more than 1,024 letters of a line on macOS,
    and 4,096 on Linux.
    """
    if termios is None:
        return Secret(getpass.getpass(prompt).strip())
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    unseen = termios.tcgetattr(terminal)
    unseen[3] &= ~(termios.ECHO | termios.ICANON)
    try:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, unseen)
        sys.stderr.write(prompt)
        sys.stderr.flush()
        return Secret(_typed(terminal))
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
        say("")


def _typed(terminal: int) -> str:
    line = b""
    while (letter := os.read(terminal, 1)) not in (b"\n", b"\r", b"", _END):
        if letter in _RUBOUT:
            line = line.decode(errors="ignore")[:-1].encode()
        else:
            line = b"" if letter == _WIPE else line + letter
    return line.decode(errors="replace").strip()
