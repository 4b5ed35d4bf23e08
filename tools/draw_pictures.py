"""Draws the charts of the README and of docs/ with the README's own code, on the embedded Confluence, by Chromium."""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

import confluence_nb as cnb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

# How Chromium is found and started is written down with the browser tests.
from conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES  # noqa: E402

SECTION = re.compile(r"^## Pictures\n.*?^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PICTURE = re.compile(r"images/chart-(\w+)\.png")
PAGES, SPACES = 2_000, 6
WIDTH = 900
# The picture itself, without buttons and without what follows the mouse.
STILL = {"staticPlot": True}


def figures(wiki: cnb.Wiki, code: str) -> dict[str, Any]:
    """Run the code of the README, and give the figure of each line that is a chart, by the chart's name."""
    names: dict[str, Any] = {"cnb": cnb, "wiki": wiki}
    drawn: dict[str, Any] = {}
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            drawn[ast.unparse(call.func).rpartition(".")[2]] = eval(ast.unparse(call), names)
        else:
            exec(ast.unparse(statement), names)
    return drawn


def draw(browser: Browser, figure: Any, path: Path) -> None:
    """A figure as a picture, of the width that a page of the README has."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 1_000}, device_scale_factor=2)
    page.set_content(figure.to_html(config=STILL, include_plotlyjs=True, include_mathjax=False))
    card = page.locator(".plotly-graph-div")
    expect(card.locator(".gtitle")).to_be_visible()
    card.screenshot(path=path, animations="disabled")
    page.close()


def main() -> int:
    """Draw every chart that is shown: the README has the code of each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    given = options.parse_args()
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chromium is None:
        print(f"No Chromium here: none of {', '.join(CHROMIUM_NAMES)} is on the PATH.")
        return 1
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = SECTION.search(readme)
    if section is None:
        print("The README has no section Pictures with code in it.")
        return 1
    wiki = cnb.demo(sign_in=True, pages=PAGES, spaces=SPACES)
    wiki.use("acme")
    given.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        drawn = figures(wiki, section[1])
        pages = [readme, *(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))]
        for name in sorted({name for page in pages for name in PICTURE.findall(page)}):
            path = given.folder / f"chart-{name}.png"
            draw(browser, drawn[name], path)
            print(f"{path}  {path.stat().st_size // 1024} kB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
