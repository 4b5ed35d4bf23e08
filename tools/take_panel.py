"""Takes the pictures of every state of the sign-in panel in a real JupyterLab: narrow and wide, light or dark."""

from __future__ import annotations

import sys
from pathlib import Path

from lab_and_browser import IMAGES, LabServer, NotebookPage, options, started, tidy
from panel_states import SAYS, SET_UP, STATES, cells
from playwright.sync_api import Browser, expect

WIDTHS = (400, 1_400)
"""Of the browser's window, in pixels; the panel itself is 720 wide at most."""

HEIGHT = 1_000


def take(browser: Browser, server: LabServer, folder: Path, theme: str) -> None:
    """Reach every state, each in a cell of its own, and take them all at each width."""
    context = browser.new_context(viewport={"width": WIDTHS[-1], "height": HEIGHT}, device_scale_factor=2)
    notebook = NotebookPage(context.new_page(), server, f"panel-{theme}.ipynb", [SET_UP, *cells(), "", ""])
    notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
    notebook.run(0)
    for number, name in enumerate(STATES, 1):
        expect(notebook.run(number)).to_contain_text(SAYS[name], timeout=30_000)
    for width in WIDTHS:
        notebook.page.set_viewport_size({"width": width, "height": HEIGHT})
        tidy(notebook)
        for number, name in enumerate(STATES, 1):
            panel = notebook.output(number).locator(".confluence-nb-sign-in")
            path = folder / f"panel-{name}-{width}-{theme}.png"
            panel.screenshot(path=path, animations="disabled")
            print(f"{path}  {path.stat().st_size // 1024} kB")
    context.close()


def main() -> int:
    """Take every picture, in the light theme or the dark one."""
    parser = options(__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=IMAGES)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with started(dark=given.dark) as (browser, server):
        take(browser, server, given.folder, "dark" if given.dark else "light")
    return 0


if __name__ == "__main__":
    sys.exit(main())
