"""The table of defences is in step with the code: each line is there once, and each test is there."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_every_row_names_a_line_and_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")
    from mutate import TABLE, mutations

    rows = list(mutations())
    told = TABLE.read_text(encoding="utf-8")
    assert len(rows) == told.count("::test_"), "no row is misread"
    for row in rows:
        source = (ROOT / row.path).read_text(encoding="utf-8")
        assert row.applied(source) != source
        file, *_, test = row.test.split("::")
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), row.test
