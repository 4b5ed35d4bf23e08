"""How a text lies in a keyring: whole in one item, or in pieces that one item counts and vouches for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from confluence_nb.secret import Secret

PIECE = 600
"""Characters per piece. Windows takes 2,560 bytes of UTF-16 in an item, and a character takes up to four."""

_WHOLE = re.compile(r"whole:([0-9a-f]{64}):(.*)", re.DOTALL)
_PIECES = re.compile(r"pieces:([0-9a-f]{64}):([ab]):([0-9]{1,4})")


@dataclass(frozen=True)
class Head:
    """The item that is read first: the text itself, or which pieces make it up; its digest in either case.

    Two generations of pieces take turns, so that a text is complete before the head points at it and what
    a killed writer left behind is overwritten by the next.
    """

    digest: str
    text: Secret | None = None
    generation: str = ""
    count: int = 0

    @classmethod
    def of_whole(cls, text: Secret) -> Head:
        return cls(digest(text), text=text)

    @classmethod
    def of_pieces(cls, text: Secret, generation: str, count: int) -> Head:
        return cls(digest(text), generation=generation, count=count)

    @classmethod
    def parsed(cls, item: Secret) -> Head | None:
        """The head that an item holds; None for anything else."""
        if whole := _WHOLE.fullmatch(item.reveal()):
            return cls(whole[1], text=Secret(whole[2]))
        if cut := _PIECES.fullmatch(item.reveal()):
            return cls(cut[1], generation=cut[2], count=int(cut[3]))
        return None

    def item(self) -> Secret:
        if self.text is not None:
            return Secret(f"whole:{self.digest}:{self.text.reveal()}")
        return Secret(f"pieces:{self.digest}:{self.generation}:{self.count}")


def digest(text: Secret) -> str:
    return hashlib.sha256(text.reveal().encode("utf-8", "surrogatepass")).hexdigest()


def pieces(text: Secret) -> list[Secret]:
    """The text cut into pieces that every keyring takes; one empty piece for an empty text."""
    whole = text.reveal()
    return [Secret(whole[start : start + PIECE]) for start in range(0, len(whole) or 1, PIECE)]
