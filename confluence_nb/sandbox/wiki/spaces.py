"""The spaces of a site: a few companies' worth of keys, kinds and descriptions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from confluence_nb.sandbox.accounts import Account
from confluence_nb.sandbox.wiki.chance import Chance
from confluence_nb.sandbox.wiki.moments import Timeline
from confluence_nb.sandbox.wiki.numbering import Kind, id_of
from confluence_nb.sandbox.wiki.words import SENTENCES, SPACE_NAMES, TOPICS

_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Space:
    """One space; `created` is in milliseconds since 1970, `author` an index into the accounts."""

    index: int
    id: str
    key: str
    alias: str
    name: str
    type: str
    status: str
    author: int
    created: int
    description: str | None
    icon: str | None


def make_spaces(
    count: int, chance: Chance, timeline: Timeline, accounts: Sequence[Account]
) -> tuple[Space, ...]:
    """The spaces 0 … count-1; with four or more of them the last one is archived."""
    return tuple(_space(index, count, chance, timeline, accounts) for index in range(count))


def _space(index: int, count: int, chance: Chance, timeline: Timeline, accounts: Sequence[Account]) -> Space:
    bits = chance.bits(index, 21)
    author = bits % len(accounts)
    if index % 5 == 3:
        author = (index * 7) % len(accounts)
        account = accounts[author]
        key, name, kind = "~" + re.sub("[^0-9a-z]", "", account.account_id), account.name, "personal"
    else:
        base, name = SPACE_NAMES[index % len(SPACE_NAMES)]
        series = index // len(SPACE_NAMES)
        key = f"{base}{series + 1}" if series else base
        name = f"{name} {series + 1}" if series else name
        kind = "collaboration" if index % 7 == 5 else "knowledge_base" if base == "KB" else "global"
    renamed = bits >> 8 & 7 == 1 and kind == "global"
    return Space(
        index=index,
        id=id_of(Kind.SPACE, index),
        key=key,
        alias=f"{key}NEW" if renamed else key,
        name=name,
        type=kind,
        status="archived" if count > 3 and index == count - 1 else "current",
        author=author,
        created=timeline.created(0, 0) - (count - index) * _DAY // 2,
        description=_description(bits),
        icon=None
        if bits >> 30 & 3 == 0
        else f"/wiki/download/thumbnails/{id_of(Kind.SPACE, index)}/logo.png",
    )


def _description(bits: int) -> str | None:
    match bits >> 16 & 3:
        case 0:
            return None
        case 1:
            return ""
        case _:
            topic = TOPICS[(bits >> 20) % len(TOPICS)]
            return f"All about the {topic}. {SENTENCES[(bits >> 40) % len(SENTENCES)]}"
