"""A page at the end of a cell: readable in JupyterLab's light and dark theme, and harmless whatever is in it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pandas as pd
import pytest
from lab_server import LabServer
from notebook_page import NotebookPage
from playwright.sync_api import Browser, Locator, expect

from confluence_nb.page import Page

pytestmark = pytest.mark.browser

PAGE = """
import dataclasses
import confluence_nb as cnb
wiki = cnb.demo(sign_in=True, pages=60, spaces=2)
wiki.use("acme")
page = wiki.page(wiki.spaces()["homepage_id"].iloc[0])
page
"""

EVERYTHING = '''
def macro(name, body="", **parameters):
    told = "".join(f'<ac:parameter ac:name="{key}">{value}</ac:parameter>' for key, value in parameters.items())
    return f'<ac:structured-macro ac:name="{name}">{told}{body}</ac:structured-macro>'

def rich(words):
    return f"<ac:rich-text-body><p>{words}</p></ac:rich-text-body>"

body = f"""
<h2>Release &amp; rollout</h2>
<p>Plain, <strong>bold</strong>, <em>italic</em>, <code>a &lt; b</code>, {macro("status", title="AT RISK")},
due <time datetime="2024-05-06"/>, see <a href="https://docs.example.com/">the docs</a>.</p>
{macro("info", rich("For your information."))}{macro("warning", rich("Take care."))}
<table><tbody><tr><th colspan="2">Cost</th></tr><tr><td>Mail</td><td>7 €</td></tr></tbody></table>
<ul><li>one<ol><li>inside</li></ol></li></ul><blockquote><p>Quoted.</p></blockquote>
<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status>
<ac:task-body>ship it</ac:task-body></ac:task></ac:task-list>
{macro("code", "<ac:plain-text-body><![CDATA[for row in rows: print(row)]]></ac:plain-text-body>")}
{macro("expand", rich("Because."), title="Why?")}
<ac:image><ri:attachment ri:filename="chart.png"/><ac:caption><p>By year</p></ac:caption></ac:image>
{macro("hologram", rich("Not invented yet."))}
<ac:layout><ac:layout-section><ac:layout-cell><p>left</p></ac:layout-cell><ac:layout-cell><p>right</p></ac:layout-cell>
</ac:layout-section></ac:layout>
"""
dataclasses.replace(page, title="Everything", body=body)
'''

HOSTILE = '''
body = """
<script>window.harmed = "script"</script>
<img src="https://evil.example/a.png" onerror="window.harmed = 'error'"/>
<p onmouseover="window.harmed = 'mouse'" onclick="window.harmed = 'click'"
   style="position: fixed; inset: 0">over it all</p>
