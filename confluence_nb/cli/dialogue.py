"""Refuses to ask where nobody can answer; how a person is asked is the same everywhere."""

from __future__ import annotations

import sys

from confluence_nb.cli.answers import WrongUse
from confluence_nb.unseen import ask_unseen, say

__all__ = ["ask_unseen", "needs_a_person", "say"]


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
