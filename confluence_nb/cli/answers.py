"""What a command says when it has ended: a few lines for a person or one line of JSON, and an exit code."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from errno import EPIPE
from functools import wraps
from typing import Any

import click

from confluence_nb.errors import (
    ConfluenceNBError,
    Interrupted,
    RateLimited,
    SignInError,
    SignInRequired,
    SiteError,
    SyncUnderWay,
    Unreachable,
)
from confluence_nb.unseen import visible


class Exit(IntEnum):
    """How a command ended, for the shell or the timer that ran it."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    SIGN_IN = 3
    TRY_LATER = 4
    STOPPED = 130


EXIT_CODES = """\
\b
Exit codes:
  0    done
  1    failed; the message says why
  2    wrong use: an option, a site or a space that cannot be right
  3    a person has to sign in: confluence-nb login
  4    try later: offline, no answer, a list broke off, or a sync is under way
  130  stopped by Ctrl-C
"""

_CODES: tuple[tuple[type[ConfluenceNBError], Exit], ...] = (
    (SignInError, Exit.SIGN_IN),
    (SiteError, Exit.WRONG_USE),
    (RateLimited, Exit.TRY_LATER),
    (Unreachable, Exit.TRY_LATER),
    (Interrupted, Exit.TRY_LATER),
    (SyncUnderWay, Exit.TRY_LATER),
)


_ADVICE: tuple[tuple[type[ConfluenceNBError], str], ...] = (
    (SignInRequired, "In a terminal: confluence-nb login, with the same --profile and --store."),
    (SiteError, "In a terminal: --site HOST."),
)
"""What the library says is for somebody at a notebook."""


class WrongUse(ConfluenceNBError):
    """The command cannot do what its options say."""


@dataclass(frozen=True)
class Answer:
    """What a command found or did.

    Parameters
    ----------
    text:
        Lines for a person.
    facts:
        The same for a program, as JSON knows it.
    exit:
        Its code.
    """

    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    exit: Exit = Exit.DONE


def exit_of(error: ConfluenceNBError) -> Exit:
    """The exit code of an error."""
    if isinstance(error, WrongUse):
        return Exit.WRONG_USE
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.FAILED)


def answering(command: Callable[..., Answer]) -> Callable[..., None]:
    """A command that says its answer, and any error of ours as a sentence in place of a traceback."""

    @click.option("--json", "as_json", is_flag=True, help="Answer with one line of JSON.")
    @click.pass_context
    @wraps(command)
    def run(context: click.Context, /, *args: Any, as_json: bool, **kwargs: Any) -> None:
        name = str(context.info_name)
        with _notes():
            answer = _answer(command, args, kwargs)
        if as_json:
            facts = {"command": name, "done": answer.exit is Exit.DONE, "exit": int(answer.exit)}
            _say(json.dumps({**facts, **answer.facts}))
        else:
            _say(visible(answer.text), err=answer.exit is not Exit.DONE)
        context.exit(answer.exit)

    return run


def _say(text: str, *, err: bool = False) -> None:
    """Write the answer; a full disk behind a log is said where there may still be room."""
    try:
        click.echo(text, err=err)
    except OSError as error:
        if error.errno == EPIPE:  # whoever read it has seen enough
            raise
        # What could not be written still waits, and Python would try again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno() if err else sys.stdout.fileno())
        raise click.ClickException(
            f"The command has ended, and its answer cannot be written: {error.strerror}. Make room where its output "
            "goes, or send it elsewhere."
        ) from None


def _answer(command: Callable[..., Answer], args: Any, kwargs: Any) -> Answer:
    try:
        return command(*args, **kwargs)
    except ConfluenceNBError as error:
        advice = [words for kind, words in _ADVICE if isinstance(error, kind)]
        message = "\n".join([str(error), *getattr(error, "__notes__", ()), *advice])
        return Answer(
            f"Error: {message}", {"error": type(error).__name__, "message": message}, exit_of(error)
        )
    except (KeyboardInterrupt, click.Abort):  # click makes the one the other while it asks
        return Answer("Stopped.", {"error": "Stopped", "message": "Stopped by Ctrl-C."}, Exit.STOPPED)


@contextmanager
def _notes() -> Iterator[None]:
    """Warnings as sentences on standard error: where in the library they arose helps nobody here."""

    def note(message: Warning | str, *_: Any, **__: Any) -> None:
        click.echo(visible(f"Note: {message}"), err=True)

    with warnings.catch_warnings():
        warnings.showwarning = note
        yield
