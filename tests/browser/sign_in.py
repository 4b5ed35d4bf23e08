"""The way from the panel to a signed-in wiki, walked by hand: link, consent page, clipboard, site."""

from __future__ import annotations

import re

from notebook_page import NotebookPage
from playwright.sync_api import Page, expect

PANEL = """
import confluence_nb as cnb
wiki = cnb.demo(pages=120, spaces=3)
wiki
"""

ROWS = """
pages = wiki.pages(body="storage")
print(len(pages), "rows on", wiki.site.name)
pages[["title", "space_id"]].head()
"""


def open_consent(notebook: NotebookPage) -> Page:
    """Click the panel's link and give the tab that it opens."""
    with notebook.page.context.expect_page() as opened:
        notebook.output(0).locator('a[href*="/authorize?"]').click()
    consent: Page = opened.value
    consent.wait_for_load_state()
    return consent


def accept_and_copy(consent: Page) -> str:
    """Accept, press Copy on the page that follows, and close the tab; returns what is on the clipboard."""
    consent.get_by_role("button", name="Accept").click()
    consent.get_by_role("button", name="Copy").click()
    expect(consent.get_by_role("status")).to_have_text("Copied.")
    copied: str = consent.evaluate("navigator.clipboard.readText()")
    consent.close()
    return copied


def paste_and_finish(notebook: NotebookPage) -> None:
    """Paste what was copied into the panel and press its button."""
    notebook.page.bring_to_front()
    notebook.paste_clipboard(into=notebook.output(0).locator("input[type=password]:visible"))
    notebook.button(re.compile("finish", re.IGNORECASE)).click()


def choose_site(notebook: NotebookPage, name: str) -> None:
    """Pick one of the sites offered and go on with it."""
    sites = notebook.output(0).locator("select:visible")
    label = sites.locator("option", has_text=name).inner_text()
    sites.select_option(label=label)
    notebook.button(re.compile("use|choose", re.IGNORECASE)).click()


def sign_in(notebook: NotebookPage, site: str = "acme") -> str:
    """All of it, after the cell with the panel ran; returns the address that was pasted."""
    address = accept_and_copy(open_consent(notebook))
    paste_and_finish(notebook)
    choose_site(notebook, site)
    expect(notebook.output(0)).to_contain_text(f"{site}.atlassian.net")
    return address
