"""The same in Notebook 7, which shows one notebook in one window."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from notebook_page import NotebookPage
from playwright.sync_api import expect
from sign_in import PANEL, ROWS, sign_in

pytestmark = pytest.mark.browser

PREVIEW = "wiki.page(pages['id'].iloc[0])"
EXPLORER = "wiki.explore()"


def test_from_the_panel_to_rows_a_preview_and_the_explorer(
    open_notebook: Callable[..., NotebookPage],
) -> None:
    notebook = open_notebook(PANEL, ROWS, PREVIEW, EXPLORER, front_end="notebook")
    assert "/notebooks/" in notebook.page.url
    own = len(notebook.script_errors)  # Notebook's settings have one of their own as they load
    notebook.run(0)
    address = sign_in(notebook)
    rows = notebook.run(1)
    expect(rows).to_contain_text("120 rows on acme")
    expect(rows.locator("table tbody tr")).to_have_count(5)
    expect(notebook.run(2).locator(".cnb-page .cnb-title")).to_be_visible()
    expect(notebook.run(3)).to_contain_text("Engineering")
    assert address not in json.dumps(notebook.save())
    assert notebook.script_errors[own:] == []
