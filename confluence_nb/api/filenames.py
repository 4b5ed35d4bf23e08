"""What a file of the wiki is called on this machine, whatever somebody called it there.

A name in the wiki is a stranger's text. It may climb out of the folder, name a device, hide its ending behind
a change of writing direction, or be the same as another's on a disk that takes A and a for one letter.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from confluence_nb.errors import ConfluenceNBError

MOST_BYTES = 130
"""UTF-8 bytes of a name: encrypted home folders take 143, and what the folder adds to it must fit as well."""

_LONGEST_SUFFIX = 20
"""UTF-8 bytes; a longer ending is no file type and is cut like the rest of a name."""

_SEPARATORS_AND_WILDCARDS = re.compile(r'[/\\:*?"<>|]')
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\..*)?", re.I | re.S
)
_ATTACHMENT = re.compile(r"att[0-9]{1,19}|[0-9]{1,19}", re.ASCII)
_CONTAINER = re.compile(r"[0-9]{1,19}", re.ASCII)


def safe_name(title: str, most_bytes: int = MOST_BYTES) -> str:
    """A name that every system takes, that stays in its folder and that is no option of a command.

    Parameters
    ----------
    title:
        Any text at all.
    most_bytes:
        UTF-8 bytes of the result at the most; the ending survives a cut.

    Returns
    -------
    At least one character, in composed form (NFC); applied again, it changes nothing.
    """
    text = _SEPARATORS_AND_WILDCARDS.sub("_", unicodedata.normalize("NFC", title))
    text = unicodedata.normalize("NFC", "".join(map(_visible, text)))
    text = _cut(_trimmed(text), most_bytes)
    return _cut(f"_{text}", most_bytes) if not text or _DEVICE.fullmatch(text) else text


def place_of(container: str, attachment: str, title: str) -> PurePosixPath:
    """Where a file lies below the folder: `98310/att98327-plan.pdf`.

    The ids make it unique and the same in every run, whatever else is downloaded: two files of a page may
    differ in the case of a letter alone, or be called the same once their names are safe.

    Raises
    ------
    ConfluenceNBError
        For ids that are none.
    """
    if not _ATTACHMENT.fullmatch(attachment) or not _CONTAINER.fullmatch(container):
        raise ConfluenceNBError(
            f"{attachment[:60]!r} on {container[:60]!r} is no attachment: ids are digits, those of attachments with "
            "'att' before them. Give a frame of wiki.attachments(), or ids from it."
        )
    return PurePosixPath(container, f"{attachment}-{safe_name(title, MOST_BYTES - len(attachment) - 1)}")


def _visible(mark: str) -> str:
    """The character, or what stands for one that is unseen, unassigned or no character."""
    category = unicodedata.category(mark)
    if category == "Zs":
        return " "
    return "_" if category[0] == "C" or category in ("Zl", "Zp") else mark


def _trimmed(text: str) -> str:
    # A dot hides a file, a dash makes it an option, a tilde a home folder; Windows drops dots and spaces at the end.
    return text.lstrip(" .-~").rstrip(" .")


def _cut(text: str, most_bytes: int) -> str:
    if len(text.encode()) <= most_bytes:
        return text
    stem, dot, suffix = text.rpartition(".")
    ending = f"{dot}{suffix}"
    if not stem or len(ending.encode()) > min(_LONGEST_SUFFIX, most_bytes // 2):
        stem, ending = text, ""
    room = most_bytes - len(ending.encode())
    return _trimmed(stem.encode()[:room].decode(errors="ignore")) + ending
