"""Bodies in storage format beside what they say: `golden/NAME.xml` and its `.txt`, `.md` and `.json`."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from confluence_nb import LeftOut, content
from confluence_nb.content.document import parsed
from confluence_nb.content.elements import ELEMENTS
from confluence_nb.content.emoticons import EMOTICONS
from confluence_nb.content.macro_rules import RULES
from confluence_nb.content.macro_values import MACROS, name_of
from confluence_nb.content.names import AC

GOLDEN = Path(__file__).parent / "golden"
BODIES = sorted(GOLDEN.glob("*.xml"))
NAMES = {"712020:ada": "Ada Lovelace"}
_LISTS = ("headings", "tasks", "mentions", "code", "images", "macros", "links")
_NAMED = ("headings", "tasks", "mentions", "macros")


def expected(body: str) -> dict[str, str]:
    """What the golden files beside a body hold, by their suffixes."""
    structure = {
        name: [
            {key: value for key, value in asdict(row).items() if value is not None}
            for row in getattr(content, name)(body, **({"names": NAMES} if name in _NAMED else {}))
        ]
        for name in _LISTS
    }
    structure["tables"] = [
        {
            "columns": list(map(str, table.columns)),
            "index": list(table.index),
            "cells": table.to_numpy().tolist(),
        }
        for table in content.tables(body, names=NAMES)
    ]
    filled = {name: rows for name, rows in structure.items() if rows}
    return {
        ".txt": content.to_text(body, names=NAMES) + "\n",
        ".md": content.to_markdown(body, names=NAMES) + "\n",
        ".json": json.dumps(filled, indent=1, ensure_ascii=False, default=str) + "\n",
    }


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_a_body_reads_as_it_was_written_down(path: Path) -> None:
    for suffix, text in expected(path.read_text(encoding="utf-8")).items():
        assert text == path.with_suffix(suffix).read_text(encoding="utf-8"), f"{path.stem}{suffix}"


def test_every_rule_of_a_macro_has_a_golden_case() -> None:
    met = {name_of(macro) for root in _roots() for macro in root.iter(*MACROS)}
    assert set(RULES) - met == set()
    embedded = {"native-embed:whiteboard"}
    mystery = {"", "mystery", "drawing", "gadget", "x", "Chart", "Signatures", "plantumlcloud", "macro-html"}
    assert met - set(RULES) == embedded | mystery, "macros without a rule are met too"


def test_every_element_has_a_golden_case() -> None:
    met = {element.tag for root in _roots() for element in root.iter()}
    assert set(ELEMENTS) - met - {"body"} == set()


def test_every_emoticon_has_a_golden_case() -> None:
    met = {element.get(AC + "name") for root in _roots() for element in root.iter(AC + "emoticon")}
    assert set(EMOTICONS) - met == set()


@pytest.mark.parametrize("path", sorted((GOLDEN / "corpus").iterdir()), ids=lambda path: path.stem)
@pytest.mark.parametrize("name", [name for name in content.__all__ if name[0].islower()])
def test_a_strange_body_does_not_end_a_column(path: Path, name: str) -> None:
    strange = path.read_bytes().decode("utf-8", "surrogatepass")
    bodies = pd.Series(["<p>before</p>", strange, "<p>after</p>"], index=["a", "b", "c"], dtype="object")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = getattr(content, name)(bodies)
    unreadable = found.attrs["unreadable"]
    # Other tests of this process may leave warnings of their own behind.
    assert len([each for each in told if each.category is LeftOut]) == len(unreadable) <= 1
    assert [each["row"] for each in unreadable] == ["b"] * len(unreadable)
    if isinstance(found, pd.Series):
        assert found["a"] == "before"
        assert found["c"] == "after"
        assert pd.isna(found["b"]) == bool(unreadable)


def _roots() -> list[object]:
    return [parsed(path.read_text(encoding="utf-8")) for path in BODIES]
