"""Bodies in atlas_doc_format: the editor's JSON document, carried as a string."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson

from confluence_nb.sandbox.wiki.writer import Writer


def _string(words: str) -> str:
    return orjson.dumps(words).decode()


def _node(kind: str, content: str, attrs: dict[str, object] | None = None) -> str:
    given = "" if attrs is None else f',"attrs":{orjson.dumps(attrs).decode()}'
    return f'{{"type":"{kind}"{given},"content":[{content}]}}'


def _leaf(kind: str, attrs: dict[str, object]) -> str:
    return f'{{"type":"{kind}","attrs":{orjson.dumps(attrs).decode()}}}'


PANELS = {"warning": "error", "note": "warning", "tip": "success"}
"""What the other format calls the panels of this one, where it is not the same."""


class AtlasDoc(Writer):
    """Writes the nodes of an atlas_doc_format document; pieces are JSON, joined by commas."""

    representation = "atlas_doc_format"

    def join(self, pieces: Sequence[str]) -> str:
        return ",".join(piece for piece in pieces if piece)

    def document(self, body: str) -> str:
        return f'{{"type":"doc","content":[{body}],"version":1}}'

    def text(self, words: str) -> str:
        return f'{{"type":"text","text":{_string(words)}}}'

    def styled(self, words: str, mark: str) -> str:
        return f'{{"type":"text","text":{_string(words)},"marks":[{{"type":"{mark}"}}]}}'

    def link(self, words: str, address: str) -> str:
        mark = f'{{"type":"link","attrs":{{"href":{_string(address)}}}}}'
        return f'{{"type":"text","text":{_string(words)},"marks":[{mark}]}}'

    def mention(self, account_id: str, name: str) -> str:
        return _leaf("mention", {"id": account_id, "text": f"@{name}"})

    def page_link(self, title: str, page_id: str, space_key: str) -> str:
        return self.link(title, f"/wiki/spaces/{space_key}/pages/{page_id}")

    def status(self, words: str, color: str) -> str:
        return _leaf("status", {"text": words, "color": color.lower()})

    def date(self, day: str) -> str:
        seconds = int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())
        return _leaf("date", {"timestamp": str(seconds * 1000)})

    def emoticon(self, name: str, character: str) -> str:
        return _leaf("emoji", {"shortName": f":{name}:", "text": character})

    def marked(self, words: str, marker: str) -> str:
        mark = f'{{"type":"annotation","attrs":{{"id":"{marker}","annotationType":"inlineComment"}}}}'
        return f'{{"type":"text","text":{_string(words)},"marks":[{mark}]}}'

    def paragraph(self, *inlines: str) -> str:
        return _node("paragraph", self.join(inlines))

    def heading(self, level: int, words: str) -> str:
        return _node("heading", self.text(words), {"level": level})

    def items(self, entries: Sequence[str], *, ordered: bool = False) -> str:
        kind = "orderedList" if ordered else "bulletList"
        return _node(kind, self.join([_node("listItem", self.paragraph(entry)) for entry in entries]))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], *, wide_last: bool = False) -> str:
        lines = [self.join([_node("tableHeader", self.paragraph(cell)) for cell in head])]
        lines += [self.join([_node("tableCell", self.paragraph(cell)) for cell in row]) for row in rows]
        if wide_last:
            lines.append(_node("tableCell", self.paragraph(rows[-1][0]), {"colspan": len(head)}))
        return _node("table", self.join([_node("tableRow", line) for line in lines]), {"layout": "default"})

    def tasks(self, entries: Sequence[tuple[int, bool, str]]) -> str:
        body = [
            _node("taskItem", words, {"localId": str(number), "state": "DONE" if done else "TODO"})
            for number, done, words in entries
        ]
        return _node("taskList", self.join(body), {"localId": "tasks"})

    def image(self, filename: str, media_id: str) -> str:
        media = _leaf("media", {"type": "file", "id": media_id, "collection": "", "alt": filename})
        return _node("mediaSingle", media, {"layout": "center", "width": 760})

    def code(self, language: str, source: str) -> str:
        return _node("codeBlock", self.text(source), {"language": language})

    def panel(self, mood: str, *blocks: str) -> str:
        return _node("panel", self.join(blocks), {"panelType": PANELS.get(mood, mood)})

    def expand(self, title: str, *blocks: str) -> str:
        return _node("expand", self.join(blocks), {"title": title})

    def columns(self, left: str, right: str) -> str:
        cells = [_node("layoutColumn", side, {"width": 50}) for side in (left, right)]
        return _node("layoutSection", self.join(cells))

    def macro(self, name: str, parameters: dict[str, str]) -> str:
        values = {key: {"value": value} for key, value in parameters.items()}
        return _leaf(
            "extension",
            {
                "extensionType": "com.atlassian.confluence.macro.core",
                "extensionKey": name,
                "parameters": {"macroParams": values},
            },
        )
