"""The callback page that anybody can host: it shows its own address to copy, and takes nothing in it for markup."""

from __future__ import annotations

import base64
import hashlib
import http.server
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from axe import faults, load_axe
from playwright.sync_api import Browser, Page, expect

from confluence_nb.oauth.consent import read_paste
from confluence_nb.secret import Secret

pytestmark = pytest.mark.browser

FILE = Path(__file__).resolve().parents[2] / "docs" / "callback" / "index.html"

HOSTILE = [
    "<img src=x onerror=\"window.harmed='image'\">",
    "</textarea><script>window.harmed='script'</script>",
    "javascript:window.harmed='address'",
    "\" autofocus onfocus=\"window.harmed='focus'",
    "'-(window.harmed='quote')-'",
    "${window.harmed='template'}",
    "<!--<script>",
    "\u202e\u2066turned",
    "x" * 6_000,
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the page is served, as any web server would."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(FILE.parent)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def test_its_address_is_copied_whole_and_the_panel_reads_it(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    whole = f"{address}?code=eyJhbGciOi.J9.x-_~&state=s%2Bt%20ate"
    page.goto(whole)
    expect(page.get_by_label("Address")).to_have_value(whole)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_contain_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == whole
    read = read_paste(Secret(copied), Secret("s+t ate"))
    assert read.state_checked
    assert read.code == "eyJhbGciOi.J9.x-_~"
    assert asked == [whole], "nothing is fetched but the page itself"


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_in_the_address_is_taken_for_markup(page: Page, address: str, value: str) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{address}?code={quote(value)}&state={quote(value)}&{quote(value)}=1#{quote(value)}")
    expect(page.get_by_label("Address")).to_have_value(page.evaluate("location.href"))
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_contain_text("Copied.")
    assert page.evaluate("window.harmed") is None
    assert page.locator("main *").count() == 7
    assert wrong == []


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("?code=abcdef&state=s", "Copy this address into your notebook"),
        ("?error=access_denied&error_description=%3Cb%3Eno%3C%2Fb%3E&state=s", "The consent was not given"),
        ("", "There is no answer in this address"),
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_says_what_it_is_about_and_axe_finds_nothing(
    chromium: Browser, address: str, query: str, title: str, scheme: str
) -> None:
    # Past the policy of the page, for axe alone: it is a script from elsewhere.
    context = chromium.new_context(bypass_csp=True, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address + query)
    expect(page.get_by_role("heading")).to_have_text(title)
    assert page.locator("main b").count() == 0
    load_axe(page)
    assert faults(page.locator("html")) == []
    context.close()


def test_nothing_is_stored(page: Page, address: str) -> None:
    page.goto(f"{address}?code=abcdef&state=s")
    page.get_by_role("button", name="Copy").click()
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_its_policy_allows_its_own_script_and_style_alone() -> None:
    text = FILE.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert policy[1].startswith("default-src 'none';")
    for tag in ("style", "script"):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)""", text), "nothing comes from elsewhere"
    assert "innerHTML" not in text
