"""A wiki where every name is an attack: in a browser all of them are words, on each place that shows one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from notebook_page import NotebookPage
from playwright.sync_api import Locator, expect
from sign_in import sign_in

pytestmark = pytest.mark.browser

# The embedded Confluence names sites, spaces, people and labels itself: the names are changed where it keeps them.
WORLD = r"""
import confluence_nb as cnb
from confluence_nb import charts
from confluence_nb.sandbox import accounts
from confluence_nb.sandbox.signin import sites
from confluence_nb.sandbox.wiki import spaces, things

def bad(what):
    return (f"<img src=/harm/{what} onerror=alert(1)><script>alert(2)</script>\"'><svg onload=alert(3)><b>{what}</b>"
            f"<a href='javascript:alert(4)'>&lt;{what}</a> $\\href{{javascript:alert(5)}}{{m}}$ \u202egnp.exe")

def rename(things_named, what):
    for number, thing in enumerate(things_named):
        object.__setattr__(thing, "name", f"{bad(what)} {number}")

rename(sites._NAMED, "site")
rename(accounts.ACCOUNTS, "person")
rename(things.SITE_LABELS, "label")
spaces.SPACE_NAMES = tuple((key, bad("space")) for key, _ in spaces.SPACE_NAMES)
wiki = cnb.demo(pages=24, spaces=2)
wiki
"""

PAGES = r"""
space = wiki.spaces().iloc[0]
home = space["homepage_id"]
for number, title in enumerate([bad("page"), bad("long") * 40, "\u202e\u2066" + bad("turned")]):
    body = "<p>&lt;img src=/harm/body onerror=alert(6)&gt; $x^2$</p>"
    page = wiki.sandbox.add_page(space["id"], title, body, parent_id=home)
for attachment in wiki.attachments(limit=5)["id"]:
    wiki.sandbox.edit_attachment(attachment, title=bad("file"))
pages = wiki.pages(body="storage", names=True)
wiki.page(page)
"""

FRAMES = r"""
%load_ext confluence_nb
from IPython.display import display
import pandas as pd
pd.set_option("display.html.use_mathjax", False)
pd.set_option("display.max_colwidth", 300)
display(pages[["title", "author_id"]].tail(4), wiki.spaces()[["key", "name"]])
display(wiki.users(pages)[["display_name"]], wiki.labels(pages).head(3), wiki.attachments(limit=5)[["title"]])
%cql title ~ "img"
"""

EXPLORER = 'wiki.explore(space["key"])'

CHARTS = """
display(charts.contributors(pages), charts.tree(pages), charts.labels(wiki.labels(pages)))
"""

# The one line that tells how far a pull is, and a traceback.
LINES = r"""
from confluence_nb.panel import progress
progress.SILENT_SECONDS = 0
with progress.progress_bar(bad("progress").replace("$", ""), True) as bar:
    bar(1, 2)
wiki.use(bad("error"))
"""

# What a name could have become. A front end makes links without an address of the paths in a traceback, and plotly has
# pictures without a source.
BECAME = """root => [...root.querySelectorAll(
    'img[src], script, iframe, object, embed, form, mjx-container, .MathJax, a[href], [onerror], [onload]')]
  .filter(node => !(node.tagName === 'A' && /^https?:$/.test(node.protocol) && !node.closest('svg')))
  .filter(node => node.tagName !== 'STYLE')
  .map(node => node.outerHTML.slice(0, 200))"""


def test_every_name_is_words(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook(WORLD, PAGES, FRAMES, EXPLORER, CHARTS, LINES)
    harm: list[str] = []
    page = notebook.page
    page.on("dialog", lambda dialog: (harm.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda said: harm.append(said.text) if said.type == "error" else None)
    page.context.on("request", lambda asked: harm.append(asked.url) if "/harm/" in asked.url else None)

    panel = notebook.run(0)
    sign_in(notebook)
    shows(panel, "person", "site")
    for number in range(1, 6):
        notebook.run(number)
    shows(notebook.output(1), "turned", "person", "body")
    shows(notebook.output(2), "page", "turned", "space", "person", "label", "file")
    shows(notebook.output(5), "progress", "error")

    explorer = notebook.output(3).locator(".confluence-nb-explorer")
    shows(explorer.locator(".cnb-spaces"), "space")
    tree = explorer.locator(".cnb-tree select")
    line = tree.locator("option", has_text="/harm/long")
    tree.select_option(label=line.inner_text())
    shows(explorer.get_by_role("region", name="Preview"), "long", "body")
    explorer.get_by_label("Search").fill("<img src=/harm/search onerror=alert(7)>")
    explorer.get_by_label("Search").press("Enter")
    shows(explorer.get_by_role("status"), "search")

    pictures = notebook.output(4).locator(".js-plotly-plot")
    shows(pictures.nth(2), "label")
    places = (".nsewdrag", ".treemaplayer .slice:has-text('/harm/space') text")
    for number, (place, name) in enumerate(zip(places, ("person", "space"), strict=True)):
        shows(pictures.nth(number), name)
        pictures.nth(number).locator(place).last.hover(force=True)
        shows(pictures.nth(number).locator(".hoverlayer"), name)

    for number in range(6):
        assert notebook.output(number).evaluate(BECAME) == [], number
    assert harm == []
    assert notebook.script_errors == []


def shows(place: Locator, *names: str) -> None:
    """These names are to be read there, as they were written."""
    for name in names:
        expect(place).to_contain_text(f"src=/harm/{name}", timeout=30_000)
