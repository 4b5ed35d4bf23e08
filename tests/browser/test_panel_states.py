"""The sign-in panel in every state, in a real JupyterLab: whole at any width, accessible in both themes, and still."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe import faults, load_axe
from lab_server import LabServer
from notebook_page import NotebookPage
from panel_states import SAYS, SET_UP, STATES, cells
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.browser

WIDTHS = (400, 1_400)

# Wider than the panel: something is cut off, or the page scrolls sideways.
TOO_WIDE = """root => [...root.querySelectorAll('*')]
  .filter(node => node.getClientRects().length && !node.closest('.cnb-unseen, option, .widget-label'))
  .filter(node => node.getBoundingClientRect().right > root.getBoundingClientRect().right + 1
    || node.matches('.cnb-copy') && node.scrollWidth > node.clientWidth)
  .map(node => node.outerHTML.slice(0, 120))"""

# Every height that the panel has had, in between too: whatever is below it is moved by that.
WATCH = """root => {
  window.heights = new Set([Math.round(root.getBoundingClientRect().height)]);
  new ResizeObserver(() => heights.add(Math.round(root.getBoundingClientRect().height))).observe(root);
}"""


def panel_in(output: Locator) -> Locator:
    return output.locator(".confluence-nb-sign-in")


@pytest.fixture
def in_theme(lab_at: Callable[[str], LabServer]) -> Iterator[Callable[[str], None]]:
    server = lab_at("/")
    plugin = "@jupyterlab/apputils-extension:themes"
    yield lambda theme: server.prefer(plugin, theme=theme)
    server.prefer(plugin, theme="JupyterLab Light")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_state_is_whole_and_accessible(
    in_theme: Callable[[str], None], open_notebook: Callable[..., NotebookPage], theme: str
) -> None:
    in_theme(theme)
    notebook = open_notebook(SET_UP, *cells())
    notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
    notebook.run_all()
    notebook.wait_until_ran(len(STATES))
    panels = {name: panel_in(notebook.output(number)) for number, name in enumerate(STATES, 1)}
    for name, panel in panels.items():
        expect(panel).to_contain_text(SAYS[name], timeout=30_000)
    load_axe(notebook.page)
    for panel in panels.values():
        expect(panel.get_by_role("heading", name="Confluence sign-in")).to_be_visible()
        expect(panel.get_by_role("status").last).to_be_attached()
    expect(panels["link"].get_by_role("link", name="Open the consent page (in a new tab)")).to_be_visible()
    expect(panels["link"].get_by_label("Address")).to_be_visible()
    expect(panels["forty-sites"].get_by_label("Filter")).to_be_visible()
    expect(panels["several-sites"].get_by_role("listbox", name="Site")).to_be_visible()
    found: dict[str, list[str]] = {}
    for name, panel in panels.items():
        found[name] = faults(panel)
        for width in WIDTHS:
            notebook.page.set_viewport_size({"width": width, "height": 1_000})
            found[name] += panel.evaluate(TOO_WIDE)
    assert {name: what for name, what in found.items() if what} == {}
    assert notebook.script_errors == []


STEPS = {
    "wrong paste": ('wiki.panel.paste.value = "https://example.com/?code=1"', "That did not work."),
    "denied": ("pasted(wiki, deny=True)", "The consent was not given."),
    "sites": ("pasted(wiki)", "Choose the site"),
    "one chosen": (
        'wiki.panel.site.value = wiki.sites()["id"].iloc[0]; wiki.panel.choose.click()',
        "Go on in the",
    ),
    "switching": ("wiki.panel.switch.click()", "Choose the site"),
    "signed out": ("wiki.panel.sign_out_button.click()", "Signed out"),
    "signed in": ("pasted(wiki)", "Choose the site"),
    "offline": ("wiki.sandbox.close(); wiki.panel.show_state()", "Choose the site"),
}


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_below_the_panel_jumps(open_notebook: Callable[..., NotebookPage], width: int) -> None:
    notebook = open_notebook(SET_UP, "wiki = opened()", *(code for code, _ in STEPS.values()))
    notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
    notebook.page.set_viewport_size({"width": width, "height": 1_400})
    notebook.run(0)
    panel = panel_in(notebook.run(1))
    expect(panel).to_contain_text("Paste the address")
    panel.evaluate(WATCH)
    for number, (_, says) in enumerate(STEPS.values(), 2):
        notebook.run(number)
        expect(panel).to_contain_text(says, timeout=30_000)
    heights: list[int] = notebook.page.evaluate("[...heights]")
    assert max(heights) - min(heights) <= 2, heights