<a href="javascript:window.harmed='address'">a link</a> <a href=" java&#10;script:window.harmed='address'">another</a>
<iframe src="https://evil.example/frame"></iframe><style>body { display: none }</style>
<svg onload="window.harmed = 'svg'"><script>window.harmed = 'svg'</script></svg>
<ac:image><ri:url ri:value="https://evil.example/b.png"/></ac:image>
<ac:structured-macro ac:name="html"><ac:plain-text-body><![CDATA[<script>window.harmed = 'html'</script>
<img src=x onerror="window.harmed = 'html'">]]></ac:plain-text-body></ac:structured-macro>
<ac:structured-macro ac:name="status"><ac:parameter ac:name="title">&lt;img src=x onerror="window.harmed = 'title'"&gt;
</ac:parameter></ac:structured-macro>
<table><tr><table><td></div></div></div></table><div class="jp-Cell">out of the box
"""
dataclasses.replace(page, title="<script>window.harmed = 'title'</script>", body=body)
'''

# The smallest contrast of any words with what is behind them, by the rule that accessibility is measured by.
CONTRAST = """root => {
  const rgba = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const ground = rgba(getComputedStyle(at).backgroundColor);
      if (ground.length === 3 || ground[3] === 1) return ground;
    }
    return [255, 255, 255];
  };
  let worst = {ratio: 99};
  for (const node of root.querySelectorAll('*')) {
    const says = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
    if (!says || node.tagName === 'STYLE') continue;
    const [a, b] = [light(rgba(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < worst.ratio) worst = {ratio, words: node.textContent.trim().slice(0, 40)};
  }
  return worst;
}"""

INSIDE = """root => ({
  elements: [...new Set([...root.querySelectorAll('*')].map(node => node.tagName.toLowerCase()))],
  handlers: [...root.querySelectorAll('*')].flatMap(node => [...node.attributes])
    .filter(attribute => /^(on|style|src|id)/.test(attribute.name)).length,
  schemes: [...new Set([...root.querySelectorAll('a')].map(link => link.protocol))],
})"""


def preview_in(output: Locator) -> Locator:
    found = output.locator(".cnb-page")
    expect(found).to_be_visible()
    return found


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_a_page_is_readable_in_both_themes(
    lab_at: Callable[[str], LabServer], open_notebook: Callable[..., NotebookPage], theme: str
) -> None:
    server = lab_at("/")
    server.prefer("@jupyterlab/apputils-extension:themes", theme=theme)
    try:
        notebook = open_notebook(PAGE, EVERYTHING)
        is_light = str(theme == "JupyterLab Light").lower()
        expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", is_light)
        expect(preview_in(notebook.run(0)).locator(".cnb-title a")).to_have_attribute("target", "_blank")
        everything = preview_in(notebook.run(1))
        everything.locator("summary").click()
        expect(everything.get_by_text("Because.")).to_be_visible()
        for seen in (preview_in(notebook.output(0)), everything):
            worst: dict[str, Any] = seen.evaluate(CONTRAST)
            assert worst["ratio"] >= 4.5, worst
        left, right = (
            everything.get_by_text(words, exact=True).bounding_box() for words in ("left", "right")
        )
        assert left
        assert right
        assert left["y"] == right["y"]
        assert left["x"] < right["x"]
        assert notebook.script_errors == []
    finally:
        server.prefer("@jupyterlab/apputils-extension:themes", theme="JupyterLab Light")


WIDE_TABLE = """
head, row = ("".join(f"<{tag}>Sometimes {number}</{tag}>" for number in range(9)) for tag in ("th", "td"))
wide = f"<table><tbody><tr>{head}</tr><tr>{row}</tr></tbody></table><p>after it</p>"
dataclasses.replace(page, title="Wide", body=wide)
"""


def test_a_wide_table_scrolls_by_itself_in_a_narrow_pane(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook(PAGE, WIDE_TABLE)
    notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
    notebook.page.set_viewport_size({"width": 500, "height": 1_000})
    notebook.run(0)
    wide = preview_in(notebook.run(1))
    heights = wide.locator("td").evaluate_all("cells => cells.map(cell => cell.clientHeight)")
    assert max(heights) < 70, "two lines, and no word broken into letters"
    assert wide.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert wide.locator("table").evaluate("table => table.scrollWidth > table.clientWidth")


def test_a_hostile_page_does_nothing(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook(PAGE, HOSTILE)
    asked: list[str] = []
    notebook.page.on("request", lambda request: asked.append(request.url))
    notebook.run(0)
    output = notebook.run(1)
    seen = preview_in(output)
    expect(seen).to_contain_text("over it all")
    expect(seen).to_contain_text("out of the box")
    for words in ("over it all", "a link", "another"):
        seen.get_by_text(words, exact=True).first.click()
    inside = seen.evaluate(INSIDE)
    assert set(inside["elements"]) <= {"style", "div", "span", "a", "pre", "table", "tbody", "tr", "td"}
    assert inside["handlers"] == 0
    assert set(inside["schemes"]) <= {"https:"}
    assert notebook.page.evaluate("() => window.harmed") is None
    assert [url for url in asked if "evil.example" in url] == []
    assert len(notebook.page.context.pages) == 1
    # What closes more than it opened stays inside all the same.
    assert output.locator(".cnb-page .cnb-body", has_text="out of the box").count() == 1
    expect(notebook.cell(1)).to_be_visible()
    assert notebook.script_errors == []


ELEMENTS = (
    *(
        "p",
        "div",
        "table",
        "tbody",
        "tr",
        "td",
        "th",
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "blockquote",
        "pre",
        "b",
        "em",
    ),
    *(
        "a href='https://docs.example.com/'",
        "ac:link",
        "ac:task-list",
        "ac:task",
        "ac:layout-section",
        "ac:layout-cell",
    ),
    *(f"ac:structured-macro ac:name='{name}'" for name in ("expand", "info", "code", "hologram", "status")),
    *("ac:rich-text-body", "ac:plain-text-body", "ac:adf-node type='panel'", "ac:placeholder"),
)

# Where the browser puts what it is given: nothing may lie outside the box, and no word be gone.
PLACED = r"""html => {
  document.body.innerHTML = `<div id="box">${html}</div><p id="after">after</p>`;
  const box = document.getElementById('box'), names = of => [...of.children].map(node => node.id || node.className);
  return {outside: names(document.body), box: names(box), page: names(box.firstElementChild),
          words: box.querySelector('.cnb-body').textContent.replace(/\s+/g, '')};
}"""


def shuffled(chance: random.Random, depth: int) -> str:
    """An element with others in it, whether they belong there or not."""
    tag = chance.choice(ELEMENTS)
    parts = [chance.choice(("w ", None, None)) for _ in range(chance.randint(0, 4))] if depth else ["z "]
    inside = "".join(part or shuffled(chance, depth - 1) for part in parts)
    return f"<{tag}>{inside}</{tag.split()[0]}>"


@pytest.mark.parametrize("seed", range(4))
def test_elements_in_the_wrong_places_stay_in_the_box(chromium: Browser, seed: int) -> None:
    chance = random.Random(seed)
    page = chromium.new_page()
    try:
        for _ in range(80):
            body = "".join(shuffled(chance, 6) for _ in range(3))
            html = Page(
                *("1", "page", "A page", "current", None, None, None, None, None, 1, None, None),
                *("https://acme.atlassian.net/wiki/spaces/ENG/pages/1", body, {}, pd.DataFrame),
            )._repr_html_()
            placed: dict[str, Any] = page.evaluate(PLACED, html)
            written = unescape(re.sub("<[^>]*>", "", html.partition('dir="auto">')[2]))
            assert placed["outside"] == ["box", "after"], body
            assert placed["box"] == ["cnb-page tex2jax_ignore mathjax_ignore"], body
            assert placed["page"] == ["", "cnb-title", "cnb-soft", "cnb-body"], body
            assert sorted(placed["words"]) == sorted("".join(written.split())), body
    finally:
        page.close()
