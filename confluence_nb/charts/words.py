"""Words on a picture: names from the wiki as plain text, and sentences that say what a picture is of."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable

import pandas as pd

from confluence_nb.charts.look import shown

_UNSEEN = {"Cc", "Cf", "Cs"}
_JOINERS = "\u200c\u200d"

_KINDS = {
    "pages": ("page", "pages"),
    "blogposts": ("blog post", "blog posts"),
    "comments": ("comment", "comments"),
    "attachments": ("attachment", "attachments"),
    "versions": ("version", "versions"),
    "search": ("search result", "search results"),
    "tasks": ("task", "tasks"),
    "spaces": ("space", "spaces"),
    "likes": ("like", "likes"),
}


def plain(text: object, most: int = 60) -> str:
    """A text of the wiki on one line, without what draws nothing or turns the direction of what follows.

    Parameters
    ----------
    most:
        The letters that there is room for; a longer text ends with an ellipsis.
    """
    visible = (
        letter
        for letter in str(text)
        if letter.isspace() or letter in _JOINERS or unicodedata.category(letter) not in _UNSEEN
    )
    line = " ".join("".join(visible).split()) or "(untitled)"
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def label(text: object, most: int = 60) -> str:
    """The same as text of a figure: no tag, entity or formula in it is read as one."""
    return shown(plain(text, most))


def distinct(names: dict[Hashable, str], most: int = 32) -> dict[Hashable, str]:
    """The names as labels of an axis: two things of one name are told apart by the end of their id."""
    labels = {key: label(name, most) for key, name in names.items()}
    often = pd.Series(list(labels.values()), dtype="object").value_counts()
    taken: set[str] = set()
    for key, own in labels.items():
        told = f"{own} (…{label(str(key)[-6:])})" if often[own] > 1 else own
        while told in taken:
            told += "′"
        taken.add(told)
        labels[key] = told
    return labels


def space_labels(keys: Iterable[str], most: int = 24) -> list[str]:
    """Keys of spaces as labels of an axis; of a personal one, which is an account id, the end alone."""
    return list(
        distinct(
            {key: f"personal …{key[-5:]}" if key.startswith("~") and len(key) > 16 else key for key in keys},
            most,
        ).values()
    )


def counted(count: int, one: str, many: str) -> str:
    """A number with its noun: "1 page", "1,204 pages"."""
    return f"{count:,} {one if count == 1 else many}"


def kind_of(frame: pd.DataFrame, otherwise: tuple[str, str] = ("row", "rows")) -> tuple[str, str]:
    """What a row of the frame is, one and several, as its `attrs` tell it."""
    endpoint = str(frame.attrs.get("endpoint", ""))
    named = [kind for name, kind in _KINDS.items() if endpoint.endswith(name)]
    return named[0] if named else otherwise


def scope_of(frame: pd.DataFrame, spaces: Iterable[object] | None = None, inside: str | None = None) -> str:
    """Where the rows are from, to be put behind a count: " in ENG at acme.atlassian.net", or nothing.

    Parameters
    ----------
    spaces:
        The space of each row; one that all share is named.
    inside:
        What the rows are in, where that is narrower than a space.
    """
    known = [] if spaces is None else list(pd.unique(pd.Series(spaces, dtype="object").dropna()))
    site = frame.attrs.get("site")
    inside = inside or (f" in {plain(known[0], 30)}" if len(known) == 1 else "")
    return inside + ("" if not site else f" {'at' if inside else 'of'} {plain(site)}")


def sentences(*said: str | int | None) -> str | None:
    """Those remarks that there are, in one line; None when there is none. A count of 0 is no remark."""
    return " ".join(str(one) for one in said if one) or None
