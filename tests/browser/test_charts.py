"""Every chart is drawn in a real JupyterLab and in a page made of a notebook, with nothing asked of the network."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import lab_python
from nbconvert import HTMLExporter
from notebook_page import NotebookPage
from playwright.sync_api import Browser, BrowserContext, Locator, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "demo-output" / "charts"

WIKI = """
import confluence_nb as cnb
from confluence_nb import charts
wiki = cnb.demo(sign_in=True, pages=150, spaces=6)
wiki.use("acme")
pages = wiki.pages(body="storage", names=True)
labels = wiki.labels(pages)
"""
CALLS = {
    "activity": "charts.activity(pages)",
    "contributors": "charts.contributors(pages)",
    "stale": "charts.stale(pages)",
    "tree": "charts.tree(pages)",
    "links": "charts.links(pages)",
    "links-by-space": 'charts.links(pages, by="space")',
    "size": "charts.size(pages)",
    "labels": "charts.labels(labels)",
}
TITLES = """
print("\\n".join(figure.layout.title.text.replace("<br>", "") for figure in
    (charts.activity(pages), charts.contributors(pages), charts.stale(pages), charts.tree(pages),
     charts.links(pages), charts.links(pages, by="space"), charts.size(pages), charts.labels(labels))))
"""

OUTSIDE = re.compile(r"^(?!https?://127\.0\.0\.1[:/]|data:|blob:|file:)")
MARKS = (
    ".barlayer .point path",
    ".scatterlayer .point",
    ".heatmap-label text",
    ".treemaplayer .slice path",
    ".sankey-node",
)
BUTTONS = {"Download plot as a PNG", "Reset axes", "Reset view", ""}

# A word that reaches over the edge of the picture is cut there.
CUT_OFF = """root => {
  const frame = root.querySelector('.main-svg').getBoundingClientRect();
  return [...root.querySelectorAll('.main-svg text')].filter(text => {
    const at = text.getBoundingClientRect(), look = getComputedStyle(text);
    if (!text.textContent.trim() || !at.width || look.visibility === 'hidden' || look.opacity === '0') return false;
    return at.left < frame.left - 1 || at.right > frame.right + 1
        || at.top < frame.top - 1 || at.bottom > frame.bottom + 1;
  }).map(text => text.textContent);
}"""


def nothing_asked(context: BrowserContext) -> list[str]:
    """Shut the way out; what was asked outside all the same is in the list."""
    asked: list[str] = []

    def refuse(route: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    context.route(OUTSIDE, refuse)
    return asked


def assert_drawn(picture: Locator) -> None:
    """There are a title and marks, and no word is cut off at an edge."""
    expect(picture.locator(".main-svg").first).to_be_visible()
    expect(picture.locator(".gtitle")).to_be_visible()
    assert picture.locator(", ".join(MARKS)).count() > 1
    assert picture.evaluate(CUT_OFF) == []


def in_theme(notebook: NotebookPage, theme: str) -> None:
    notebook.page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => null)",
        theme,
    )
    is_light = str(theme == "JupyterLab Light").lower()
    expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", is_light)


def test_every_chart_is_drawn_in_jupyterlab(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook(WIKI, *CALLS.values(), TITLES)
    asked = nothing_asked(notebook.page.context)
    notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
    notebook.run_all()
    last = len(CALLS) + 1
    notebook.wait_until_ran(last)
    titles = notebook.output(last).inner_text().strip().splitlines()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        in_theme(notebook, theme)
        for index, (name, title) in enumerate(zip(CALLS, titles, strict=True), 1):
            picture = notebook.output(index)
            assert_drawn(picture)
            drawn = "".join((picture.locator(".gtitle").text_content() or "").split())
            assert drawn == "".join(title.split())
            suffix = theme.rpartition(" ")[2].lower()
            notebook.cell(index).screenshot(path=PICTURES / f"{name}-{suffix}.png", animations="disabled")
    buttons = notebook.page.locator(".modebar-btn")
    said = [buttons.nth(number).get_attribute("data-title") or "" for number in range(buttons.count())]
    offered = {title.partition("Produced with Plotly.js")[0] for title in said}
    assert offered <= BUTTONS
    assert asked == []
    assert notebook.script_errors == []

    # The front end adds a still picture to what it saves; the script that draws is no part of a notebook.
    cells = notebook.save()["cells"][1:last]
    for cell in cells:
        (output,) = cell["outputs"]
        assert set(output["data"]) <= {"application/vnd.plotly.v1+json", "image/png", "text/plain"}
    assert notebook.file.stat().st_size < 3_000_000


def test_a_page_made_of_a_notebook_draws_them_too(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "charts.ipynb"
    sources = [WIKI, *CALLS.values()]
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in sources]), path
    )
    environment = {name: value for name, value in os.environ.items() if name != "PLOTLY_RENDERER"}
    convert = [lab_python(), "-m", "nbconvert", "--to", "html", "--execute", str(path)]
    done = subprocess.run(convert, env=environment, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    context = chromium.new_context(viewport={"width": 1000, "height": 1000})
    asked = nothing_asked(context)
    page = context.new_page()
    try:
        page.goto(path.with_suffix(".html").as_uri(), wait_until="domcontentloaded")
        pictures = page.locator(".plotly-graph-div")
        expect(pictures).to_have_count(len(CALLS))
        for number in range(len(CALLS)):
            assert_drawn(pictures.nth(number))
        # Every page of nbconvert's asks for these two; no chart is in want of them.
        exporter = HTMLExporter()
        assert set(asked) <= {exporter.require_js_url, exporter.mathjax_url}
    finally:
        context.close()
