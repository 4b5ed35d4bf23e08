"""Starts what the scripts that take pictures work with: a JupyterLab of its own, and a Chromium that looks at it."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
sys.path.insert(0, str(ROOT / "tests" / "browser"))

# What drives JupyterLab lives with the browser tests, and is found once their folder is on the path.
from conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, lab_python  # noqa: E402
from lab_server import LabServer, lab_server  # noqa: E402
from notebook_page import NotebookPage  # noqa: E402

__all__ = ["IMAGES", "ROOT", "LabServer", "NotebookPage", "options", "started", "tidy"]

# An app or a profile of whoever takes the pictures has no place in them.
UNSET = {"CONFLUENCE_CLIENT_ID": "", "CONFLUENCE_CLIENT_SECRET": ""}


def options(about: str | None) -> argparse.ArgumentParser:
    """The options that the scripts share."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--dark", action="store_true", help="JupyterLab's dark theme")
    return parser


@contextmanager
def started(*, dark: bool) -> Iterator[tuple[Browser, LabServer]]:
    """Both of them, in one theme; they are gone afterwards."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chromium is None:
        sys.exit(f"No Chromium here: none of {', '.join(CHROMIUM_NAMES)} is on the PATH.")
    with (
        tempfile.TemporaryDirectory() as home,
        lab_server(lab_python(), Path(home) / "lab", environment=UNSET) as server,
        sync_playwright() as playwright,
    ):
        theme = "JupyterLab Dark" if dark else "JupyterLab Light"
        server.prefer("@jupyterlab/apputils-extension:themes", theme=theme)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser, server
        browser.close()


def tidy(notebook: NotebookPage) -> None:
    """Take the selection and the pointer off what is shown: the last, empty cell takes both."""
    notebook.page.locator(".jp-NotebookPanel .jp-CodeCell").last.locator(".jp-InputPrompt").click()
    notebook.page.mouse.move(0, 0)
