"""A document of the editor gives the tree that the same page has in storage format, and no word is lost on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import open_wiki
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from confluence_nb import Wiki, content
from confluence_nb.content.atlas_doc import as_storage
from confluence_nb.content.atlas_nodes import NODES
from confluence_nb.content.document import parsed
from confluence_nb.content.names import AC
from confluence_nb.sandbox import Sandbox

GOLDEN = Path(__file__).parent / "golden" / "adf"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json"))
_BETWEEN_BLOCKS = re.compile(r">\n+<")


def document(case: str) -> Any:
    return json.loads((GOLDEN / f"{case}.json").read_text(encoding="utf-8"))


def storage(case: str) -> str:
    """The same page in storage format, without the line breaks that make the file readable."""
    return _BETWEEN_BLOCKS.sub("><", (GOLDEN / f"{case}.xml").read_text(encoding="utf-8").strip())


def canonical(tree: Any) -> str:
    return str(etree.canonicalize(etree.tostring(tree, encoding="unicode"))).replace("><", ">\n<")


def kinds_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "type" in node and node.get("type") in NODES:
            yield node["type"]
        for value in node.values():
            yield from kinds_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from kinds_in(value)


@pytest.mark.parametrize("case", CASES)
def test_both_representations_are_one_tree(case: str) -> None:
    assert canonical(as_storage(document(case))) == canonical(parsed(storage(case)))


@pytest.mark.parametrize("case", CASES)
def test_the_text_of_a_body_is_read_as_json(case: str) -> None:
    assert canonical(parsed(json.dumps(document(case)))) == canonical(as_storage(document(case)))


def test_every_kind_of_node_has_a_case() -> None:
    shown = {kind for case in CASES for kind in kinds_in(document(case))}
    assert set(NODES) - shown == set()


@pytest.mark.parametrize(
    ("timestamp", "day"),
    [
        ("0", "1970-01-01"),
        (1704067200000, "2024-01-01"),
        ("-86400000", "1969-12-31"),
        ("soon", "soon"),
        ("9" * 30, "9" * 30),
        ("9" * 5000, "9" * 5000),
        (None, ""),
    ],
)
def test_a_date_is_a_day_or_stays_as_it_is(timestamp: object, day: str) -> None:
    (time,) = as_storage({"type": "date", "attrs": {"timestamp": timestamp}})
    assert time.get("datetime") == day


@pytest.mark.parametrize("text", ["ring\x07", "half \ud83d of a pair", "nul\0", "￾"])
def test_characters_that_xml_cannot_hold_are_replaced(text: str) -> None:
    tree = as_storage({"type": "paragraph", "content": [{"type": "text", "text": text}]})
    kept = "".join(tree.itertext())
    assert kept == "".join(char if char.isprintable() else "�" for char in text)
    assert etree.fromstring(etree.tostring(tree)) is not None


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"type": None},
        {"type": "doc", "content": "words"},
        {"type": "doc", "content": [None, 3, "text", ["x"]]},
        {"type": "heading", "attrs": {"level": "many"}, "content": [{"type": "text"}]},
        {"type": "text", "text": {"not": "a text"}},
        {"type": "text", "text": "a", "marks": "strong"},
        {"type": "text", "text": "a", "marks": [{"type": "link"}, {"type": "annotation"}, {}, None]},
        {
            "type": "table",
            "attrs": {"isNumberColumnEnabled": True},
            "content": [{"type": "tableRow"}, {"type": "oddRow"}, {"type": "tableRow"}],
        },
        {"type": "tableCell", "attrs": {"colspan": "2", "rowspan": True}},
        {"type": "extension", "attrs": {"parameters": {"macroParams": {"a": None, "b": ["c"]}}}},
        {"type": "extension", "attrs": {"parameters": "none"}},
        {"type": "inlineCard", "attrs": {"data": "none"}},
        {"type": "caption", "content": [{"type": "text", "text": "of nothing"}]},
        {"type": "taskList", "content": [{"type": "taskList", "content": []}]},
        {"type": "date"},
    ],
)
def test_what_is_no_sound_document_is_read_all_the_same(odd: Any) -> None:
    assert etree.tostring(as_storage(odd)).startswith(b"<body")


def test_an_order_of_marks_does_not_matter() -> None:
    def written(*kinds: str) -> str:
        marks = [{"type": kind} for kind in kinds]
        return canonical(as_storage({"type": "text", "text": "words", "marks": marks}))

    assert written("code", "em", "strong") == written("strong", "code", "em", "strong")


def test_nesting_of_five_thousand_levels() -> None:
    node: Any = {"type": "paragraph", "content": [{"type": "text", "text": "at the bottom"}]}
    for level in range(5_000):
        node = {"type": "blockquote" if level % 2 else "unheardOf", "content": [node]}
    tree = as_storage(node)
    assert "".join(tree.itertext()) == "at the bottom"
    depth, (inner,) = 0, tree
    while len(inner):
        depth, inner = depth + 1, inner[-1]
    assert depth == 7_500


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=12)
MARKS = st.sampled_from(["strong", "em", "code", "strike", "underline", "textColor", "unheardOf"])
WORDS = st.builds(
    lambda text, marks: {"type": "text", "text": text, "marks": [{"type": kind} for kind in marks]},
    TEXTS,
    st.lists(MARKS, max_size=4),
)
HOLDERS = sorted(
    set(NODES) - {"text", "codeBlock", "hardBreak", "rule", "date", "status", "emoji", "mention"}
)
HOLDERS = [
    kind
    for kind in HOLDERS
    if "ard" not in kind and kind not in ("placeholder", "media", "mediaInline", "confluenceJiraIssue")
]
TREES = st.recursive(
    st.builds(lambda words: {"type": "paragraph", "content": words}, st.lists(WORDS, max_size=5)),
    lambda inside: st.builds(
        lambda kind, content: {"type": kind, "content": content},
        st.sampled_from([*HOLDERS, "unheardOf"]),
        st.lists(inside, max_size=4),
    ),
    max_leaves=12,
)


def words_of(node: Any) -> str:
    own = node["text"] if node["type"] == "text" else ""
    return own + "".join(words_of(child) for child in node.get("content", []))


@given(TREES)
def test_no_word_is_lost_and_none_changes_its_place(tree: Any) -> None:
    read = as_storage(tree)
    for status in read.iter(f"{AC}task-status"):
        status.text = None
    assert "".join(read.itertext()) == words_of(tree)


KEYS = st.sampled_from(
    ["type", "content", "attrs", "marks", "text", "level", "url", "data", "parameters", "macroParams"]
)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ATOMS |= st.sampled_from([*NODES, "link", "strong", "subsup", "annotation", "__bodyContent", "include"])
ANYTHING = st.recursive(
    ATOMS,
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(KEYS | st.text(max_size=4), inside, max_size=5)
    ),
    max_leaves=30,
)


@given(st.dictionaries(KEYS, ANYTHING, max_size=6))
def test_any_json_gives_a_tree_that_every_reader_takes(document: dict[str, Any]) -> None:
    assert etree.fromstring(etree.tostring(as_storage(document))).tag == "body"
    body = json.dumps({"type": "doc", "content": [document]})
    assert isinstance(content.to_text(body), str)
    assert isinstance(content.to_markdown(body), str)
    for read in (
        content.tables,
        content.links,
        content.macros,
        content.tasks,
        content.mentions,
        content.headings,
    ):
        assert isinstance(read(body), list)


@pytest.fixture(scope="module")
def wiki() -> Iterator[Wiki]:
    with Sandbox(pages=60, spaces=2) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url))
        yield wiki.use("acme")


# A page is named by its title in one representation and by its id in the other; the moods of panels have other names.
_TO_A_PAGE = re.compile(r"\]\(/wiki/(?:pages|spaces)/[^)]*\)")
_MOOD = re.compile(r"^> \*\*(?:Info|Note|Tip|Warning)\*\*$", re.MULTILINE)


def test_a_wikis_pages_say_the_same_in_both_representations(wiki: Wiki) -> None:
    storage, atlas = (
        wiki.pages(body=body).set_index("id")["body"] for body in ("storage", "atlas_doc_format")
    )
    assert len(storage) == 60
    names = wiki.users(content.mentions(storage)["account_id"].unique().tolist())
    assert list(content.to_text(atlas, names=names)) == list(content.to_text(storage, names=names))
    for page in storage.index:
        one, other = (content.to_markdown(bodies[page], names=names) for bodies in (storage, atlas))
        assert _MOOD.sub(">", _TO_A_PAGE.sub("](page)", other)) == _MOOD.sub(
            ">", _TO_A_PAGE.sub("](page)", one)
        ), page
    for read in (
        content.macros,
        content.tasks,
        content.mentions,
        content.headings,
        content.code,
        content.images,
    ):
        assert len(read(atlas)) == len(read(storage)) > 0


def test_who_is_mentioned_has_the_name_that_the_document_gives() -> None:
    mention = {"type": "mention", "attrs": {"id": "712020:ada", "text": "@Ada Lovelace"}}
    body = json.dumps({"type": "doc", "content": [{"type": "paragraph", "content": [mention]}]})
    assert content.to_text(body) == "@Ada Lovelace"
    (found,) = content.mentions(body)
    assert found.account_id == "712020:ada"


def keeping(key: str, **parameters: Any) -> dict[str, Any]:
    kind = "com.atlassian.confluence.migration"
    return {
        "type": "extension",
        "attrs": {"extensionType": kind, "extensionKey": key, "parameters": parameters},
    }


def table_of(*inside: Any) -> dict[str, Any]:
    cell = {"type": "tableCell", "content": list(inside)}
    return {"type": "table", "content": [{"type": "tableRow", "content": [cell]}]}


def said(words: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": words}]}


def test_a_table_within_a_table_is_read_out_of_the_extension_that_keeps_it() -> None:
    inner = json.dumps({"type": "doc", "version": 1, "content": [table_of(said("inner"))]})
    for kept in (inner, json.dumps(table_of(said("inner")))):
        outer = table_of(said("outer"), keeping("nested-table", adf=kept))
        body = json.dumps({"type": "doc", "content": [outer]})
        assert content.to_text(body) == "outer inner"
        assert [table.iloc[0, 0] for table in content.tables(body)] == ["outer\n\ninner", "inner"]
        assert content.macros(body) == []


def test_what_a_list_may_not_hold_is_read_out_of_the_extension_that_keeps_it() -> None:
    quote = {"type": "doc", "version": 1, "content": [{"type": "blockquote", "content": [said("quoted")]}]}
    source = "<blockquote><p>quoted</p></blockquote>"
    for parameters in (
        {"cxhtml": source, "nestedContent": quote},
        {"cxhtml": "", "nestedContent": quote},
        {"nestedContent": json.dumps(quote)},
    ):
        item = {"type": "listItem", "content": [said("one"), keeping("legacy-content", **parameters)]}
        body = json.dumps({"type": "doc", "content": [{"type": "bulletList", "content": [item]}]})
        assert content.to_markdown(body) == "- one\n\n  > quoted"


def test_what_is_kept_as_storage_format_may_hold_nodes_of_the_editor_in_turn() -> None:
    panel = (
        '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="panel-type">note</ac:adf-attribute>'
        "<ac:adf-content><p>own</p></ac:adf-content></ac:adf-node><ac:adf-fallback><p>own</p></ac:adf-fallback>"
        "</ac:adf-extension>"
    )
    body = json.dumps({"type": "doc", "content": [keeping("legacy-content", cxhtml=panel)]})
    assert content.to_text(body) == "own"


@pytest.mark.parametrize("kept", ["{", "[]", "{}", None, 7, '{"type": 3}'])
def test_an_extension_that_keeps_nothing_readable_stays_a_mark(kept: Any) -> None:
    body = json.dumps({"type": "doc", "content": [keeping("nested-table", adf=kept)]})
    assert content.to_text(body) == "[macro: nested-table]"
