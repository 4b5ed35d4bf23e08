"""Takes the pictures of the README in a real JupyterLab, so that they show what a person will see."""

from __future__ import annotations

import sys
from pathlib import Path

from lab_and_browser import IMAGES, LabServer, NotebookPage, options, started, tidy
from playwright.sync_api import Browser, expect
from sign_in import accept_and_copy, choose_site, open_consent, paste_and_finish

PANEL = """\
import confluence_nb as cnb

wiki = cnb.demo()"""
FRAME = """\
pages = wiki.pages(space="ENG", body="storage")
pages[["id", "title", "created_at", "version_number", "body"]].head()"""
REGISTER = """\
import confluence_nb as cnb

wiki = cnb.connect(store="memory")"""

VIEW = {"width": 1000, "height": 1100}
SITE = "acme"


def take(browser: Browser, server: LabServer, folder: Path) -> list[Path]:
    """Walk from the panel to a frame, with a picture of the cell at each step."""
    context = browser.new_context(
        viewport=VIEW, device_scale_factor=2, permissions=["clipboard-read", "clipboard-write"]
    )

    def opened(name: str, *sources: str) -> NotebookPage:
        notebook = NotebookPage(context.new_page(), server, name, [*sources, "", ""])
        notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
        return notebook

    taken: list[Path] = []

    def picture(notebook: NotebookPage, index: int, name: str) -> None:
        tidy(notebook)
        taken.append(folder / f"{name}.png")
        notebook.cell(index).screenshot(path=taken[-1], animations="disabled")

    notebook = opened("walk.ipynb", PANEL, FRAME)
    panel = notebook.run(0)
    expect(panel.locator('a[href*="/authorize?"]')).to_be_visible()
    picture(notebook, 0, "panel-sign-in")
    accept_and_copy(open_consent(notebook))
    paste_and_finish(notebook)
    expect(panel.locator("select:visible")).to_contain_text(SITE)
    picture(notebook, 0, "panel-site")
    choose_site(notebook, SITE)
    expect(panel).to_contain_text(f"{SITE}.atlassian.net")
    picture(notebook, 0, "panel-signed-in")
    expect(notebook.run(1).locator("table tbody tr")).to_have_count(5)
    picture(notebook, 1, "frame")

    notebook = opened("register.ipynb", REGISTER)
    expect(notebook.run(0).get_by_role("button", name="Save app")).to_be_visible()
    picture(notebook, 0, "panel-register")
    context.close()
    return taken


def main() -> int:
    """Take every picture, in the light theme or the dark one."""
    parser = options(__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=IMAGES)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with started(dark=given.dark) as (browser, server):
        for path in take(browser, server, given.folder):
            print(f"{path}  {path.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
