"""The editor's nodes that stand in storage format, as the macros, panels and lists that they are in the rest of it.

Atlassian writes an app's macro, a panel in a colour of its own and a list of decisions as `ac:adf-extension`: a node
of the editor's document, spelt in XML, and beside it once more for readers that do not know it (`ac:adf-fallback`).
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from confluence_nb.content.atlas_macros import SOURCE, described, plain_body
from confluence_nb.content.atlas_nodes import PANELS
from confluence_nb.content.names import AC

_NODE, _CONTENT = AC + "adf-node", AC + "adf-content"
_FALLBACK, _EXTENSION = AC + "adf-fallback", AC + "adf-extension"
_ATTRIBUTE, _PARAMETER = AC + "adf-attribute", AC + "adf-parameter"
_SETTINGS = (_ATTRIBUTE, _PARAMETER, AC + "adf-mark")
_DEEPEST = 4
"""Parameters that are nested deeper are one text."""
_HYPHEN = re.compile("-+([a-z0-9])")


def unwrapped(root: Any) -> None:
    """Rewrite the editor's nodes in a tree, in place.

    Parameters
    ----------
    root:
        The element `body` of a page in storage format.
    """
    ahead = [root]
    while ahead:  # what is taken out on the way is not met
        element = ahead.pop()
        if element.tag == _EXTENSION:
            _open(element)
        ahead += element[::-1]
    for node in list(root.iter(_NODE)):
        _rewrite(node)


def _open(wrapper: Any) -> None:
    """Make a block of it, which has of the fallback what the node does not have itself: words, where it has none."""
    node = wrapper.find(_NODE)
    fallback = wrapper.find(_FALLBACK)
    if node is None:
        return
    if not node.get("type", "").startswith("inline"):
        wrapper.tag = "div"
    if fallback is None:
        return
    has_own = next(node.iter(_CONTENT), None) is not None
    is_double = next(fallback.iter(_NODE), None) is not None
    if has_own or is_double:
        _remove(fallback)
    else:
        fallback.tag = _CONTENT
        node.append(fallback)
        fallback.tail = None


def _rewrite(node: Any) -> None:
    kind = node.get("type", "")
    attributes = {_camel(child.get("key", "")): child for child in node if child.tag == _ATTRIBUTE}
    told = {key: _value(child, 1) for key, child in attributes.items()}
    contents = [child for child in node if child.tag == _CONTENT]
    for child in [child for child in node if child.tag in _SETTINGS]:
        _remove(child)
    node.attrib.clear()
    node.text = node.text if node.text and node.text.strip() else None
    inside = "div"
    if kind == "decision-list":
        node.tag = "ul"
        node.set("class", kind)
    elif kind == "decision-item":
        node.tag = "li"
    elif kind in ("extension-frame", "bodied-sync-block"):
        node.tag = "div"
    else:
        name, parameters = _as_macro(kind, told)
        node.tag, inside = AC + "structured-macro", AC + "rich-text-body"
        node.set(AC + "name", name)
        source = parameters.pop(SOURCE, None)
        for key, text in reversed(parameters.items()):
            parameter = etree.Element(AC + "parameter", {AC + "name": key})
            parameter.text = text
            node.insert(0, parameter)
        if source is not None:
            plain_body(node, source)
    for content in contents:
        content.tag = inside


def _as_macro(kind: str, told: dict[str, Any]) -> tuple[str, dict[str, str]]:
    if kind == "panel":
        mood = str(told.get("panelType", "")) or "info"
        return PANELS.get(mood, mood), {}
    if kind.endswith("extension"):
        return described(told)
    return kind or "unknown", {key: value for key, value in told.items() if isinstance(value, str)}


def _value(element: Any, depth: int) -> Any:
    """What an attribute or a parameter holds: a text, a list of texts, or others by their names."""
    inner = [child for child in element if child.tag == _PARAMETER]
    if inner and depth < _DEEPEST:
        return {_camel(child.get("key", "")): _value(child, depth + 1) for child in inner}
    if len(element):
        return [text.strip() for text in element.itertext() if text.strip()]
    return element.text or ""


def _camel(key: str) -> str:
    """A name as the editor's document spells it: `guestParams` of `guest-params`."""
    return _HYPHEN.sub(lambda found: found[1].upper(), key)


def _remove(element: Any) -> None:
    """Take an element out, and leave what follows it."""
    parent, before = element.getparent(), element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)
