"""What anybody may have written into a wiki stays words, in every sentence, file and notebook that it gets into."""

from __future__ import annotations

import csv
import io
import re
import textwrap
from pathlib import Path

import pandas as pd
import pytest
from IPython.core.ultratb import VerboseTB
from previews import page_of
from strange_cloud import SITE, Asked, Says, strange_cloud

from confluence_nb import ConfluenceNBError, Wiki
from confluence_nb.panel import progress
from confluence_nb.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[1]

STEERING = "\x1b]52;c;cm0gLXJmIH4=\x07\x1b[2J\x1b[8mhidden\x9b31m\u202e\u2066\r\x08\x00\ud800"
FORMULAS = [
    *("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1"),
    '=HYPERLINK("https://evil.example")',
]


# ------------------------------------------------------------------------------ sentences


def test_no_sentence_of_a_server_steers_a_terminal() -> None:
    """An answer may quote a title; clearing the screen or filling the clipboard is no part of it."""
    said = {"message": f"No page {STEERING.encode(errors='ignore').decode()} here"}
    with strange_cloud(lambda asked: Says(said, 400)) as cloud, pytest.raises(ConfluenceNBError) as found:
        cloud.open_wiki().get("/pages")
    message = str(found.value)
    assert "No page" in message
    assert "hidden" in message
    assert all(letter.isprintable() for letter in message.replace("\ufffd", ""))


@pytest.mark.parametrize("kind", [ConfluenceNBError, *ConfluenceNBError.__subclasses__()])
def test_no_error_steers_a_terminal(kind: type[ConfluenceNBError]) -> None:
    said = str(kind(f"One line\nand another\t{STEERING}."))
    assert said.startswith("One line\nand another\t\ufffd]52;")
    assert [letter for letter in said if not letter.isprintable()] == ["\n", "\t"]
    said.encode()


def test_a_traceback_shows_a_name_as_it_is_written(wiki: Wiki) -> None:
    try:
        wiki.use(f"<img src=x onerror=alert(1)>{STEERING}")
    except ConfluenceNBError as error:
        shown = VerboseTB(theme_name="nocolor").text(type(error), error, error.__traceback__)
    last = shown.splitlines()[-2:]
    assert any("<img src=x onerror=alert(1)>" in line for line in last)
    assert "\x1b" not in "".join(last)


def test_who_is_signed_in_and_where_steers_no_terminal() -> None:
    name = "Ev\x1b[2Jil\x1b]52;c;aGk=\x07\u202e\x9b2J\r\nsite        elsewhere"

    def answer(asked: Asked) -> Says:
        if asked.path == "/me":
            return Says({"name": name})
        if asked.path == "/oauth/token/accessible-resources":
            return Says([{**SITE, "name": name, "url": "https://ev\x1b[2Jil.atlassian.net"}])
        return Says({"results": []})

    with strange_cloud(lambda asked: Says({"results": []})) as cloud:
        usual = cloud.answer
        cloud.answer = lambda asked: usual(asked) if asked.path == "/oauth/token" else answer(asked)  # type: ignore[method-assign]
        wiki = cloud.open_wiki()
        told = (repr(wiki), repr(wiki.status()), str(wiki.site), repr(wiki.site))
    for text in told:
        assert "ev" in text.lower()
        assert [mark for mark in text if not mark.isprintable() and mark != "\n"] == []
    assert told[1].count("\nsite  ") == 1, "a name makes no line of its own"


def test_a_progress_line_is_words(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    cell = progress._CellOutput()
    monkeypatch.setattr(cell, "_put", lambda text, html: drawn.append(html))
    cell.draw("<img src=x onerror=alert(1)>", 0.5)
    cell.close("<script>alert(2)</script>")
    assert "&lt;img src=x" in drawn[0]
    assert drawn[1] == "&lt;script&gt;alert(2)&lt;/script&gt;"


# ------------------------------------------------------------------------------ notebooks


def test_no_front_end_reads_a_price_of_a_page_as_a_formula() -> None:
    """JupyterLab and its like typeset what stands between dollars, except in an element of these classes."""
    html = page_of(
        "<p>from $5 to $10, \\(x\\) and $\\href{javascript:alert(1)}{y}$</p>", title="$a$"
    )._repr_html_()
    box = re.match(r'<div class="([^"]*)">', html)
    assert box is not None
    assert {"tex2jax_ignore", "mathjax_ignore"} <= set(box[1].split())


def test_a_frame_in_a_cell_is_words(sandbox: Sandbox, wiki: Wiki) -> None:
    title = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    sandbox.add_page(wiki.spaces()["id"].iloc[0], title, "<p>x</p>")
    frame = wiki.pages()
    html = frame[frame["title"] == title]._repr_html_()
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "<img" not in html


# ---------------------------------------------------------------------------- spreadsheets


def recipe() -> str:
    """The lines that SECURITY.md has for whoever gives a table to a spreadsheet."""
    (code,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "SECURITY.md").read_text(encoding="utf-8"), re.DOTALL
    )
    return textwrap.dedent(code)


def test_a_frame_has_what_the_wiki_has_and_a_spreadsheet_gets_it_as_text(
    sandbox: Sandbox, wiki: Wiki
) -> None:
    space = wiki.spaces()["id"].iloc[0]
    for title in FORMULAS:
        sandbox.add_page(space, title, "<p>x</p>")
    frame = wiki.pages()
    assert set(FORMULAS) <= set(frame["title"]), "rows are given as the wiki has them"
    written = io.StringIO()
    exec(recipe(), {"frame": frame, "path": written})
    cells = list(csv.DictReader(io.StringIO(written.getvalue(), newline="")))
    assert len(cells) == len(frame)
    assert [cell["title"] for cell in cells if cell["title"].startswith("'")] == [
        "'" + title for title in FORMULAS
    ]
    for cell in cells:
        assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for text in cell.values())
    untouched = pd.Series([cell["id"] for cell in cells])
    assert list(untouched) == list(frame["id"])


def test_a_downloads_name_in_a_frame_is_the_wikis_and_on_the_disk_is_safe(
    sandbox: Sandbox, wiki: Wiki, tmp_path: Path
) -> None:
    attachment = wiki.attachments(limit=1)["id"].iloc[0]
    for title in ("=1+1.csv", "../../=cmd.xlsx", "CON", "a\x00b.txt", "Plan.pdf", "plan.pdf"):
        sandbox.edit_attachment(attachment, title=title, size=10)
        row = wiki.download(wiki.attachments(limit=1), tmp_path).iloc[0]
        assert row["title"] == title
        assert Path(row["path"]).parent.parent == tmp_path
        assert Path(row["path"]).name.startswith(f"{attachment}-")
