"""From the panel to rows in a cell, clicked through in a browser, and nothing secret left in the notebook."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from notebook_page import NotebookPage
from playwright.sync_api import expect
from sign_in import PANEL, ROWS, choose_site, open_consent, sign_in

from confluence_nb.oauth.loopback import ANSWERED

pytestmark = pytest.mark.browser

HUB = "/user/ada/"

SIGNED_IN = """
import confluence_nb as cnb
wiki = cnb.demo(sign_in=True, pages=120, spaces=3)
wiki.use("acme")
wiki
"""

AWAITING = """
import asyncio

async def rows():
    await asyncio.sleep(0.01)
    return len(wiki.pages())

await rows()
"""

# Run after the notebook was saved, to know what must not be in the file.
SECRETS = """
import json
print(json.dumps([wiki.sandbox.client_secret]))
"""

# Codes and tokens of the sandbox have the shape of a JSON Web Token.
TOKEN = re.compile(r"eyJ[\w-]{20,}")


NEAR = """
import socket
import confluence_nb as cnb
from confluence_nb.panel import nearness
from confluence_nb.sandbox import Sandbox

nearness.CONTAINER_MARKS = ()  # the browser is in the same one
with socket.create_server(("127.0.0.1", 0)) as probe:
    callback = f"http://localhost:{probe.getsockname()[1]}/callback"
sandbox = Sandbox(pages=20, spaces=2, redirect_uri=callback).start()
app = cnb.OAuthApp(sandbox.client_id, sandbox.client_secret, callback)
wiki = cnb.connect(store="memory", app=app, cloud=cnb.Cloud(auth_url=sandbox.url, api_url=sandbox.url))
"""


@pytest.mark.parametrize("save_widget_state", [False, True], ids=["state-not-saved", "state-saved"])
@pytest.mark.parametrize("base_url", ["/", HUB], ids=["local", "hub"])
def test_panel_to_rows_and_nothing_secret_saved(
    open_notebook: Callable[..., NotebookPage], base_url: str, save_widget_state: bool
) -> None:
    notebook = open_notebook(PANEL, ROWS, SECRETS, base_url=base_url, save_widget_state=save_widget_state)
    notebook.run(0)
    address = sign_in(notebook)
    code = parse_qs(urlsplit(address).query)["code"][0]
    assert TOKEN.match(code)

    output = notebook.run(1)
    expect(output).to_contain_text("120 rows on acme")
    expect(output.locator("table tbody tr")).to_have_count(5)

    saved = notebook.save()
    assert ("widgets" in saved["metadata"]) is save_widget_state
    text = json.dumps(saved, ensure_ascii=False)
    assert TOKEN.findall(text) == []
    for secret in (code, address, *json.loads(notebook.run(2).inner_text())):
        assert secret not in text
    assert notebook.script_errors == []


def test_run_all_stops_for_the_sign_in_and_goes_on_after_it(
    open_notebook: Callable[..., NotebookPage],
) -> None:
    notebook = open_notebook(PANEL, ROWS, "print('the end')")
    notebook.run_all()
    notebook.wait_until_ran(1)
    expect(notebook.output(1)).to_contain_text("SignInRequired")

    sign_in(notebook)
    notebook.cell(1).locator(".jp-InputPrompt").click()
    notebook.command("notebook:run-all-below", wait=False)
    notebook.wait_until_ran(2)
    expect(notebook.output(1)).to_contain_text("120 rows on acme")
    expect(notebook.output(2)).to_contain_text("the end")


def test_run_all_when_signed_in_reaches_the_end(open_notebook: Callable[..., NotebookPage]) -> None:
    """Cells that await and cells that do not, one after the other: the kernel's own loop is left alone."""
    notebook = open_notebook(SIGNED_IN, ROWS, AWAITING, ROWS, "print('the end')")
    notebook.run_all()
    notebook.wait_until_ran(4)
    expect(notebook.output(2)).to_contain_text("120")
    expect(notebook.output(3)).to_contain_text("120 rows on acme")
    expect(notebook.output(4)).to_contain_text("the end")


def test_the_answer_arrives_by_itself_where_the_browser_is_near(
    open_notebook: Callable[..., NotebookPage],
) -> None:
    notebook = open_notebook(
        NEAR, "print(len(wiki.pages()), 'rows on', wiki.site.name)", save_widget_state=True
    )
    panel = notebook.run(0)
    expect(panel).to_contain_text("The answer arrives by itself.")
    consent = open_consent(notebook)
    consent.get_by_role("button", name="Accept").click()
    expect(consent.get_by_role("status")).to_have_text(ANSWERED)
    code = parse_qs(urlsplit(consent.url).query)["code"][0]
    assert code not in consent.content()
    consent.close()
    notebook.page.bring_to_front()
    choose_site(notebook, "acme")
    expect(panel).to_contain_text("acme.atlassian.net")
    expect(notebook.run(1)).to_contain_text("20 rows on acme")
    assert code not in json.dumps(notebook.save())
    assert notebook.script_errors == []
