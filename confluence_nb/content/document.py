"""A page body in either representation as one tree of elements, which all readers walk."""

from __future__ import annotations

import json
import re
from html import escape
from html.entities import html5
from typing import Any

from lxml import etree

from confluence_nb.content.atlas_doc import as_storage
from confluence_nb.content.editor_nodes import unwrapped
from confluence_nb.content.mending import mended
from confluence_nb.content.names import NAMESPACES
from confluence_nb.content.unreadable import UnreadableBody

_OPEN = "".join(["<body", *(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items()), ">"])
_NO_XML_ENTITY = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)(?:([A-Za-z][A-Za-z0-9]*;))?"
)
_TOO_DEEP = (
    'The body is JSON that is nested too deeply to be read. Read the page with body="storage" instead.'
)
_JSON_OBJECT = re.compile(r'\s*\{\s*["}]')

# Nothing is fetched and no entity is declared, so that none can expand.
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=True,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
    encoding="utf-8",
)


def parsed(body: Any) -> Any:
    """The body as an lxml element `body`, in the vocabulary of the storage format.

    What is no well-formed XML is mended, and the reason is in the attribute `mended` of the root.

    Parameters
    ----------
    body:
        Storage format, or atlas_doc_format as its JSON text; they are told apart by how they begin.

    Raises
    ------
    UnreadableBody
        It is no text, or JSON that is no document.
    """
    if not isinstance(body, str):
        raise UnreadableBody(
            f"A body is a text, and this is of type {type(body).__name__}. "
            'Read pages with body="storage" and pass the column body.'
        )
    body = body.removeprefix("\ufeff")
    return _from_json(body) if _JSON_OBJECT.match(body) else _from_xml(body)


def _from_json(body: str) -> Any:
    try:
        document = json.loads(body)
    except json.JSONDecodeError as wrong:
        raise UnreadableBody(
            f"The body begins like atlas_doc_format, but is no JSON: {wrong.msg}, "
            f"line {wrong.lineno}, column {wrong.colno}. Read the page again."
        ) from None
    except ValueError:  # a whole number of thousands of digits
        raise UnreadableBody(
            "The body is JSON with a number in it that is too long to be read. "
            'Read the page with body="storage" instead.'
        ) from None
    except RecursionError:
        raise UnreadableBody(_TOO_DEEP) from None
    if not isinstance(document.get("type"), str):
        raise UnreadableBody("The body is JSON, but no document of the editor. Read the page again.")
    try:
        root = as_storage(document)
    except RecursionError:
        raise UnreadableBody(_TOO_DEEP) from None
    if "ac:adf-" in body:  # in what the editor keeps as storage format
        unwrapped(root)
    return root


def _from_xml(body: str) -> Any:
    body = _without_entities(body)
    try:
        # Bytes take the parser two thirds of the time that a str does.
        root = etree.fromstring(f"{_OPEN}{body}</body>".encode(), _PARSER)
    except (etree.XMLSyntaxError, ValueError) as wrong:  # ValueError: a character that XML cannot hold
        root = mended(body)
        root.set("mended", _reason(wrong))
    if "<ac:adf-" in body:
        unwrapped(root)
    return root


def _reason(wrong: Exception) -> str:
    if not isinstance(wrong, etree.XMLSyntaxError):
        return "A character that XML cannot hold"
    line, column = wrong.position
    reason = (wrong.msg or "No XML").partition(", line ")[0].encode("ascii", "replace").decode()
    return f"{reason}, line {line}, column {max(column - len(_OPEN), 1) if line == 1 else column}"


def _without_entities(body: str) -> str:
    """Named entities of HTML as the characters they stand for, and a lone `&` as one; CDATA stays as it is."""
    if not _NO_XML_ENTITY.search(body):
        return body
    first, *rest = body.split("<![CDATA[")
    pieces = [_NO_XML_ENTITY.sub(_character, first)]
    for part in rest:
        verbatim, end, after = part.partition("]]>")
        pieces.append(f"<![CDATA[{verbatim}{end}{_NO_XML_ENTITY.sub(_character, after)}")
    return "".join(pieces)


def _character(entity: re.Match[str]) -> str:
    name = entity[1]
    return escape(html5[name], quote=True) if name in html5 else f"&amp;{name or ''}"
