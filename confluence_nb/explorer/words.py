"""Every sentence of the explorer, and the one place where names from a wiki become its lines or its markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape

from confluence_nb.explorer.code import Call
from confluence_nb.explorer.source import Entry, Space
from confluence_nb.page.html import safe_address

LONGEST_LABEL = 160
INDENT = "    "

CHOOSE = "Choose a space, or search in the whole site."
NOTHING_LOOKED_AT = "Choose a page to read it here."
NOTHING_IN_SPACE = "There is nothing in this space that this account may see."

_BLOG_POST = "blog post"
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing: with them a title could swap the words around it."""

# Selects what is beside the button, and copies it the old way where the browser offers no other.
_COPY = (
    "const button = this, box = button.previousElementSibling;"
    "const done = () => { button.textContent = 'Copied'; setTimeout(() => button.textContent = 'Copy', 2000) };"
    "box.focus(); box.select();"
    "const old = () => { if (document.execCommand('copy')) done() };"
    "if (navigator.clipboard) { navigator.clipboard.writeText(box.value).then(done, old) } else { old() }"
)


def space_label(space: Space) -> str:
    """A space as a line of the list."""
    marks = [mark for mark in (space.type, space.status) if mark in ("personal", "archived")]
    key = one_line(space.key)
    # The key of somebody's own space is long and says nothing, so it comes last.
    return f"{_line(one_line(space.name) or key, marks)} · {key}"


def entry_label(entry: Entry, sign: str, depth: int) -> str:
    """An entry as a line of the tree: its sign, title, and whatever it is beside a page that everybody reads."""
    return INDENT * depth + _line(f"{sign} {one_line(entry.title) or '(without a title)'}", _marks(entry))


def found_label(entry: Entry) -> str:
    """An entry as a line of what was found."""
    where = f" · {one_line(entry.space_key)}" if entry.space_key else ""
    return _line(f"{one_line(entry.title) or '(without a title)'}{where}", _marks(entry))


def more_label(shown: int, depth: int = 0) -> str:
    """The line that stands for what a list has more."""
    return f"{INDENT * depth}… more ({shown:,} so far)"


def matches(space: Space, wanted: str) -> bool:
    """Whether a space has all these words in its name or key."""
    text = f"{space.name} {space.key}".casefold()
    return all(word in text for word in wanted.casefold().split())


def nothing_left(typed: str) -> str:
    """What the filter left of the spaces, as plain text."""
    return f"No space has “{one_line(typed)[:60]}” in its name or key."


def about_found(count: int, words: str, space: Space | None, *, done: bool) -> str:
    """How much a search found, as plain text."""
    where = f"in {one_line(space.name)}" if space is not None else "in the whole site"
    if not count:
        return (
            f"Nothing found for “{one_line(words)}” {where}. The search does not know archived pages, nor changes of "
            "the last minutes."
        )
    return f"{count:,}{'' if done else ' or more'} found for “{one_line(words)}” {where}."


def title(host: str) -> str:
    return f'<div class="cnb-title" role="heading" aria-level="3">{escape(one_line(host))}</div>'


def hint(text: str) -> str:
    """What stands where a page will be."""
    return _scrolled(f'<div class="cnb-soft">{escape(text)}</div>')


def page(html: str) -> str:
    """A page's preview, which is safe HTML already, in a box that the keyboard can scroll."""
    return _scrolled(html)


def no_page(entry: Entry) -> str:
    """What is known of an entry that has no body, or whose body did not come."""
    address = safe_address(entry.url or "")
    name = escape(one_line(entry.title) or "(without a title)")
    if address:
        name = f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{name}</a>'
    kind = entry.type if not entry.has_page else ""
    facts = " · ".join(escape(one_line(fact)) for fact in (kind, *_status(entry)) if fact)
    return _scrolled(f'<div class="cnb-title">{name}</div><div class="cnb-soft">{facts}</div>')


def code(calls: Sequence[Call]) -> str:
    """The calls to copy; each can be selected by hand too."""
    lines = "".join(
        '<div class="cnb-call">'
        f'<input class="cnb-copy" type="text" readonly data-lm-suppress-shortcuts="true" '
        f'aria-label="Code for {escape(call.gives)}" value="{escape(call.code)}">'
        f'<button type="button" class="cnb-copy-button" onclick="{_COPY}">Copy</button>'
        f'<span class="cnb-soft">{escape(call.gives)}</span></div>'
        for call in calls
    )
    return f'<div class="cnb-code" role="group" aria-label="Copy as code"><b>Copy as code</b>{lines}</div>'


def one_line(text: str) -> str:
    """A name as one line of text, without what would turn the words around it."""
    plain = "".join(
        " " if unicodedata.category(mark) == "Cc" else mark for mark in text if mark not in _TURNING
    )
    return " ".join(plain.split())


def _marks(entry: Entry) -> list[str]:
    kind = _BLOG_POST if entry.type == "blogpost" else one_line(entry.type)
    return [*([] if entry.type == "page" else [kind]), *_status(entry)]


def _status(entry: Entry) -> list[str]:
    return [] if entry.status == "current" else [one_line(entry.status)]


def _line(text: str, marks: Sequence[str]) -> str:
    short = text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"
    return f"{short} [{', '.join(marks)}]" if marks else short


def _scrolled(html: str) -> str:
    return f'<div class="cnb-scroll" role="region" aria-label="Preview" tabindex="0">{html}</div>'
