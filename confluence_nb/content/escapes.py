"""Words of a document as they are written in Markdown: nothing in them marks anything.

Besides CommonMark, what GitHub and JupyterLab add is kept from them: a tilde alone strikes out there, two dollar signs
make a formula, and a backslash within a bare address becomes a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_PERHAPS_SPECIAL = re.compile(r"[\\`*\[\]<&~_$]")
# It begins with all that it may find, not with what has to stand before that: `re` passes over the rest much faster.
_SPECIAL = re.compile(
    rf"{_PERHAPS_SPECIAL.pattern}(?:(?<=[\\`*\[\]$])|(?<=<)(?=[A-Za-z/!?])|(?<=&)(?=#?\w+;)"
    r"|(?<=~)(?:(?<!\s~)|(?!\s))|(?<=_)(?:(?<![^\W_]_)|(?![^\W_])))"
)
_ADDRESS = re.compile(r"(https?://[^\s<>\\]*[^\s<>\\.,:;!?*_~'\"`\[\]])")
_OF_A_FORMULA = ("(", ")", "[", "]", "begin", "end")
_BACKSLASH = "&#92;"
"""A backslash that would begin a formula; two of them would, too."""

perhaps_special: Callable[[str], object] = _PERHAPS_SPECIAL.search
"""Whether words hold anything that could have to be escaped; few do."""


def escaped(words: str) -> str:
    """Words within a link, or of an attribute."""
    return _SPECIAL.sub(_backslashed, words)


def escaped_with_addresses(words: str) -> str:
    """Words that may hold addresses: one that would be changed by escaping stands in angle brackets."""
    if "://" not in words:
        return _SPECIAL.sub(_backslashed, words)
    pieces = _ADDRESS.split(words)
    for place in range(1, len(pieces), 2):
        pieces[place] = _in_brackets(pieces[place], pieces[place + 1][:1])
    for place in range(0, len(pieces), 2):
        before = pieces[place]
        is_open = before.endswith("<") and place + 1 < len(pieces)
        pieces[place] = f"{escaped(before[:-1])}\\<" if is_open else escaped(before)
    return "".join(pieces)


def _in_brackets(address: str, behind: str) -> str:
    """The address in angle brackets, where it or what is behind it would be escaped."""
    around = ""
    if address.endswith(")") and address.count("(") < address.count(")"):  # it stands in parentheses
        address, around = address[:-1], ")"
    shown = escaped(address)
    is_entity = behind == ";" and "&" in address
    if shown == address and not is_entity and (around or not _PERHAPS_SPECIAL.match(behind)):
        return address + around
    if "$" in address:  # a formula would begin within angle brackets too
        return f"[{shown}]({address.replace('$', '%24')}){around}"
    return f"<{address}>{around}"


def _backslashed(special: re.Match[str]) -> str:
    found = special[0]
    if found == "\\" and special.string.startswith(_OF_A_FORMULA, special.end()):
        return _BACKSLASH
    return f"\\{found}"
