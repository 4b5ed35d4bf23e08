"""The JupyterLab under test is the one that the matrix names, and its widgets take a click and a paste."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import lab_python
from notebook_page import NotebookPage
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"

VERSIONS = """
from importlib.metadata import version
for name in ("ipykernel", "jupyterlab", "ipywidgets"):
    print(f"{name}=={version(name)}")
"""

FORM = """
import ipywidgets as widgets
box = widgets.Password(placeholder="paste here", continuous_update=False)
press = widgets.Button(description="Count")
said = widgets.HTML()
def count(_):
    text, box.value = box.value, ""
    said.value = f"<b>{len(text)} letters</b>"
press.on_click(count)
widgets.VBox([box, press, said])
"""


def test_kernel_has_the_versions_of_its_environment(open_notebook: Callable[..., NotebookPage]) -> None:
    environment = Path(lab_python()).parents[1]
    name = environment.name if environment.parent.name == ".venvs" else "newest"
    pins = re.findall(
        r"^(?:ipykernel|jupyterlab|ipywidgets)==.*$", (REQUIREMENTS / f"{name}.txt").read_text(), re.MULTILINE
    )
    assert len(pins) == 3
    shown = open_notebook(VERSIONS).run(0).inner_text()
    assert sorted(shown.split()) == sorted(pins)


def test_widget_takes_a_paste_and_a_click(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook(FORM)
    notebook.run(0)
    notebook.paste("S3CRET", into=notebook.page.get_by_placeholder("paste here"))
    notebook.button("Count").click()
    expect(notebook.output(0)).to_contain_text("6 letters")
    assert "S3CRET" not in str(notebook.save())
    assert notebook.script_errors == []
