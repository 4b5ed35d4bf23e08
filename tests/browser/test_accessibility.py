"""Who sees nothing, or has no mouse, gets as far: axe finds no fault, the keyboard is enough, the focus is not lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe import faults, load_axe
from lab_server import LabServer
from notebook_page import NotebookPage
from panel_states import SET_UP
from playwright.sync_api import Browser, expect
from sign_in import accept_and_copy

pytestmark = pytest.mark.browser

SIGNED_IN = """
import confluence_nb as cnb
wiki = cnb.demo(sign_in=True, pages=60, spaces=2)
wiki.use("acme")
"""
EXPLORER = 'wiki.explore("ENG")'
PAGE = 'wiki.page(wiki.spaces()["homepage_id"].iloc[0])'

# What has the focus, as a person at the keyboard would tell it.
FOCUSED = """() => {
  const node = document.activeElement;
  const label = node.getAttribute('aria-label') || node.labels?.[0]?.textContent || node.textContent;
  return node.closest('.confluence-nb-sign-in') ? `${node.tagName} ${label.trim()}` : `outside: ${node.tagName}`;
}"""


@pytest.fixture
def in_theme(lab_at: Callable[[str], LabServer]) -> Iterator[Callable[[str], None]]:
    server = lab_at("/")
    plugin = "@jupyterlab/apputils-extension:themes"
    yield lambda theme: server.prefer(plugin, theme=theme)
    server.prefer(plugin, theme="JupyterLab Light")


def test_a_fault_is_found(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content('<main><input><button></button><p style="color: #ccc; background: #fff">pale</p></main>')
    load_axe(page)
    found = " ".join(faults(page.locator("main")))
    page.close()
    for rule in ("label", "button-name", "color-contrast"):
        assert rule in found


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_in_the_explorer_and_in_a_page(
    in_theme: Callable[[str], None], open_notebook: Callable[..., NotebookPage], theme: str
) -> None:
    in_theme(theme)
    notebook = open_notebook(SIGNED_IN, EXPLORER, PAGE)
    notebook.run(0)
    load_axe(notebook.page)
    explorer = notebook.run(1).locator(".confluence-nb-explorer")
    tree = explorer.locator(".cnb-tree select")
    expect(tree.locator("option").nth(1)).to_be_attached()
    tree.select_option(index=1)
    expect(explorer.locator(".cnb-body")).to_be_visible()
    preview = notebook.run(2).locator(".cnb-page")
    expect(preview).to_be_visible()
    assert faults(explorer) == []
    assert faults(preview) == []


def test_a_sign_in_with_the_keyboard_alone(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook(SET_UP, "wiki = opened(sites=40)")
    notebook.run(0)
    panel = notebook.run(1).locator(".confluence-nb-sign-in")
    keyboard = notebook.page.keyboard

    def tab_to(name: str) -> None:
        told = [notebook.page.evaluate(FOCUSED)]
        while name not in told[-1]:
            assert len(told) < 12, told
            keyboard.press("Tab")
            told.append(notebook.page.evaluate(FOCUSED))

    panel.get_by_role("link", name="Open the consent page").focus()
    with notebook.page.context.expect_page() as opened:
        keyboard.press("Enter")
    consent = opened.value
    consent.wait_for_load_state()
    accept_and_copy(consent)
    notebook.page.bring_to_front()

    tab_to("INPUT Address")
    keyboard.type("https://example.com/")
    keyboard.press("Enter")
    expect(panel.get_by_role("status")).to_contain_text("That did not work.")
    expect(panel.get_by_label("Address")).to_be_focused()
    keyboard.press("Control+v")
    keyboard.press("Enter")

    expect(panel.get_by_label("Filter")).to_be_focused(timeout=30_000)
    keyboard.type("globex-17")
    expect(panel.get_by_label("Site").locator("option")).to_have_count(1)
    tab_to("SELECT Site")
    keyboard.press("Home")
    tab_to("BUTTON Use this site")
    keyboard.press("Enter")
    expect(panel).to_contain_text("Go on in the next cell.", timeout=30_000)
    expect(panel.get_by_role("button", name="Switch site")).to_be_focused()
    keyboard.press("Enter")
    expect(panel.get_by_label("Filter")).to_be_focused()
    assert notebook.script_errors == []


# Whatever the keyboard reaches in a panel, and its ring: its width, and whether it is told from what is behind it.
RING = """() => {
  const node = document.activeElement, look = getComputedStyle(node);
  if (!node.closest('.confluence-nb-panel')) return null;
  const drawn = look.outlineStyle === 'solid' && parseFloat(look.outlineWidth) >= 2;
  const brand = getComputedStyle(node.closest('.confluence-nb-panel')).getPropertyValue('--cnb-brand').trim();
  const probe = Object.assign(document.createElement('i'), {style: `color: ${brand}`});
  document.body.append(probe);
  const wanted = getComputedStyle(probe).color;
  probe.remove();
  return [node.tagName, drawn && look.outlineColor === wanted];
}"""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_what_has_the_focus_is_seen(
    in_theme: Callable[[str], None], open_notebook: Callable[..., NotebookPage], theme: str
) -> None:
    in_theme(theme)
    notebook = open_notebook(SET_UP, "opened();", "pasted(opened(sites=40));", SIGNED_IN, EXPLORER)
    notebook.run(0)
    found: list[list[tuple[str, bool]]] = []
    for cell, comes, first in (
        (1, "a.cnb-button", "a"),
        (2, "option", "input"),
        (4, ".cnb-tree option", "input"),
    ):
        if cell == 4:
            notebook.run(3)
        panel = notebook.run(cell).locator(".confluence-nb-panel")
        expect(panel.locator(comes).nth(0)).to_be_attached(timeout=30_000)
        panel.locator(f"{first}:visible").first.focus()
        found.append([])
        notebook.page.keyboard.press("Shift")  # from here on it is the keyboard that moves
        while (ring := notebook.page.evaluate(RING)) is not None:
            found[-1].append(tuple(ring))
            notebook.page.keyboard.press("Tab")
    reached = [[tag for tag, _ in rings] for rings in found]
    assert reached[0] == ["A", "INPUT", "BUTTON", "BUTTON"]
    assert reached[1] == ["INPUT", "SELECT", "BUTTON", "BUTTON"]
    assert reached[2][:4] == ["INPUT", "BUTTON", "INPUT", "SELECT"]
    assert [ring for rings in found for ring in rings if not ring[1]] == []


# The letters of a line and what is behind them, as painted: of a list that has the focus a browser chooses both.
LINE = """line => {
  const panel = line.closest('.confluence-nb-panel'), told = getComputedStyle(panel);
  const colour = name => {
    const probe = Object.assign(document.createElement('i'), {style: `color: ${told.getPropertyValue(name)}`});
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  return [getComputedStyle(line).webkitTextFillColor, colour('--cnb-on-brand')];
}"""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_chosen_line_is_readable_while_its_list_has_the_focus(
    in_theme: Callable[[str], None], open_notebook: Callable[..., NotebookPage], theme: str
) -> None:
    in_theme(theme)
    notebook = open_notebook(SET_UP, "pasted(opened());", SIGNED_IN, EXPLORER)
    notebook.run(0)
    for cell in (1, 3):
        if cell == 3:
            notebook.run(2)
        rows = notebook.run(cell).locator("select").last
        expect(rows.locator("option").nth(1)).to_be_attached(timeout=30_000)
        rows.focus()
        notebook.page.keyboard.press("ArrowDown")
        painted, wanted = rows.locator("option:checked").evaluate(LINE)
        assert painted == wanted


def test_nobody_who_went_elsewhere_is_called_back(open_notebook: Callable[..., NotebookPage]) -> None:
    slow = 'wiki = opened(faults_on="token", stall_every=1, stall_seconds=3)'
    notebook = open_notebook(SET_UP, slow, "pasted(wiki)", "")
    notebook.run(0)
    panel = notebook.run(1).locator(".confluence-nb-sign-in")
    panel.get_by_label("Address").focus()
    notebook.command("notebook:run-all-below", wait=False)
    expect(panel).to_contain_text("Signing in…")
    panel.get_by_label("Address").focus()
    editor = notebook.cell(3).locator(".cm-content")
    editor.click()
    notebook.page.keyboard.type("# a note")
    expect(panel).to_contain_text("Choose the site", timeout=30_000)
    notebook.page.keyboard.type(" to myself")
    expect(editor).to_have_text("# a note to myself")
    expect(editor).to_be_focused()
