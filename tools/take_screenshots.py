"""Takes the pictures of the README in a real JupyterLab, so that they show what a person will see."""

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
from sign_in import accept_and_copy, choose_site, open_consent, paste_and_finish  # noqa: E402

PANEL = """\
import confluence_nb as cnb

wiki = cnb.demo()"""
FRAME = """\
pages = wiki.pages(space="ENG", body="storage")
pages[["id", "title", "created_at", "version_number", "body"]].head()"""
REGISTER = """\
import confluence_nb as cnb

wiki = cnb.connect(store="memory")"""
# An app or a profile of whoever takes the pictures has no place in them.
UNSET = {"CONFLUENCE_CLIENT_ID": "", "CONFLUENCE_CLIENT_SECRET": ""}

VIEW = {"width": 1000, "height": 1100}
SITE = "acme"


def take(browser: Browser, server: LabServer, folder: Path) -> None:
    """Walk from the panel to a frame, with a picture of the cell at each step."""
    context = browser.new_context(
        viewport=VIEW, device_scale_factor=2, permissions=["clipboard-read", "clipboard-write"]
    )

    def opened(name: str, *sources: str) -> NotebookPage:
        notebook = NotebookPage(context.new_page(), server, name, [*sources, "", ""])
        notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
        return notebook

    def picture(notebook: NotebookPage, index: int, name: str) -> None:
        # The selected cell has a coloured frame and its buttons over it: the last, empty one takes both.
        notebook.page.locator(".jp-NotebookPanel .jp-CodeCell").last.locator(".jp-InputPrompt").click()
        notebook.page.mouse.move(0, 0)
        notebook.cell(index).screenshot(path=folder / f"{name}.png", animations="disabled")

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
        lab_server(lab_python(), Path(home) / "lab", environment=UNSET) as server,
        sync_playwright() as playwright,
    ):
        theme = "JupyterLab Dark" if given.dark else "JupyterLab Light"
        server.prefer("@jupyterlab/apputils-extension:themes", theme=theme)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        take(browser, server, given.folder)
        browser.close()
    for path in sorted(given.folder.glob("*.png")):
        print(f"{path}  {path.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
