"""The quickstart runs from top to bottom in the demo, and neither it nor what it becomes holds a secret."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]

# Codes and tokens of the sandbox have the shape of a JSON Web Token.
TOKEN = re.compile(r"eyJ[\w-]{20,}")


def test_committed_without_outputs() -> None:
    notebook = nbformat.read(ROOT / "notebooks" / "quickstart.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


@pytest.mark.slow
def test_the_demo_signs_in_and_shows_frames() -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "tools" / "run_demo.py"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "acme.atlassian.net" in run.stdout
    assert re.search(r"[1-9]\d* pages in \w+", run.stdout)

    notebook = nbformat.read(ROOT / "demo-output" / "quickstart.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    frames = [output for cell in code for output in cell.outputs if "dataframe" in str(output.get("data"))]
    assert len(frames) >= 5
    # nbclient keeps the state of every widget, which is the strictest way to save a notebook.
    assert "widgets" in notebook.metadata
    for name in ("quickstart.ipynb", "quickstart.html"):
        assert TOKEN.findall((ROOT / "demo-output" / name).read_text(encoding="utf-8")) == []
    assert TOKEN.findall(run.stdout) == []
