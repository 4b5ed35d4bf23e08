"""The page with the panel's pictures has each state in each width and theme, and no picture that is not there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_every_state_has_its_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "browser"))
    states = importlib.import_module("panel_states").STATES
    wanted = {
        f"panel-{state}-{width}-{theme}.png"
        for state in states
        for width in (400, 1_400)
        for theme in ("light", "dark")
    }
    shown = re.findall(r"\]\(images/(panel-[^)]*)\)", (DOCS / "panel.md").read_text(encoding="utf-8"))
    there = {path.name for path in (DOCS / "images").glob("panel-*-*-*.png")}
    assert sorted(shown) == sorted(wanted)
    assert wanted <= there
    assert not {name for name in there if re.search(r"-(400|1400)-", name)} - wanted
