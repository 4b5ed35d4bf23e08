"""The notebook about the mirror runs from top to bottom, finds what it changes, and ends its cluster."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

pytest.importorskip("distributed")

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "mirror.ipynb"


def test_committed_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    sources = "".join(cell.source for cell in code)
    assert sources.count("# your own: ") == 2


@pytest.mark.slow
def test_it_runs_from_top_to_bottom(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(
        notebook,
        timeout=300,
        resources={"metadata": {"path": str(tmp_path)}},
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    shown = "\n".join(str(output.data) for output in outputs if "data" in output)
    said = "".join(output.text for output in outputs if output.get("name") == "stdout")
    assert "Mirror of acme.atlassian.net" in shown
    assert "A better title" in shown
    assert re.search(r"http://127\.0\.0\.1:\d+/status", shown)
    assert "+One more thing came to mind." in said
    frames = [output.data["text/html"] for output in outputs if "dataframe" in str(output.get("data"))]
    assert len(frames) == 5
    assert [frame for frame in frames if "<td>" not in frame] == []
