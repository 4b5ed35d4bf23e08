"""Takes the picture of the explorer for the README in a real JupyterLab, in any width and theme."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

# What drives JupyterLab lives with the browser tests, and is found once their folder is on the path.
from conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, lab_python  # noqa: E402
from lab_server import LabServer, lab_server  # noqa: E402
from notebook_page import NotebookPage  # noqa: E402

SIGNED_IN = """\
import confluence_nb as cnb

wiki = cnb.demo(sign_in=True)"""
EXPLORER = 'wiki.explore("ENG")'
# Beside the output: what JupyterLab draws around it.
AROUND = 170


def take(browser: Browser, server: LabServer, path: Path, width: int) -> None:
    """Open a page of the tree, and take the cell."""
    context = browser.new_context(viewport={"width": width + AROUND, "height": 1_600}, device_scale_factor=2)
    notebook = NotebookPage(context.new_page(), server, "explorer.ipynb", [SIGNED_IN, EXPLORER, "", ""])
    notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
    notebook.run(0)
    output = notebook.run(1)
    tree = output.get_by_label("Pages")
    tree.select_option(index=2)
    expect(output.locator(".cnb-body")).to_be_visible()
    # The selected cell has a coloured frame and its buttons over it: the last, empty one takes both.
    notebook.page.locator(".jp-NotebookPanel .jp-CodeCell").last.locator(".jp-InputPrompt").click()
    notebook.page.mouse.move(0, 0)
    notebook.cell(1).screenshot(path=path, animations="disabled")
    context.close()


def main() -> int:
    """Take the picture."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("path", nargs="?", type=Path, default=ROOT / "docs" / "images" / "explorer.png")
    options.add_argument("--dark", action="store_true", help="JupyterLab's dark theme")
    options.add_argument("--width", type=int, default=1_060, help="of the explorer, about, in pixels")
    given = options.parse_args()
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chromium is None:
        print(f"No Chromium here: none of {', '.join(CHROMIUM_NAMES)} is on the PATH.")
        return 1
    with (
        tempfile.TemporaryDirectory() as home,
        lab_server(lab_python(), Path(home) / "lab") as server,
        sync_playwright() as playwright,
    ):
        theme = "JupyterLab Dark" if given.dark else "JupyterLab Light"
        server.prefer("@jupyterlab/apputils-extension:themes", theme=theme)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        take(browser, server, given.path, given.width)
        browser.close()
    print(f"{given.path}  {given.path.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
