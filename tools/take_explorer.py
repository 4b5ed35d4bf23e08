"""Takes the picture of the explorer for the README in a real JupyterLab, in any width and theme."""

from __future__ import annotations

import sys
from pathlib import Path

from lab_and_browser import IMAGES, LabServer, NotebookPage, options, started, tidy
from playwright.sync_api import Browser, expect

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
    tidy(notebook)
    notebook.cell(1).screenshot(path=path, animations="disabled")
    context.close()


def main() -> int:
    """Take the picture."""
    parser = options(__doc__)
    parser.add_argument("path", nargs="?", type=Path, default=IMAGES / "explorer.png")
    parser.add_argument("--width", type=int, default=1_060, help="of the explorer, about, in pixels")
    given = parser.parse_args()
    with started(dark=given.dark) as (browser, server):
        take(browser, server, given.path, given.width)
    print(f"{given.path}  {given.path.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
