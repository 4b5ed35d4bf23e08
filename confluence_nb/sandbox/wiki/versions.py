"""The history of one page, post, comment or file: who saved which version when, and why."""

from __future__ import annotations

from typing import NamedTuple

from confluence_nb.sandbox.wiki.chance import Chance
from confluence_nb.sandbox.wiki.words import VERSION_MESSAGES


class Version(NamedTuple):
    """One saved version; `created` in milliseconds since 1970, `author` an index into the accounts."""

    number: int
    created: int
    author: int
    message: str
    minor: bool


class History(NamedTuple):
    """The generated versions of a thing: from its creation to its last change, evenly spread."""

    question: int
    number: int
    saves: int
    created: int
    modified: int
    first_author: int

    def version(self, chance: Chance, accounts: int, which: int) -> Version:
        """Version `which`, counted from 1."""
        if which == 1:
            return Version(1, self.created, self.first_author, "", False)
        bits = chance.bits(self.number, self.question + which)
        moment = self.created + (self.modified - self.created) * (which - 1) // (self.saves - 1)
        message = VERSION_MESSAGES[(bits >> 16) % len(VERSION_MESSAGES)]
        return Version(which, moment, bits % accounts, message, bits >> 40 & 3 == 0)
