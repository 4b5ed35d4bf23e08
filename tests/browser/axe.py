"""Looks for faults of accessibility in a part of a page, with axe-core from npm."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

SCRIPT = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

# What JupyterLab puts around an output is not ours, so only what is inside of it is judged.
FAULTS = """async root => {
  const found = await axe.run(root, {resultTypes: ['violations']});
  return found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id} (${rule.impact}): ${node.failureSummary.replace(/\\s+/g, ' ')} :: ${node.html.slice(0, 160)}`));
}"""


def load_axe(page: Page) -> None:
    """Bring axe into a page; without it the test is skipped, and says so."""
    if not SCRIPT.exists():
        pytest.skip(
            "no axe-core here: npm install --prefix tests/browser --no-package-lock (make test does it where npm is)"
        )
    page.add_script_tag(path=SCRIPT)


def faults(part: Locator) -> list[str]:
    """Every violation of any of axe's rules inside this part, as text."""
    found: list[str] = part.evaluate(FAULTS)
    return found
