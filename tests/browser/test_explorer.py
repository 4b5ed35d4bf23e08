"""The explorer in a real JupyterLab: spaces, tree, search, preview, and code that is copied into the next cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lab_server import LabServer
from notebook_page import NotebookPage
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[2] / "demo-output" / "explorer"

SIGNED_IN = """
import confluence_nb as cnb
acme = cnb.demo(sign_in=True, pages=200, spaces=4)
acme.use("acme")
space = acme.spaces().set_index("key").loc["ENG"]
acme.sandbox.add_page(
    space["id"], '<img src=x onerror="window.harmed=1">', "<p>Only words.</p>", parent_id=space["homepage_id"]
)
"""
EXPLORE = "acme.explore()"


def pages_of(output: Locator) -> Locator:
    return output.get_by_label("Pages", exact=True)


def copied(notebook: NotebookPage, output: Locator, call: str) -> None:
    """Press Copy beside the call."""
    line = output.locator(".cnb-call").filter(has=notebook.page.locator(f"[value*='{call}']"))
    line.get_by_role("button", name="Copy").click()


def ran_in(notebook: NotebookPage, index: int) -> Locator:
    """Paste what was copied into a cell, and run it."""
    notebook.paste_clipboard(notebook.cell(index).locator(".cm-content"))
    return notebook.run(index)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_from_a_space_to_a_frame(
    lab_at: Callable[[str], LabServer], open_notebook: Callable[..., NotebookPage], theme: str
) -> None:
    server = lab_at("/")
    server.prefer("@jupyterlab/apputils-extension:themes", theme=theme)
    try:
        notebook = open_notebook(SIGNED_IN, EXPLORE, "", "", "")
        dialogs: list[str] = []
        notebook.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        notebook.run(0)
        output = notebook.run(1)
        spaces = output.get_by_label("Spaces (4)")

        output.get_by_label("Filter").fill("engi")
        output.get_by_label("Filter").press("Enter")
        expect(output.get_by_label("Spaces (1)").locator("option")).to_have_text(
            ["All spaces", "Engineering · ENG"]
        )
        output.get_by_label("Filter").fill("")
        output.get_by_label("Filter").press("Enter")
        spaces.select_option(label="Engineering · ENG")
        rows = pages_of(output).locator("option")
        expect(rows.first).to_contain_text("▾")
        copied(notebook, output, "acme.pages")
        frame = ran_in(notebook, 2)
        expect(frame.locator("table")).to_contain_text("version_number")

        # By the keyboard: down one line opens what is below and shows the page.
        expect(rows.nth(1)).to_have_text(re.compile("▸"))
        pages_of(output).focus()
        notebook.page.keyboard.press("Home")
        notebook.page.keyboard.press("ArrowDown")
        expect(output.locator(".cnb-preview .cnb-title")).to_be_visible()
        expect(rows.nth(1)).to_have_text(re.compile("[▾·]"))  # open, or found to have nothing below
        copied(notebook, output, "acme.page(")
        expect(ran_in(notebook, 3).locator(".cnb-page .cnb-title")).to_be_visible()

        rows.filter(has_text="<img").first.evaluate(
            "option => { option.parentElement.value = option.value; "
            "option.parentElement.dispatchEvent(new Event('change', {bubbles: true})) }"
        )
        expect(output.locator(".cnb-preview .cnb-body")).to_have_text("Only words.")
        expect(output.locator(".cnb-preview .cnb-title")).to_contain_text(
            '<img src=x onerror="window.harmed=1">'
        )

        output.get_by_label("Search", exact=True).fill("security")
        output.get_by_role("button", name="Search").click()
        expect(output.get_by_label("Found").locator("option").first).to_be_visible()
        copied(notebook, output, "acme.search")
        expect(ran_in(notebook, 4).locator("table")).to_contain_text("last_modified")
        output.get_by_role("button", name="Back to the tree").click()
        expect(pages_of(output)).to_be_visible()

        PICTURES.mkdir(parents=True, exist_ok=True)
        for width in (1_400, 400):
            notebook.page.set_viewport_size({"width": width + 170, "height": 1_200})
            notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
            explorer = output.locator(".confluence-nb-explorer")
            explorer.scroll_into_view_if_needed()
            assert explorer.evaluate("node => node.scrollWidth <= node.clientWidth + 1")
            explorer.screenshot(path=PICTURES / f"{theme.split()[1].lower()}-{width}.png")
        assert notebook.page.evaluate("() => window.harmed") is None
        assert dialogs == []
        assert notebook.script_errors == []
    finally:
        server.prefer("@jupyterlab/apputils-extension:themes", theme="JupyterLab Light")
