"""Whatever a file is called in the wiki: on the disk its name is safe, its own, and below the folder."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strange_media import listed

from confluence_nb import Wiki
from confluence_nb.api.filenames import MOST_BYTES, place_of, safe_name
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.sandbox import Sandbox

EVIL = [
    "", ".", "..", "../../etc/passwd", "/etc/passwd", "..\\..\\boot.ini", "C:\\Windows\\x.dll", "C:evil", "\\\\host\\x",
    "CON", "nul.txt", "com1 .tar.gz", "LPT¹", "CONIN$", "a\x00b.txt", "line\nbreak\x1b[2J.txt", "-rf", "--help",
    "~root", ".bashrc", " lead", "trail. . ", "photo\u202egnp.exe", "\u200bzero", "\ufeffbom", "e\u0301", "é",
    "é" * 300 + ".pdf", "x" * 300, "a." + "b" * 300, "?*<>|\"", "\U0001f469\u200d\U0001f4bb.png", "%2e%2e%2f", "a/b",
    "a:b", "x.part",
]  # fmt: skip

titles = st.text(st.characters()) | st.text("./\\:~- conul1.\u202ee\u0301\x00\ud800", max_size=300)


@given(titles, st.integers(8, 200))
def test_a_safe_name_is_safe_everywhere(title: str, most: int) -> None:
    name = safe_name(title, most)
    assert 0 < len(name.encode()) <= most
    assert name == unicodedata.normalize("NFC", name) == safe_name(name, most)
    assert not set(name) & set('/\\:*?"<>|')
    assert all(unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for mark in name)
    assert name[0] not in ".-~ "
    assert name[-1] not in ". "
    assert PureWindowsPath(name).name == name
    assert not PureWindowsPath(name).is_reserved()


@given(titles, titles)
@example("a/b", "a_b")
@example("Plan.pdf", "plan.pdf")
@example("e\u0301", "é")
def test_two_files_of_a_page_are_two_on_any_disk(one: str, other: str) -> None:
    first, second = place_of("7", "att8", one), place_of("7", "att9", other)
    assert str(first).casefold() != str(second).casefold()
    assert first.parts[0] == "7"
    assert len(first.parts) == 2
    assert len(first.name.encode()) <= MOST_BYTES


@pytest.mark.parametrize(
    "title", ["plan.pdf", "фото 1.svg", "2024-05 日本.xlsx", "a.tar.gz", "Q&A (final)'s #2.docx"]
)
def test_a_good_name_stays_as_it_is(title: str) -> None:
    assert place_of("7", "att8", title).name == f"att8-{title}"


def test_the_ending_survives_a_cut() -> None:
    assert safe_name("x" * 400 + ".pdf").endswith("x.pdf")


@pytest.mark.parametrize("odd", ["..", "att/../8", "8/9", "", "att٣", "content:1"])
def test_an_id_that_is_none_is_no_place(odd: str, tmp_path: Path, wiki: Wiki, sandbox: Sandbox) -> None:
    before = sandbox.counts()["requests"]
    for frame in (listed(id=odd), listed(page_id=odd or "x")):
        with pytest.raises(ConfluenceNBError, match="ids are digits"):
            wiki.download(frame, tmp_path)
    assert sandbox.counts()["requests"] == before


def test_no_name_leads_out_of_the_folder(sandbox: Sandbox, wiki: Wiki, tmp_path: Path) -> None:
    ids = list(wiki.attachments(limit=len(EVIL))["id"])
    for attachment, title in zip(ids, EVIL, strict=True):
        sandbox.edit_attachment(attachment, title=title, size=500)
    folder = tmp_path / "deep" / "folder"
    frame = wiki.download(wiki.attachments(limit=len(EVIL)), folder)
    written = {path for path in tmp_path.rglob("*") if path.is_file() and not path.name.startswith(".")}
    assert written == {Path(path) for path in frame["path"]}
    assert all(path.parent.parent == folder for path in written)
    assert len(written) == len(EVIL)
    for row in frame.itertuples():
        assert Path(row.path).read_bytes() == sandbox.file_bytes(row.id)
