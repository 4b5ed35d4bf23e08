"""The macros of the editor's document, which calls them extensions, and what it holds of an unknown kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from confluence_nb.content.atlas_values import Node, attrs_of, first_of, nodes_of, text_of
from confluence_nb.content.names import AC, RI

_SPACE_AND_TITLE = re.compile(r"(?:([A-Z0-9]+|~[\w:-]+):)?(\S.*)", re.DOTALL)


def macro(place: Any, name: str, parameters: Mapping[str, str]) -> Any:
    made = etree.SubElement(place, f"{AC}structured-macro", {f"{AC}name": name})
    for key, value in parameters.items():
        etree.SubElement(made, f"{AC}parameter", {f"{AC}name": key}).text = value
    return made


def rich_body(made: Any) -> Any:
    return etree.SubElement(made, f"{AC}rich-text-body")


def plain_body(made: Any, words: str) -> None:
    etree.SubElement(made, f"{AC}plain-text-body").text = words


def extension(node: Node, place: Any, within: str) -> Any:
    attrs = attrs_of(node)
    given = attrs.get("parameters")
    parameters = given if isinstance(given, dict) else {}
    made = macro(place, _name(attrs, parameters), {})
    own = parameters.get("macroParams")
    # An app's extension has parameters of any form; those of a macro are a text each.
    for key, value in (own if isinstance(own, dict) else parameters).items():
        text = text_of(value.get("value") if isinstance(value, dict) and "value" in value else value)
        if key == "__bodyContent":
            plain_body(made, text)
        elif isinstance(own, dict) or not isinstance(value, (dict, list)):
            _parameter(made, text_of(key), text)
    return rich_body(made) if nodes_of(node.get("content")) else None


def _name(attrs: Node, parameters: Node) -> str:
    """A macro's key; of an app's extension, whose key is an address that nobody reads, the title."""
    key = text_of(attrs.get("extensionKey"))
    title = first_of(parameters, "extensionTitle") or first_of(attrs, "text")
    return title if title and (not key or "/" in key) else key or "extension"


def _parameter(made: Any, key: str, text: str) -> None:
    parameter = etree.SubElement(made, f"{AC}parameter", {f"{AC}name": key})
    page = _SPACE_AND_TITLE.fullmatch(text)
    if key in ("", "page") and page and made.get(f"{AC}name") in ("include", "excerpt-include"):
        parameter.set(f"{AC}name", "")
        space = {f"{RI}space-key": page[1]} if page[1] else {}
        link = etree.SubElement(parameter, f"{AC}link")
        etree.SubElement(link, f"{RI}page", {**space, f"{RI}content-title": page[2]})
    else:
        parameter.text = text


def unknown(node: Node, place: Any, within: str) -> Any:
    told = {
        text_of(key): text_of(value)
        for key, value in attrs_of(node).items()
        if isinstance(value, (str, int, float)) and key != "localId"
    }
    made = macro(place, text_of(node.get("type")) or "unknown", told)
    words = text_of(node.get("text"))
    if not words and not nodes_of(node.get("content")):
        return None
    inside = rich_body(made)
    inside.text = words
    return inside
