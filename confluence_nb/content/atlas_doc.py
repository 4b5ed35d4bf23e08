"""The editor's JSON document as the tree that the same page has in storage format, so that readers know one format."""

from __future__ import annotations

from typing import Any

from lxml import etree

from confluence_nb.content.atlas_kept import kept
from confluence_nb.content.atlas_macros import unknown
from confluence_nb.content.atlas_marks import Marks
from confluence_nb.content.atlas_nodes import NODES
from confluence_nb.content.atlas_values import Node, nodes_of, text_of
from confluence_nb.content.names import NAMESPACES


def as_storage(document: Node) -> Any:
    """The document as an lxml element `body`, in the vocabulary of the storage format.

    A node of a kind that is not known becomes a macro of its name, with its attributes and its content. What only
    lays out (alignment, indentation, width, colour) is left out.

    Parameters
    ----------
    document:
        The parsed JSON, or any part of it.

    Source: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/.
    """
    body = etree.Element("body", nsmap=NAMESPACES)
    marks = Marks()
    waiting: list[tuple[Node, Any, str]] = [(document, body, "")]
    while waiting:
        node, parent, within = waiting.pop()
        kind = text_of(node.get("type"))
        if kind == "extension":
            node = kept(node)
            kind = text_of(node.get("type"))
        into = NODES.get(kind, unknown)(node, marks.place(node, parent), within)
        if into is not None and (inside := node.get("content")):
            waiting.extend([(child, into, kind) for child in reversed(nodes_of(inside))])
    return body
