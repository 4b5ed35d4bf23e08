"""An app's macro, a panel or a decision that storage format holds as a node of the editor's is read like any other."""

from __future__ import annotations

import pytest

from confluence_nb.content.document import parsed
from confluence_nb.content.editor_nodes import unwrapped
from confluence_nb.content.markdown import markdown_of
from confluence_nb.content.structure import Macro, macros_in
from confluence_nb.content.text import text_of

TITLE = '<ac:adf-parameter key="extension-title">draw.io Diagram</ac:adf-parameter>'
KEY = '<ac:adf-attribute key="extension-key">85516c62/2c435852/static/drawio</ac:adf-attribute>'
NAME = '<ac:adf-parameter key="diagram-name">net.drawio</ac:adf-parameter>'
PAGES = "<ac:adf-parameter-value>1</ac:adf-parameter-value><ac:adf-parameter-value>2</ac:adf-parameter-value>"


def node(kind: str, inside: str) -> str:
    return f'<ac:adf-node type="{kind}">{inside}</ac:adf-node>'


def attribute(key: str, inside: str) -> str:
    return f'<ac:adf-attribute key="{key}">{inside}</ac:adf-attribute>'


def parameter(key: str, inside: str) -> str:
    return f'<ac:adf-parameter key="{key}">{inside}</ac:adf-parameter>'


def wrapped(inside: str, fallback: str = "") -> str:
    double = f"<ac:adf-fallback>{fallback}</ac:adf-fallback>" if fallback else ""
    return f"<ac:adf-extension>{inside}{double}</ac:adf-extension>"


DIAGRAM = node(
    "extension",
    KEY
    + attribute("extension-type", "com.atlassian.ecosystem")
    + attribute(
        "parameters",
        parameter("local-id", "7")
        + TITLE
        + parameter(
            "guest-params", NAME + parameter("pages", PAGES) + parameter("zoom", parameter("value", "3"))
        ),
    )
    + attribute("local-id", "7")
    + '<ac:adf-mark key="data-consumer"><ac:adf-data-consumer-source>8</ac:adf-data-consumer-source></ac:adf-mark>',
)


def tree(body: str) -> object:
    root = parsed(body)
    unwrapped(root)
    return root


def text(body: str) -> str:
    return text_of(tree(body), {})


def markdown(body: str) -> str:
    return markdown_of(tree(body), {})


def test_an_apps_macro_leaves_its_mark_once_and_its_neighbours_stay() -> None:
    body = f"<p>before</p>{wrapped(DIAGRAM, DIAGRAM)}<p>after</p>"
    assert text(body) == markdown(body) == "before\n\n[diagram: net.drawio]\n\nafter"
    assert macros_in(tree(body), {}) == [
        Macro("drawio", {"diagramName": "net.drawio", "pages": "1, 2", "zoom": "3"}, None)
    ]


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        (KEY, "drawio"),
        (
            attribute("extension-type", "com.atlassian.chart")
            + attribute("extension-key", "chart:default")
            + attribute("parameters", parameter("extension-title", "Chart")),
            "Chart",
        ),
        (
            attribute("extension-type", "com.atlassian.confluence.macro.core")
            + attribute("extension-key", "toc")
            + attribute("text", "Table of Contents"),
            "toc",
        ),
        ("", "extension"),
    ],
)
def test_what_an_extension_is_called(attributes: str, name: str) -> None:
    [macro] = macros_in(tree(wrapped(node("extension", attributes))), {})
    assert macro.name == name


def test_the_body_of_an_apps_macro_is_kept() -> None:
    body = wrapped(
        node("bodied-extension", KEY + "<ac:adf-content>\n<p>we <em>agree</em></p></ac:adf-content>")
    )
    assert text(body) == "[diagram]\n\nwe agree"
    assert macros_in(tree(body), {}) == [Macro("drawio", {}, "we agree")]


def test_words_for_old_readers_are_the_body_of_what_has_none() -> None:
    body = wrapped(node("extension", KEY), "<p>a diagram</p>")
    assert text(body) == "[diagram]\n\na diagram"


@pytest.mark.parametrize(
    ("mood", "read"),
    [
        ("error", "**Warning**"),
        ("note", "**Note**"),
        ("success", "**Tip**"),
        ("custom", ""),
        ("", "**Info**"),
    ],
)
def test_a_panel_is_one_whatever_its_colour(mood: str, read: str) -> None:
    inside = attribute("panel-type", mood) + "<ac:adf-content><p>hot</p></ac:adf-content>"
    quoted = markdown(wrapped(node("panel", inside), "<div><p>hot</p></div>"))
    assert quoted.replace("\n>\n", "\n") == "\n".join(filter(None, (read and f"> {read}", "> hot")))


def test_decisions_are_a_list() -> None:
    item = node(
        "decision-item", attribute("state", "DECIDED") + "<ac:adf-content>We <b>go</b> on.</ac:adf-content>"
    )
    body = wrapped(node("decision-list", attribute("local-id", "1") + item + item), "<ul><li>old</li></ul>")
    assert text(body) == "- We go on.\n- We go on."
    assert markdown(body) == "- We **go** on.\n- We **go** on."


def test_a_block_that_is_shared_with_other_pages_is_what_it_says() -> None:
    shared = node(
        "bodied-sync-block", attribute("resource-id", "7") + "<ac:adf-content><p>both</p></ac:adf-content>"
    )
    body = f"<p>before</p>{wrapped(shared)}<p>after</p>"
    assert text(body) == markdown(body) == "before\n\nboth\n\nafter"
    assert macros_in(tree(body), {}) == []


def test_nodes_in_one_another() -> None:
    panel = wrapped(node("panel", "<ac:adf-content><p>inner</p></ac:adf-content>"))
    body = wrapped(
        node(
            "multi-bodied-extension",
            KEY + node("extension-frame", f"<ac:adf-content>{panel}</ac:adf-content>"),
        )
    )
    assert text(body) == "[diagram]\n\ninner"


def test_each_stands_for_itself_but_one_in_a_sentence() -> None:
    assert text(wrapped(DIAGRAM) + wrapped(node("extension", KEY))) == "[diagram: net.drawio]\n\n[diagram]"
    assert text(f"<p>see {wrapped(node('inline-extension', KEY))} there</p>") == "see [diagram] there"


def test_a_node_of_no_known_kind_keeps_its_words() -> None:
    body = wrapped(node("hologram", "loose" + attribute("depth", "3") + "words"))
    assert text(body) == "[macro: hologram]loosewords"
    assert macros_in(tree(body), {})[0].parameters == {"depth": "3"}


def test_strange_nodes_are_read_all_the_same() -> None:
    deep = (
        "".join(f'<ac:adf-parameter key="k{n}">' for n in range(2_000))
        + "end"
        + "</ac:adf-parameter>" * 2_000
    )
    assert text(wrapped(node("extension", attribute("parameters", deep)))) == "[macro: extension]"
    assert text("<ac:adf-node/><ac:adf-fallback>f</ac:adf-fallback>").endswith("f")
    assert text(wrapped("", "only this")) == "only this"
    assert text("<ac:adf-extension><ac:adf-node>a" * 2_000).count("a") > 2_000
    assert text("<ac:adf-extension><ac:adf-node/><ac:adf-fallback>a" * 2_000) == "[macro: unknown]"
