"""Words of a document as they are written in Markdown: nothing in them marks anything.

Besides CommonMark, what GitHub and JupyterLab add is kept from them: a tilde alone strikes out there, two dollar signs
make a formula, and a backslash within a bare address becomes a part of it.
"""

from __future__ import annotations

import re

_SPECIAL = re.compile(
    r"\\(?=[()]|begin\b|end\b)|[\\`*\[\]$]|<(?=[A-Za-z/!?])|&(?=#?\w+;)"
    r"|(?<!\s)~|~(?!\s)|(?<![^\W_])_|_(?![^\W_])"
)
_PERHAPS_SPECIAL = re.compile(r"[\\`*\[\]<&~_$]")
"""Passes over words much faster than the exact pattern, and finds one of these in few."""
_ADDRESS = re.compile(r"(https?://[^\s<>\\]*[^\s<>\\.,:;!?*_~'\"`\[\]])")
_BACKSLASH = "&#92;"
"""A backslash that would begin a formula; two of them would, too."""


def escaped(words: str) -> str:
    """Words within a link, or of an attribute."""
    return _SPECIAL.sub(_backslashed, words) if _PERHAPS_SPECIAL.search(words) else words


def escaped_with_addresses(words: str) -> str:
    """Words that may hold addresses: one that would be changed by escaping stands in angle brackets."""
    if not _PERHAPS_SPECIAL.search(words):
        return words
    if "://" not in words:
        return _SPECIAL.sub(_backslashed, words)
    pieces = _ADDRESS.split(words)
    pieces[::2] = map(escaped, pieces[::2])
    pieces[1::2] = map(_in_brackets, pieces[1::2])
    return "".join(pieces)


def _in_brackets(address: str) -> str:
    """The address in angle brackets, where it has to be; a parenthesis that it only stands in is none of it."""
    if escaped(address) == address:
        return address
    is_around = address.endswith(")") and address.count("(") < address.count(")")
    return f"<{address[:-1]}>)" if is_around else f"<{address}>"


def _backslashed(special: re.Match[str]) -> str:
    found = special[0]
    if found == "\\" and special.string.startswith(("(", ")", "begin", "end"), special.end()):
        return _BACKSLASH
    return f"\\{found}"
