"""The macros of the editor's document, which calls them extensions, and what it holds of an unknown kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from confluence_nb.content.atlas_values import Node, attrs_of, first_of, nodes_of, text_of
from confluence_nb.content.names import AC, RI

_MACROS = "com.atlassian.confluence."
"""What the type of an extension begins with that is a macro."""
_OWN = ("guestParams", "macroParams")
"""Where the parameters are that an author sets; where both are, the second ones may be old."""
SOURCE = "__bodyContent"
"""The parameter that is the plain body of a macro."""
_OF_THE_EDITOR = ("extensionId", "extensionTitle", "forgeEnvironment", "layout", "localId", "render")
_APPS = ("drawio", "drawio-sketch", "inc-drawio", "mathinline", "mathblock", "requirement-yogi")
"""Whose macros are called by their keys, as on pages from before there were extensions."""
_PEOPLE = {("profile", "user"), ("profile-picture", "user"), ("profile-picture", "User")}
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
    name, parameters = described(attrs_of(node))
    made = macro(place, name, {})
    for key, text in parameters.items():
        if key == SOURCE:
            plain_body(made, text)
        else:
            _parameter(made, key, text)
    return rich_body(made) if nodes_of(node.get("content")) else None


def described(attrs: Node) -> tuple[str, dict[str, str]]:
    """What an extension is called, and what its author set.

    A macro is called by its key. The key of an app's extension is an address that nobody reads: it is called by its
    title.
    """
    given = attrs.get("parameters")
    parameters = given if isinstance(given, dict) else {}
    kind, key = text_of(attrs.get("extensionType")), text_of(attrs.get("extensionKey"))
    title = first_of(parameters, "extensionTitle") or first_of(attrs, "text")
    is_macro = kind.startswith(_MACROS) or (not kind and "/" not in key)
    last = key.rpartition("/")[2]
    name = last if is_macro or last in _APPS else title or last
    name = name or title or "extension"
    own = next((found for found in map(parameters.get, _OWN) if isinstance(found, dict) and found), None)
    if own is not None:
        return name, {text_of(key): _told(value) for key, value in own.items()}
    told = {text_of(key): value for key, value in parameters.items() if key not in _OF_THE_EDITOR}
    return name, {key: text_of(value) for key, value in told.items() if not isinstance(value, (dict, list))}


def _told(value: Any) -> str:
    """A parameter as one text; several values are joined."""
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    if isinstance(value, list) and not any(isinstance(one, (dict, list)) for one in value):
        return ", ".join(map(text_of, value))
    return text_of(value)


def _parameter(made: Any, key: str, text: str) -> None:
    parameter = etree.SubElement(made, f"{AC}parameter", {f"{AC}name": key})
    page = _SPACE_AND_TITLE.fullmatch(text)
    if text and (made.get(f"{AC}name"), key) in _PEOPLE:
        etree.SubElement(parameter, f"{RI}user", {f"{RI}account-id": text})
        return
    if key in ("", "page") and page and made.get(f"{AC}name") in ("include", "excerpt-include"):
        parameter.set(f"{AC}name", "")
        space = {f"{RI}space-key": page[1]} if page[1] else {}
        link = etree.SubElement(parameter, f"{AC}link")
        etree.SubElement(link, f"{RI}page", {**space, f"{RI}content-title": page[2]})
    else:
        parameter.text = text


def unknown(node: Node, place: Any, within: str) -> Any:
    attrs = attrs_of(node)
    told = {
        text_of(key): text_of(value)
        for key, value in attrs.items()
        if isinstance(value, (str, int, float)) and key not in ("localId", "text")
    }
    made = macro(place, text_of(node.get("type")) or "unknown", told)
    words = text_of(node.get("text")) or first_of(attrs, "text")
    if not words and not nodes_of(node.get("content")):
        return None
    inside = rich_body(made)
    inside.text = words
    return inside
