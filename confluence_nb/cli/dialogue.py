"""Asks a person at a terminal; what is secret is typed unseen, and what is long is read whole."""

from __future__ import annotations

import getpass
import os
import sys

import click

from confluence_nb.cli.answers import WrongUse, visible
from confluence_nb.secret import Secret

try:
    import termios
except ImportError:  # Windows, whose getpass reads letter by letter and cuts nothing off
    termios = None  # type: ignore[assignment]

_RUBOUT, _WIPE, _END = (b"\x7f", b"\x08"), b"\x15", b"\x04"


def needs_a_person() -> None:
    """Refuse to ask where nobody can answer.

    Raises
    ------
    WrongUse
    """
    if not sys.stdin.isatty():
        raise WrongUse(
            "This asks questions, and standard input is no terminal. Run it in a terminal once; the sign-in is then "
            "kept, and a timer runs confluence-nb sync and confluence-nb refresh without a person."
        )


def say(text: str) -> None:
    """Tell the person something; standard output is kept for the answer."""
    click.echo(visible(text), err=True)


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
        click.echo(prompt, nl=False, err=True)
        return Secret(_typed(terminal))
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
        click.echo(err=True)


def _typed(terminal: int) -> str:
    line = b""
    while (letter := os.read(terminal, 1)) not in (b"\n", b"\r", b"", _END):
        if letter in _RUBOUT:
            line = line.decode(errors="ignore")[:-1].encode()
        else:
            line = b"" if letter == _WIPE else line + letter
    return line.decode(errors="replace").strip()
