"""Notebooks as pages of Voilà, which runs every cell before anybody can click."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from conftest import lab_python
from lab_server import end
from playwright.sync_api import Browser, BrowserContext, expect

from confluence_nb.sandbox import Sandbox

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
PAGE_SECONDS = 90

KEPT = """
import os
import confluence_nb as cnb
wiki = cnb.connect(store=os.environ["KEPT_IN"])
"""
READS = """
print(len(wiki.pages(limit=7)), "rows of", wiki.site)
"""


@pytest.fixture
def voila(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """`voila(notebook, NAME="value")`: the address of the notebook as a page, with these variables in its kernel."""
    with contextlib.ExitStack() as running:

        def serve(notebook: Path, **environment: str) -> str:
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            command = [
                *(lab_python(), "-m", "voila", str(notebook), f"--port={port}", "--no-browser"),
                *("--Voila.ip=127.0.0.1", "--VoilaConfiguration.show_tracebacks=True"),
            ]
            folders = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
            environ = {**os.environ, **folders, "IPYTHONDIR": str(tmp_path / "ipython"), **environment}
            log = tmp_path / "voila.log"
            with log.open("w") as said:
                process = subprocess.Popen(
                    command, env=environ, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
                )
            running.callback(end, process)
            deadline = time.monotonic() + START_SECONDS
            while process.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    return f"http://127.0.0.1:{port}/"
                time.sleep(0.1)
            raise RuntimeError(f"Voilà did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")

        yield serve


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    found = chromium.new_context(viewport={"width": 1280, "height": 1000})
    found.set_default_timeout(1000 * PAGE_SECONDS)
    yield found
    found.close()


def test_the_quickstart_is_an_app(voila: Callable[..., str], context: BrowserContext) -> None:
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(voila(ROOT / "notebooks" / "quickstart.ipynb", CONFLUENCE_NB_DEMO="1"))
    expect(page.locator("body")).to_contain_text(
        re.compile(r"[1-9][\d,]* pages in \w+"), timeout=1000 * PAGE_SECONDS
    )
    expect(page.locator("body")).to_contain_text("acme.atlassian.net")
    expect(page.locator("table.dataframe").first).to_be_visible()
    assert page.locator("table.dataframe").count() >= 8
    assert "Traceback" not in page.inner_text("body")
    assert wrong == []


def test_a_sign_in_that_is_kept_is_there_when_the_page_is_loaded_again(
    voila: Callable[..., str], context: BrowserContext, tmp_path: Path
) -> None:
    notebook = tmp_path / "rows.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in (KEPT, READS)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(metadata=kernel, cells=cells), notebook)
    with Sandbox(pages=40, spaces=2) as sandbox:
        address = voila(
            notebook,
            KEPT_IN=str(tmp_path / "sign-in.json"),
            CONFLUENCE_AUTH_URL=sandbox.url,
            CONFLUENCE_API_URL=sandbox.url,
            CONFLUENCE_CLIENT_ID=sandbox.client_id,
            CONFLUENCE_CLIENT_SECRET=sandbox.client_secret,
            CONFLUENCE_REDIRECT_URI=sandbox.redirect_uri,
        )
        page = context.new_page()
        page.goto(address)
        expect(page.locator("body")).to_contain_text("SignInRequired")
        link = page.locator('a[href*="/authorize?"]').get_attribute("href")
        assert link is not None
        page.locator("input[type=password]:visible").fill(sandbox.approve(link, sites=["acme"]))
        page.get_by_role("button", name=re.compile("finish", re.IGNORECASE)).click()
        expect(page.locator("body")).to_contain_text("acme.atlassian.net")
        page.reload()
        expect(page.locator("body")).to_contain_text("7 rows of acme.atlassian.net")
        assert "SignInRequired" not in page.inner_text("body")
