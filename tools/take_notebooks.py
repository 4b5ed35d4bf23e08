"""Takes the README's pictures of the gallery notebooks: a section of each, as it runs in a real JupyterLab."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

# What drives JupyterLab lives with the browser tests, and is found once their folder is on the path.
from conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, lab_python  # noqa: E402
from lab_server import LabServer, lab_server  # noqa: E402
from notebook_page import NotebookPage  # noqa: E402

# Which part of each notebook: the code cells from one to another, counted from 0.
SECTIONS = {"content_audit": (2, 3), "tables": (7, 8), "people": (2, 3), "change_over_time": (9, 10)}
VIEW = {"width": 1100, "height": 2400}
MARGIN = 8


def take(browser: Browser, server: LabServer, name: str, path: Path) -> None:
    """Run the whole notebook, and take its section."""
    first, last = SECTIONS[name]
    read = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    sources = [cell.source for cell in read.cells if cell.cell_type == "code"]
    context = browser.new_context(viewport=VIEW, device_scale_factor=2)
    notebook = NotebookPage(context.new_page(), server, f"{name}.ipynb", [*sources[: last + 1], "", ""])
    notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
    for index in range(last + 1):
        notebook.run(index)
    for figure in notebook.page.locator(".js-plotly-plot").all():
        expect(figure.locator(".main-svg").first).to_be_visible()
    # The selected cell has a coloured frame and its buttons over it: the last, empty one takes both.
    notebook.page.locator(".jp-NotebookPanel .jp-CodeCell").last.locator(".jp-InputPrompt").click()
    notebook.page.mouse.move(0, 0)
    notebook.cell(first).scroll_into_view_if_needed()
    top, bottom = notebook.cell(first).bounding_box(), notebook.cell(last).bounding_box()
    assert top is not None
    assert bottom is not None
    height = bottom["y"] + bottom["height"] - top["y"]
    area = {"x": top["x"], "y": top["y"] - MARGIN, "width": top["width"], "height": height + MARGIN}
    notebook.page.screenshot(path=path, clip=area, animations="disabled")
    context.close()
    server.stop_kernels()


def main() -> int:
    """Take every picture, in the light theme or the dark one."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    options.add_argument("--dark", action="store_true", help="JupyterLab's dark theme")
    given = options.parse_args()
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chromium is None:
        print(f"No Chromium here: none of {', '.join(CHROMIUM_NAMES)} is on the PATH.")
        return 1
    given.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        lab_server(lab_python(), Path(home) / "lab") as server,
        sync_playwright() as playwright,
    ):
        theme = "JupyterLab Dark" if given.dark else "JupyterLab Light"
        server.prefer("@jupyterlab/apputils-extension:themes", theme=theme)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for name in SECTIONS:
            path = given.folder / f"notebook-{name.replace('_', '-')}.png"
            take(browser, server, name, path)
            print(f"{path}  {path.stat().st_size // 1024} kB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
