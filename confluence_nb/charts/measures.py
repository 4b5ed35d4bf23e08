"""How long pages are, or how large files: what is measured, and the steps in which it is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from confluence_nb.charts.columns import column, texts
from confluence_nb.content import to_text

_CALL = 'wiki.pages(body="storage") or wiki.attachments()'

# Chinese and Japanese leave no space between words, and a reader takes about two of their signs in the time of one.
_SIGN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Measure:
    """One number for each row, missing where it is not known.

    `steps` are the upper bounds of the bars, the last bar has none; `word` is what is counted, `what` what has it.
    """

    values: pd.Series
    steps: tuple[float, ...]
    word: str
    what: tuple[str, str]


def measured(frame: pd.DataFrame) -> Measure:
    """The size of files in MB, where the frame has `file_size`; else the words of the pages' texts.

    Raises
    ------
    ConfluenceNBError
        The frame has neither `file_size` nor `text` nor `body`.
    """
    if "file_size" in frame.columns:
        sizes = (
            pd.to_numeric(frame["file_size"].reset_index(drop=True), errors="coerce").astype("Float64") / 1e6
        )
        return Measure(sizes, (0.1, 0.3, 1, 3, 10, 30, 100, 300), "MB", ("attachment", "attachments"))
    if "text" in frame.columns:
        said = texts(frame["text"])
    else:
        said = texts(to_text(texts(column(frame, "body", "size", _CALL))))
    counts = pd.Series([pd.NA if text is pd.NA else words_in(text) for text in said], dtype="Float64")
    return Measure(counts, (50, 100, 200, 400, 800, 1600, 3200, 6400), "words", ("page", "pages"))


def words_in(text: str) -> int:
    """The words of a text, which is what lies between spaces; two signs of a script without spaces are one word."""
    words, signs = _SIGN.subn(" ", text)
    return len(words.split()) + (signs + 1) // 2
