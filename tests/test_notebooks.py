"""The gallery: each notebook runs from top to bottom on the embedded Confluence, and shows what it promises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
CHANGE_THIS = re.compile(
    r"^wiki, space = cnb\.demo\(sign_in=True\), \"\w+\"  # your own: cnb\.connect\(\), ", re.MULTILINE
)
PLOTLY = "application/vnd.plotly.v1+json"


@dataclass(frozen=True)
class Promise:
    """What a notebook shows: how many frames and figures, and words that its printed lines have."""

    frames: int
    figures: int
    says: str


GALLERY = {
    "change_over_time": Promise(5, 2, r"^\+[^+\n]*\w"),
    "content_audit": Promise(8, 2, r"[1-9]\d* of [1-9]\d* pages"),
    "people": Promise(7, 2, r"[1-9]\d* comments on [1-9]\d* pages, [1-9]\d* of them answers"),
    "tables": Promise(9, 1, r"[1-9]\d* rows of [1-9]\d* tables"),
}


def read(name: str) -> NotebookNode:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def code_of(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_each_is_tested() -> None:
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == {*GALLERY, "quickstart", "mirror"}


@pytest.mark.parametrize("name", GALLERY)
def test_committed_without_outputs(name: str) -> None:
    notebook = read(name)
    nbformat.validate(notebook)
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code_of(notebook))


@pytest.mark.parametrize("name", GALLERY)
def test_one_line_is_to_change(name: str) -> None:
    sources = [cell.source for cell in code_of(read(name))]
    assert len(CHANGE_THIS.findall(sources[0])) == 1
    assert "cnb.demo" not in "".join(sources[1:])
    assert "wiki.sandbox" not in "".join(sources)


@pytest.mark.slow
@pytest.mark.parametrize("name", GALLERY)
def test_it_runs_from_top_to_bottom(name: str, tmp_path: Path) -> None:
    notebook = read(name)
    NotebookClient(
        notebook,
        timeout=120,
        resources={"metadata": {"path": str(tmp_path)}},
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
    ).execute()
    outputs = [output for cell in code_of(notebook) for output in cell.outputs]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []

    shown = [output.data for output in outputs if "data" in output]
    frames = [data["text/html"] for data in shown if "dataframe" in data.get("text/html", "")]
    assert len(frames) == GALLERY[name].frames
    assert [frame for frame in frames if "<td>" not in frame] == []

    figures = [data[PLOTLY] for data in shown if PLOTLY in data]
    assert len(figures) == GALLERY[name].figures
    for figure in figures:
        assert figure["layout"]["title"]["text"]
        assert any(len(trace.get("y", trace.get("z", ()))) > 0 for trace in figure["data"])

    said = "".join(output.text for output in outputs if output.get("name") == "stdout")
    assert re.search(GALLERY[name].says, said, re.MULTILINE)
    if name == "content_audit":
        files = {path.stem: len(pd.read_csv(path)) for path in tmp_path.glob("content-audit/*.csv")}
        assert len(files) == 7
        assert min(files.values()) > 0
