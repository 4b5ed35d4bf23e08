"""Bodies of pages and posts: a lead of their own, then passages drawn from a stock, in every format."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from confluence_nb.sandbox.accounts import Account
from confluence_nb.sandbox.wiki.atlas_doc import AtlasDoc
from confluence_nb.sandbox.wiki.blocks import PASSAGES, Passages
from confluence_nb.sandbox.wiki.chance import Chance
from confluence_nb.sandbox.wiki.rendered_view import RenderedView, plain_text
from confluence_nb.sandbox.wiki.storage_format import StorageFormat
from confluence_nb.sandbox.wiki.writer import Writer

_WRITERS: dict[str, Writer] = {
    "storage": StorageFormat(),
    "atlas_doc_format": AtlasDoc(),
    "view": RenderedView(),
}
# What the single-page representations are rendered as here.
_RENDERED_AS = {
    "storage": "storage",
    "editor": "storage",
    "raw": "storage",
    "atlas_doc_format": "atlas_doc_format",
}


@dataclass(frozen=True, slots=True)
class Lead:
    """What a body says about its own page: the facts that other endpoints tell too."""

    author: Account
    day: str
    topic: str
    linked_title: str
    linked_id: str
    linked_space: str
    picture: str | None
    picture_id: str
    marks: tuple[tuple[str, str], ...]
    tasks: tuple[tuple[int, bool, str], ...]


class Bodies:
    """Makes bodies; the stock of passages of a format is written when first asked for.

    Parameters
    ----------
    size:
        Mean size of a storage body, in bytes.
    """

    def __init__(self, size: int, chance: Chance, accounts: tuple[Account, ...]) -> None:
        self._size = size
        self._chance = chance
        self._accounts = accounts
        self._stock: dict[str, Passages] = {}

    def literal(self, number: int, lead: Lead, representation: str, saves_ago: int = 0) -> bytes:
        """The body as a JSON string, quotes included.

        `saves_ago` goes back in the history: an older version lacks the passages added since.
        """
        name = _RENDERED_AS.get(representation, "view")
        bits = self._chance.bits(number, 31)
        if bits & 31 == 5:
            return orjson.dumps(_WRITERS[name].document(""))
        passages = self._passages(name)
        count = max(0, round(self._length(bits) / self._passages("storage").mean) - saves_ago)
        start, step = bits >> 8 & 127, 1 + (bits >> 16) % (PASSAGES - 1)
        escaped = passages.escaped
        parts = [escaped[(start + step * index) % PASSAGES] for index in range(count)]
        parts.insert(0, orjson.dumps(_write_lead(_WRITERS[name], lead))[1:-1])
        body = passages.comma.join(parts)
        if name == "atlas_doc_format":
            return b'"{\\"type\\":\\"doc\\",\\"content\\":[' + body + b'],\\"version\\":1}"'
        return b'"' + body + b'"'

    def text(self, number: int, lead: Lead) -> str:
        """The words of a body."""
        return plain_text(orjson.loads(self.literal(number, lead, "view")))

    def plain(self, storage: str) -> str:
        """The words of a body that somebody gave in storage format."""
        return plain_text(storage)

    def _length(self, bits: int) -> float:
        return self._size * (0.25 + (bits >> 32 & 0xFFFF) / 0xFFFF * 1.5)

    def _passages(self, name: str) -> Passages:
        if name not in self._stock:
            self._stock[name] = Passages(_WRITERS[name], self._chance, self._accounts)
        return self._stock[name]


def written(storage: str, representation: str) -> bytes:
    """A body that somebody gave in storage format, as a JSON string of a representation."""
    name = _RENDERED_AS.get(representation, "view")
    if name != "atlas_doc_format":
        return orjson.dumps(storage)
    writer = _WRITERS[name]
    words = plain_text(storage)
    return orjson.dumps(writer.document(writer.paragraph(writer.text(words)) if words else ""))


def short(sentence: str, account: Account | None, representation: str) -> str:
    """The body of a comment or task: a sentence, perhaps to somebody."""
    writer = _WRITERS[_RENDERED_AS.get(representation, "view")]
    inlines = [writer.text(sentence)]
    if account is not None:
        inlines = [writer.mention(account.account_id, account.name), writer.text(" " + sentence)]
    return writer.document(writer.paragraph(*inlines))


def _write_lead(w: Writer, lead: Lead) -> str:
    blocks = [
        w.paragraph(
            w.text(f"About the {lead.topic}. Kept by "),
            w.mention(lead.author.account_id, lead.author.name),
            w.text(", last checked "),
            w.date(lead.day),
            w.text(". See also "),
            w.page_link(lead.linked_title, lead.linked_id, lead.linked_space),
            w.text("."),
        )
    ]
    for words, marker in lead.marks:
        blocks.append(w.paragraph(w.text("As agreed, "), w.marked(words, marker), w.text(" comes first.")))
    if lead.picture is not None:
        blocks.append(w.image(lead.picture, lead.picture_id))
    if lead.tasks:
        blocks.append(w.tasks([(number, done, w.text(words)) for number, done, words in lead.tasks]))
    return w.join(blocks)
