"""Bodies in storage format: XHTML with the ac: and ri: elements of Confluence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape as escape_all

from confluence_nb.sandbox.wiki.writer import Writer

_SPECIAL = re.compile("[&<>\"']")


def escape(words: str, quote: bool = True) -> str:
    """Escaped for XHTML; most words have nothing to escape, which is quickly seen."""
    return escape_all(words, quote) if _SPECIAL.search(words) else words


class StorageFormat(Writer):
    """Writes storage format."""

    representation = "storage"

    def join(self, pieces: Sequence[str]) -> str:
        return "".join(pieces)

    def document(self, body: str) -> str:
        return body

    def text(self, words: str) -> str:
        return escape(words, quote=False)

    def styled(self, words: str, mark: str) -> str:
        return f"<{mark}>{escape(words, quote=False)}</{mark}>"

    def link(self, words: str, address: str) -> str:
        return f'<a href="{escape(address)}">{escape(words, quote=False)}</a>'

    def mention(self, account_id: str, name: str) -> str:
        return f'<ac:link><ri:user ri:account-id="{account_id}" /></ac:link>'

    def page_link(self, title: str, page_id: str, space_key: str) -> str:
        return (
            f'<ac:link><ri:page ri:space-key="{escape(space_key)}" ri:content-title="{escape(title)}" />'
            f"<ac:link-body>{escape(title, quote=False)}</ac:link-body></ac:link>"
        )

    def status(self, words: str, color: str) -> str:
        return (
            '<ac:structured-macro ac:name="status" ac:schema-version="1">'
            f'<ac:parameter ac:name="title">{escape(words, quote=False)}</ac:parameter>'
            f'<ac:parameter ac:name="colour">{color}</ac:parameter></ac:structured-macro>'
        )

    def date(self, day: str) -> str:
        return f'<time datetime="{day}" />'

    def emoticon(self, name: str, character: str) -> str:
        return (
            f'<ac:emoticon ac:name="{name}" ac:emoji-shortname=":{name}:" ac:emoji-fallback="{character}" />'
        )

    def marked(self, words: str, marker: str) -> str:
        tag = "ac:inline-comment-marker"
        return f'<{tag} ac:ref="{marker}">{escape(words, quote=False)}</{tag}>'

    def paragraph(self, *inlines: str) -> str:
        return f"<p>{''.join(inlines)}</p>"

    def heading(self, level: int, words: str) -> str:
        return f"<h{level}>{escape(words, quote=False)}</h{level}>"

    def items(self, entries: Sequence[str], *, ordered: bool = False) -> str:
        tag = "ol" if ordered else "ul"
        return f"<{tag}>{''.join(f'<li><p>{entry}</p></li>' for entry in entries)}</{tag}>"

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], *, wide_last: bool = False) -> str:
        lines = ["".join(f"<th><p>{cell}</p></th>" for cell in head)]
        lines += ["".join(f"<td><p>{cell}</p></td>" for cell in row) for row in rows]
        if wide_last:
            lines.append(f'<td colspan="{len(head)}"><p>{rows[-1][0]}</p></td>')
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        return f'<table data-layout="default"><tbody>{body}</tbody></table>'

    def tasks(self, entries: Sequence[tuple[int, bool, str]]) -> str:
        body = "".join(
            f"<ac:task><ac:task-id>{number}</ac:task-id>"
            f"<ac:task-status>{'complete' if done else 'incomplete'}</ac:task-status>"
            f'<ac:task-body><span class="placeholder-inline-tasks">{words}</span></ac:task-body></ac:task>'
            for number, done, words in entries
        )
        return f"<ac:task-list>{body}</ac:task-list>"

    def image(self, filename: str, media_id: str) -> str:
        return (
            f'<ac:image ac:align="center" ac:width="760" ac:alt="{escape(filename)}">'
            f'<ri:attachment ri:filename="{escape(filename)}" ri:version-at-save="1" /></ac:image>'
        )

    def code(self, language: str, source: str) -> str:
        return (
            '<ac:structured-macro ac:name="code" ac:schema-version="1">'
            f'<ac:parameter ac:name="language">{language}</ac:parameter>'
            f"<ac:plain-text-body><![CDATA[{source}]]></ac:plain-text-body></ac:structured-macro>"
        )

    def panel(self, mood: str, *blocks: str) -> str:
        return (
            f'<ac:structured-macro ac:name="{mood}" ac:schema-version="1">'
            f"<ac:rich-text-body>{''.join(blocks)}</ac:rich-text-body></ac:structured-macro>"
        )

    def expand(self, title: str, *blocks: str) -> str:
        return (
            '<ac:structured-macro ac:name="expand" ac:schema-version="1">'
            f'<ac:parameter ac:name="title">{escape(title, quote=False)}</ac:parameter>'
            f"<ac:rich-text-body>{''.join(blocks)}</ac:rich-text-body></ac:structured-macro>"
        )

    def columns(self, left: str, right: str) -> str:
        return (
            '<ac:layout><ac:layout-section ac:type="two_equal">'
            f"<ac:layout-cell>{left}</ac:layout-cell><ac:layout-cell>{right}</ac:layout-cell>"
            "</ac:layout-section></ac:layout>"
        )

    def macro(self, name: str, parameters: dict[str, str]) -> str:
        if name == "include":
            inner = (
                '<ac:parameter ac:name=""><ac:link>'
                f'<ri:page ri:content-title="{escape(parameters["page"])}" /></ac:link></ac:parameter>'
            )
        else:
            inner = "".join(
                f'<ac:parameter ac:name="{key}">{escape(value, quote=False)}</ac:parameter>'
                for key, value in parameters.items()
            )
        return f'<ac:structured-macro ac:name="{name}" ac:schema-version="1">{inner}</ac:structured-macro>'
