"""The benchmarks run: readers in processes of their own, counted by the sandbox, compared, written as tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules, which are no part of the installed package."""
    monkeypatch.syspath_prepend(ROOT)
    import benchmarks.conditions
    import benchmarks.promises
    import benchmarks.report
    import benchmarks.running
    import benchmarks.served_wiki
    import benchmarks.suite

    return benchmarks


@pytest.fixture
def result(benchmarks: Any) -> Any:
    """`result("ours", "b", seconds=30.0)`: a reading of 20,000 pages."""
    readers = {each.name: each for each in benchmarks.running.READERS}
    conditions = {each.name: each for each in benchmarks.conditions.CONDITIONS}

    def made(reader: str, condition: str, **figures: Any) -> Any:
        given = {
            "requests": 8,
            "wiki_requests": 8,
            "points": 2_008,
            "at_once": 1,
            "rows": 20_000,
            "cpu_seconds": 1.0,
            **figures,
        }
        measured = benchmarks.running.Measured(readers[reader], **given)
        return benchmarks.suite.Result(20_000, 20_000, conditions[condition], measured)

    return made


def test_library_and_plain_loop_read_the_same_pages(tmp_path: Path) -> None:
    written = tmp_path / "results.md"
    told = ["--sizes", "200", "--only", "b", "--readers", "ours", "loop", "--results", str(written)]
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", *told], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    rows = [line for line in written.read_text(encoding="utf-8").splitlines() if "| 200 |" in line]
    assert [row.split(" | ")[0] for row in rows] == ["| confluence_nb", "| plain httpx + orjson loop"]
    assert all(row.endswith("|  |") for row in rows), "no remark: every row, once"
    assert rows[1].split(" | ")[1:4] == ["1", "201", "1"], "the loop's one window, its points, one at a time"


def test_what_becomes_of_a_reader_that_fails(benchmarks: Any, tmp_path: Path) -> None:
    scripts = {
        "raises": 'def reader(order):\n    def read():\n        raise KeyError("body")\n    return read\n',
        "needs": "import a_client_that_nobody_has\n",
        "hangs": "import time\n\ndef reader(order):\n    return lambda: time.sleep(600)\n",
        "half": "def reader(order):\n    return lambda: 3\n\ndef ids(rows, order):\n    return ['1', '2', '1']\n",
    }
    found = {}
    with benchmarks.served_wiki.ServedWiki(20, 1, tmp_path) as wiki:
        for name, text in scripts.items():
            script = tmp_path / f"{name}.py"
            script.write_text(text)
            reader = benchmarks.running.Reader(name, name, str(script))
            patience = 1.0 if name == "hangs" else 60.0
            found[name] = benchmarks.running.run(reader, wiki, {}, body="storage", patience=patience)
        elsewhere = benchmarks.running.Reader("lost", "lost", "lost.py", "no-such-environment")
        found["lost"] = benchmarks.running.run(elsewhere, wiki, {}, body="storage", patience=5.0)
    assert found["raises"].error == "KeyError: 'body'"
    assert "a_client_that_nobody_has" in found["needs"].error
    assert found["hangs"].error == "stopped after 1 s"
    assert found["lost"].error == "no environment no-such-environment: make bench makes it"
    assert (found["half"].error, found["half"].rows, found["half"].twice) == (None, 2, 1)
    assert {each.requests for each in found.values()} == {0}


def test_the_limit_is_what_eight_lanes_take(benchmarks: Any) -> None:
    limits = {each.name: each.limit(20_000) for each in benchmarks.conditions.CONDITIONS}
    assert limits == pytest.approx({"a1": 0.5, "a": 0.5, "b": 25.5, "c": 0.0, "d": 25.5})


def test_promises_are_judged_by_whole_readings_alone(benchmarks: Any, result: Any) -> None:
    results = [
        result("ours", "b", seconds=30.0),
        result("atlassian", "b", seconds=210.0),
        result("langchain", "b", seconds=4.0, rows=1_000),
        result("ours", "a1", seconds=1.2, plan={"requests": 7}),
        result("loop", "a1", seconds=1.0),
        result("ours", "c", seconds=1.0, cpu_seconds=1.4),
        result("frame", "c", seconds=1.0),
        result("ours", "d", seconds=4.0, rows=19_999),
    ]
    said = benchmarks.promises.promises(results)
    figures = [sentence.partition(": ")[2].rpartition(": ") for sentence in said]
    assert [(figure.split(": ")[-1], verdict) for figure, _, verdict in figures] == [
        ("7.00, at least 6.00", "kept"),
        ("1.18, at most 1.25", "kept"),
        ("1.20, at most 1.05", "**not kept**"),
        ("1.40, at most 1.50", "kept"),
        ("8, at most 7", "**not kept**"),
        ("19,999 of 20,000 rows, 0 of them twice", "**not kept**"),
    ]


def test_the_readme_gets_the_short_table(benchmarks: Any, result: Any, tmp_path: Path) -> None:
    report, page = benchmarks.report, tmp_path / "README.md"
    results = [
        result("ours", "b", seconds=3.04, memory=300_000_000),
        result("loop", "b", seconds=21.2),
        result("ours", "d", seconds=3.5),
        result("loop", "d", error="HTTPStatusError: 429"),
    ]
    page.write_text(f"Above\n\n{report.OPENS}\nold\n{report.CLOSES}\n\nBelow\n", encoding="utf-8")
    for _ in range(2):
        report.write_between_markers(page, report.summary(results))
    above, table, below = (
        page.read_text(encoding="utf-8").replace(report.CLOSES, report.OPENS).split(report.OPENS)
    )
    assert (above, below) == ("Above\n\n", "\n\nBelow\n")
    assert "| confluence_nb | 3.04 | 3.50 | 8 | 2,008 | 300 |" in table
    assert "| plain httpx + orjson loop | 21.2 | breaks off | 8 | 2,008 | – |" in table
    assert "old" not in table
    page.write_text("No markers", encoding="utf-8")
    with pytest.raises(ValueError, match=r"README\.md lacks the markers"):
        report.write_between_markers(page, "table")
