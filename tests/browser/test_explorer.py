"""The explorer in a browser: from spaces over the tree and a search to a page, and its code run in the next cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lab_server import LabServer
from notebook_page import NotebookPage
from playwright.sync_api import Locator, expect
from test_preview import CONTRAST

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=\"window.harmed='title'\"> & <b>bold</b>"

SIGNED_IN = f"""
import confluence_nb as cnb
acme = cnb.demo(sign_in=True, pages=240, spaces=3)
acme.use("acme")
engineering = acme.spaces().iloc[0]
for number in range(30):
    acme.sandbox.add_page(engineering["id"], f"Flat {{number}}", "<p>flat</p>")
strange = acme.sandbox.add_page(engineering["id"], {HOSTILE!r}, "<p>harmless words</p>")
cells = "".join(f"<td>Sometimes {{number}}</td>" for number in range(30))
acme.sandbox.add_page(engineering["id"], "A wide table", f"<table><tbody><tr>{{cells}}</tr></tbody></table>")
acme.sandbox.add_page(engineering["id"], "Below the strange one", "<p>deeper</p>", parent_id=strange)
"""
EXPLORER = "acme.explore()"

# Wider than what is around it: something is cut off, or the page scrolls sideways.
TOO_WIDE = """root => [root, ...root.querySelectorAll('.cnb-panes, .cnb-bar, .cnb-call, .cnb-scroll, select, input')]
  .filter(node => node.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)
  .map(node => node.outerHTML.slice(0, 120))"""

# Controls that a screen reader could not name.
NAMELESS = """root => [...root.querySelectorAll('input, select, button')]
  .filter(node => !(node.getAttribute('aria-label') || node.labels?.[0]?.textContent.trim()
                    || (node.tagName === 'BUTTON' && node.textContent.trim())))
  .map(node => node.outerHTML.slice(0, 120))"""


def explorer_in(output: Locator) -> Locator:
    found = output.locator(".confluence-nb-explorer")
    expect(found.get_by_label("Spaces").locator("option").nth(1)).to_be_attached()
    return found


def copied(notebook: NotebookPage, explorer: Locator, gives: str) -> str:
    """Press Copy beside the call that gives this; what is on the clipboard then."""
    call = explorer.locator(".cnb-call", has_text=gives)
    call.get_by_role("button").click()
    expect(call.get_by_role("button")).to_have_text("Copied")
    text: str = notebook.page.evaluate("navigator.clipboard.readText()")
    return text


def run_in(notebook: NotebookPage, index: int, code: str) -> Locator:
    """Paste into a cell and run it."""
    editor = notebook.cell(index).locator(".cm-content")
    editor.click()
    notebook.page.keyboard.press("Control+a")
    notebook.paste(code, into=editor)
    return notebook.run(index)


def test_from_spaces_to_a_page_and_its_code_in_the_next_cell(
    open_notebook: Callable[..., NotebookPage],
) -> None:
    notebook = open_notebook(SIGNED_IN, EXPLORER, "", "", "", "")
    notebook.run(0)
    explorer = explorer_in(notebook.run(1))
    spaces, tree = explorer.get_by_label("Spaces"), explorer.locator(".cnb-tree select")
    count = spaces.locator("option").count() - 1
    output = run_in(
        notebook, 2, "frame = " + copied(notebook, explorer, "every space") + "\nprint(len(frame))"
    )
    expect(output).to_contain_text(str(count))

    explorer.get_by_label("Filter").fill("engin")
    expect(spaces.locator("option")).to_have_count(2)
    spaces.select_option(index=1)
    expect(tree.locator("option").first).to_contain_text("▾ Engineering Home")
    code = copied(notebook, explorer, "every page of the space")
    assert code == 'acme.pages(space="ENG")'
    expect(run_in(notebook, 3, code).locator("table")).to_contain_text("Engineering Home")

    line = tree.locator("option", has_text="<img")
    tree.select_option(label=line.inner_text())
    preview = explorer.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("harmless words")
    expect(preview.locator(".cnb-title a")).to_have_text(HOSTILE)
    expect(preview.locator(".cnb-title a")).to_have_attribute("target", "_blank")
    expect(tree.locator("option:checked + option")).to_contain_text("Below the strange one")
    output = run_in(notebook, 4, copied(notebook, explorer, "directly below"))
    expect(output.locator("table tbody tr")).to_have_count(1)
    expect(output.locator("table")).to_contain_text("Below the strange one")

    explorer.get_by_label("Search").fill("flat")
    explorer.get_by_label("Search").press("Enter")
    expect(explorer.get_by_role("status")).to_contain_text("30 found for “flat” in Engineering.")
    expect(tree.locator("option")).to_have_count(30)
    code = copied(notebook, explorer, "everything found")
    output = run_in(notebook, 5, f"print(len({code}), 'rows')")
    expect(output).to_contain_text("30 rows")
    notebook.button("Back to the tree").click()
    expect(tree.locator("option").first).to_contain_text("▾ Engineering Home")
    assert notebook.page.evaluate("() => window.harmed") is None
    assert notebook.script_errors == []


def test_the_keyboard_is_enough(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook(SIGNED_IN, EXPLORER)
    notebook.run(0)
    explorer = explorer_in(notebook.run(1))
    tree = explorer.locator(".cnb-tree select")
    keyboard = notebook.page.keyboard
    explorer.get_by_label("Filter").focus()
    keyboard.press("Tab")
    expect(explorer.get_by_label("Spaces")).to_be_focused()
    keyboard.press("ArrowDown")
    expect(explorer.get_by_label("Spaces").locator("option:checked")).to_contain_text("Engineering")
    expect(tree.locator("option").first).to_contain_text("▾ Engineering Home")
    keyboard.press("Tab")
    expect(tree).to_be_focused()
    keyboard.press("ArrowDown")
    expect(explorer.locator(".cnb-body")).to_be_visible()
    keyboard.press("Home")
    expect(explorer.locator(".cnb-title a")).to_have_text("Engineering Home")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(tree.locator("option").first).to_contain_text("▸ Engineering Home")
    keyboard.press("Tab")
    expect(explorer.get_by_role("region", name="Preview")).to_be_focused()
    assert explorer.evaluate(NAMELESS) == []


@pytest.fixture
def in_theme(lab_at: Callable[[str], LabServer]) -> Iterator[Callable[[str], None]]:
    server = lab_at("/")
    plugin = "@jupyterlab/apputils-extension:themes"
    yield lambda theme: server.prefer(plugin, theme=theme)
    server.prefer(plugin, theme="JupyterLab Light")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_fits_and_is_readable_in_both_themes(
    in_theme: Callable[[str], None], open_notebook: Callable[..., NotebookPage], theme: str
) -> None:
    in_theme(theme)
    notebook = open_notebook(SIGNED_IN, 'acme.explore("ENG")')
    is_light = str(theme == "JupyterLab Light").lower()
    expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", is_light)
    notebook.run(0)
    explorer = explorer_in(notebook.run(1))
    tree = explorer.locator(".cnb-tree select")
    tree.select_option(label=tree.locator("option", has_text="A wide table").inner_text())
    expect(explorer.locator(".cnb-body table")).to_be_visible()
    worst: dict[str, Any] = explorer.evaluate(CONTRAST)
    assert worst["ratio"] >= 4.5, worst
    notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
    for width, columns in ((570, 1), (1_570, 3)):
        notebook.page.set_viewport_size({"width": width, "height": 1_000})
        panes = explorer.locator(".cnb-panes > *")
        expect(panes).to_have_count(3)
        seen = {round(box["x"]) for box in (pane.bounding_box() for pane in panes.all()) if box}
        assert len(seen) == columns
        told, search = explorer.get_by_role("status"), explorer.get_by_label("Search")
        assert told.evaluate("node => node.getBoundingClientRect().top") < search.evaluate(
            "node => node.getBoundingClientRect().bottom + 40"
        ), "what is going on is seen by whoever searches"
        assert explorer.evaluate(TOO_WIDE) == []
