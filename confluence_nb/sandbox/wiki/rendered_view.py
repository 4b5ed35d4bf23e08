"""Bodies as a reader sees them: the plain HTML behind the view representations, and bare text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape

from confluence_nb.sandbox.wiki.writer import Writer

_TAGS = re.compile(r"<[^>]+>")


class RenderedView(Writer):
    """Writes HTML without macros."""

    representation = "view"

    def join(self, pieces: Sequence[str]) -> str:
        return "".join(pieces)

    def document(self, body: str) -> str:
        return body

    def text(self, words: str) -> str:
        return escape(words, quote=False)

    def styled(self, words: str, mark: str) -> str:
        return f"<{mark}>{escape(words, quote=False)}</{mark}>"

    def link(self, words: str, address: str) -> str:
        return f'<a href="{escape(address)}" class="external-link">{escape(words, quote=False)}</a>'

    def mention(self, account_id: str, name: str) -> str:
        return (
            f'<a class="confluence-userlink user-mention" data-account-id="{account_id}" '
            f'href="/wiki/people/{account_id}">{escape(name, quote=False)}</a>'
        )

    def page_link(self, title: str, page_id: str, space_key: str) -> str:
        return f'<a href="/wiki/spaces/{escape(space_key)}/pages/{page_id}">{escape(title, quote=False)}</a>'

    def status(self, words: str, color: str) -> str:
        return f'<span class="status-macro aui-lozenge">{escape(words, quote=False)}</span>'

    def date(self, day: str) -> str:
        return f'<time datetime="{day}" class="date-past">{day}</time>'

    def emoticon(self, name: str, character: str) -> str:
        return character

    def marked(self, words: str, marker: str) -> str:
        return f'<span class="inline-comment-marker" data-ref="{marker}">{escape(words, quote=False)}</span>'

    def paragraph(self, *inlines: str) -> str:
        return f"<p>{''.join(inlines)}</p>"

    def heading(self, level: int, words: str) -> str:
        return f"<h{level}>{escape(words, quote=False)}</h{level}>"

    def items(self, entries: Sequence[str], *, ordered: bool = False) -> str:
        tag = "ol" if ordered else "ul"
        return f"<{tag}>{''.join(f'<li><p>{entry}</p></li>' for entry in entries)}</{tag}>"

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], *, wide_last: bool = False) -> str:
        lines = ["".join(f'<th class="confluenceTh"><p>{cell}</p></th>' for cell in head)]
        lines += ["".join(f'<td class="confluenceTd"><p>{cell}</p></td>' for cell in row) for row in rows]
        if wide_last:
            lines.append(f'<td class="confluenceTd" colspan="{len(head)}"><p>{rows[-1][0]}</p></td>')
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        return f'<div class="table-wrap"><table class="confluenceTable"><tbody>{body}</tbody></table></div>'

    def tasks(self, entries: Sequence[tuple[int, bool, str]]) -> str:
        body = "".join(
            f'<li data-inline-task-id="{number}"{" class=checked" if done else ""}>{words}</li>'
            for number, done, words in entries
        )
        return f'<ul class="inline-task-list">{body}</ul>'

    def image(self, filename: str, media_id: str) -> str:
        return (
            f'<img class="confluence-embedded-image" alt="{escape(filename)}" data-media-id="{media_id}" />'
        )

    def code(self, language: str, source: str) -> str:
        return f'<pre data-language="{language}">{escape(source, quote=False)}</pre>'

    def panel(self, mood: str, *blocks: str) -> str:
        return f'<div class="confluence-information-macro {mood}">{"".join(blocks)}</div>'

    def expand(self, title: str, *blocks: str) -> str:
        return f"<details><summary>{escape(title, quote=False)}</summary>{''.join(blocks)}</details>"

    def columns(self, left: str, right: str) -> str:
        return (
            f'<div class="columnLayout"><div class="cell">{left}</div><div class="cell">{right}</div></div>'
        )

    def macro(self, name: str, parameters: dict[str, str]) -> str:
        return f'<div class="{name}-macro">{escape(" ".join(parameters.values()), quote=False)}</div>'


def plain_text(view: str) -> str:
    """The words of a rendered view, on one line."""
    return " ".join(unescape(_TAGS.sub(" ", view)).split())
