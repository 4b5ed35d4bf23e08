"""Takes the README's pictures of the gallery notebooks: a section of each, as it runs in a real JupyterLab."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from lab_and_browser import IMAGES, ROOT, LabServer, NotebookPage, options, started, tidy
from playwright.sync_api import Browser, expect

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
    tidy(notebook)
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
    parser = options(__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=IMAGES)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with started(dark=given.dark) as (browser, server):
        for name in SECTIONS:
            path = given.folder / f"notebook-{name.replace('_', '-')}.png"
            take(browser, server, name, path)
            print(f"{path}  {path.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
