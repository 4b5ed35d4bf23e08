"""What each kind of node of the editor's document is in storage format.

A writer gets the node, the element that it goes into and the kind of node around it. It gives the element that the
node's content goes into, or None where that is written already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from confluence_nb.content.atlas_kept import unsupported
from confluence_nb.content.atlas_macros import extension, macro, plain_body, rich_body, unknown
from confluence_nb.content.atlas_values import Node, attrs_of, first_of, nodes_of, text_of
from confluence_nb.content.names import AC, RI

# Confluence's editor names these moods otherwise than the macros that it stores them as.
PANELS = {"error": "warning", "warning": "note", "success": "tip", "custom": "panel"}


def _append(place: Any, words: str) -> None:
    if len(place):
        last = place[-1]
        last.tail = (last.tail or "") + words
    else:
        place.text = (place.text or "") + words


def _element(place: Any, name: str, words: str = "", **attributes: str) -> Any:
    element = etree.SubElement(place, name, attributes)
    if words:
        element.text = words
    return element


def _ac(place: Any, name: str, attributes: Mapping[str, str], words: str = "") -> Any:
    given = {AC + key: value for key, value in attributes.items() if value}
    element = etree.SubElement(place, AC + name, given)
    if words:
        element.text = words
    return element


def _inside(node: Node, place: Any, within: str) -> Any:
    return place


def _plainly(name: str) -> Callable[[Node, Any, str], Any]:
    return lambda node, place, within: etree.SubElement(place, name)


def _alone(name: str) -> Callable[[Node, Any, str], Any]:
    def alone(node: Node, place: Any, within: str) -> None:
        etree.SubElement(place, name)

    return alone


def _words(node: Node, place: Any, within: str) -> None:
    _append(place, text_of(node.get("text")))


def _heading(node: Node, place: Any, within: str) -> Any:
    level = text_of(attrs_of(node).get("level"))
    return etree.SubElement(place, f"h{level if level in ('1', '2', '3', '4', '5', '6') else 6}")


def _ordered(node: Node, place: Any, within: str) -> Any:
    order = text_of(attrs_of(node).get("order"))
    return _element(place, "ol", **({"start": order} if order.isascii() and order.isdigit() else {}))


def _table(node: Node, place: Any, within: str) -> Any:
    numbered = attrs_of(node).get("isNumberColumnEnabled") is True
    table = _element(place, "table", **({"data-number-column": "true"} if numbered else {}))
    return etree.SubElement(table, "tbody")


def _row(node: Node, place: Any, within: str) -> Any:
    row = etree.SubElement(place, "tr")
    table = place.getparent()
    if table is not None and "data-number-column" in table.attrib:
        is_head = all(text_of(cell.get("type")) == "tableHeader" for cell in nodes_of(node.get("content")))
        before = row.getprevious()
        is_counted = before is not None or not is_head
        number = int(before[0].text or 0) + 1 if before is not None and before.tag == "tr" else 1
        cell = {"class": "numberingColumn"}
        _element(row, "th" if is_head else "td", str(number) if is_counted else "", **cell)
    return row


def _cell(name: str) -> Callable[[Node, Any, str], Any]:
    def cell(node: Node, place: Any, within: str) -> Any:
        attrs = attrs_of(node)
        spans = {key: attrs.get(key) for key in ("colspan", "rowspan")}
        told = {key: str(span) for key, span in spans.items() if isinstance(span, int) and span > 1}
        return _element(place, name, **told)

    return cell


def _task_list(node: Node, place: Any, within: str) -> Any:
    # A list of tasks follows the task that it is about; in storage format it lies in there.
    inside = place[-1] if within == "taskList" and len(place) else place
    return etree.SubElement(inside, f"{AC}task-list")


def _task(node: Node, place: Any, within: str) -> Any:
    attrs = attrs_of(node)
    task = etree.SubElement(place, f"{AC}task")
    _ac(task, "task-id", {}, text_of(attrs.get("localId")))
    _ac(task, "task-status", {}, "complete" if attrs.get("state") == "DONE" else "incomplete")
    return etree.SubElement(task, f"{AC}task-body")


def _decisions(node: Node, place: Any, within: str) -> Any:
    return _element(place, "ul", **{"class": "decision-list"})


def _code(node: Node, place: Any, within: str) -> None:
    language = text_of(attrs_of(node).get("language"))
    made = macro(place, "code", {"language": language} if language else {})
    plain_body(made, "".join(text_of(piece.get("text")) for piece in nodes_of(node.get("content"))))


def _panel(node: Node, place: Any, within: str) -> Any:
    mood = text_of(attrs_of(node).get("panelType")) or "info"
    return rich_body(macro(place, PANELS.get(mood, mood), {}))


def _expand(node: Node, place: Any, within: str) -> Any:
    title = text_of(attrs_of(node).get("title"))
    return rich_body(macro(place, "expand", {"title": title} if title else {}))


def _layout_section(node: Node, place: Any, within: str) -> Any:
    before = place[-1] if len(place) else None
    layout = before if before is not None and before.tag == f"{AC}layout" else _ac(place, "layout", {})
    return etree.SubElement(layout, f"{AC}layout-section")


def _card(node: Node, place: Any, within: str) -> None:
    attrs = attrs_of(node)
    linked = attrs.get("data")
    address = text_of(attrs.get("url")) or (text_of(linked.get("url")) if isinstance(linked, dict) else "")
    if not address and (query := _query(attrs)):
        macro(place, "jira", {"jqlQuery": query})
    elif not address:
        unknown(node, place, within)
    elif node.get("type") == "inlineCard":
        _element(place, "a", address, href=address)
    else:
        _element(etree.SubElement(place, "p"), "a", address, href=address)


def _query(attrs: Node) -> str:
    """The query of a card that lists what Jira finds."""
    source = attrs.get("datasource")
    asked = source.get("parameters") if isinstance(source, dict) else None
    return text_of(asked.get("jql")) if isinstance(asked, dict) else ""


def _issue(node: Node, place: Any, within: str) -> None:
    macro(place, "jira", {"key": text_of(attrs_of(node).get("issueKey"))})


def _mention(node: Node, place: Any, within: str) -> None:
    attrs = attrs_of(node)
    link = etree.SubElement(place, f"{AC}link")
    etree.SubElement(link, f"{RI}user", {f"{RI}account-id": text_of(attrs.get("id"))})
    if name := text_of(attrs.get("text")):
        _ac(link, "link-body", {}, name)


def _emoji(node: Node, place: Any, within: str) -> None:
    attrs = attrs_of(node)
    name = text_of(attrs.get("shortName"))
    told = {"name": name.strip(":"), "emoji-shortname": name, "emoji-id": text_of(attrs.get("id"))}
    _ac(place, "emoticon", {**told, "emoji-fallback": text_of(attrs.get("text"))})


def _date(node: Node, place: Any, within: str) -> None:
    timestamp = text_of(attrs_of(node).get("timestamp"))
    try:
        day = datetime.fromtimestamp(int(timestamp) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        day = timestamp
    _element(place, "time", datetime=day)


def _status(node: Node, place: Any, within: str) -> None:
    attrs = attrs_of(node)
    color = text_of(attrs.get("color")).capitalize()
    told = {} if color in ("", "Neutral") else {"colour": color}
    macro(place, "status", {"title": text_of(attrs.get("text")), **told})


def _placeholder(node: Node, place: Any, within: str) -> None:
    _ac(place, "placeholder", {}, text_of(attrs_of(node).get("text")))


def _media(node: Node, place: Any, within: str) -> None:
    """A picture, or the card of a file; the document may know no other name than the file's id."""
    attrs = attrs_of(node)
    name = first_of(attrs, "__fileName", "alt", "id")
    kind = text_of(attrs.get("__fileMimeType"))
    is_file = bool(kind) and not kind.startswith(("image/", "video/"))
    if node.get("type") == "mediaInline" and (is_file or attrs.get("type") == "file"):
        link = etree.SubElement(place, f"{AC}link")
        etree.SubElement(link, f"{RI}attachment", {f"{RI}filename": name})
        return
    if within == "mediaGroup" or is_file:
        card = macro(place, "view-file", {"name": ""})
        etree.SubElement(card[0], f"{RI}attachment", {f"{RI}filename": name})
        return
    image = _ac(place, "image", {"alt": text_of(attrs.get("alt"))})
    if attrs.get("type") == "external":
        etree.SubElement(image, f"{RI}url", {f"{RI}value": text_of(attrs.get("url"))})
    else:
        etree.SubElement(image, f"{RI}attachment", {f"{RI}filename": name})


def _caption(node: Node, place: Any, within: str) -> Any:
    image = place[-1] if len(place) else None
    while image is not None and image.tag != f"{AC}image":
        image = image[-1] if len(image) else None
    return etree.SubElement(place, "p") if image is None else etree.SubElement(_ac(image, "caption", {}), "p")


NODES: dict[str, Callable[[Node, Any, str], Any]] = {
    "doc": _inside,
    "text": _words,
    "paragraph": _plainly("p"),
    "heading": _heading,
    "hardBreak": _alone("br"),
    "rule": _alone("hr"),
    "blockquote": _plainly("blockquote"),
    "bulletList": _plainly("ul"),
    "orderedList": _ordered,
    "listItem": _plainly("li"),
    "taskList": _task_list,
    "taskItem": _task,
    "blockTaskItem": _task,
    "decisionList": _decisions,
    "decisionItem": _plainly("li"),
    "codeBlock": _code,
    "panel": _panel,
    "expand": _expand,
    "nestedExpand": _expand,
    "table": _table,
    "tableRow": _row,
    "tableHeader": _cell("th"),
    "tableCell": _cell("td"),
    "layoutSection": _layout_section,
    "layoutColumn": _plainly(f"{AC}layout-cell"),
    "mediaSingle": _inside,
    "mediaGroup": _inside,
    "media": _media,
    "mediaInline": _media,
    "caption": _caption,
    "inlineCard": _card,
    "blockCard": _card,
    "embedCard": _card,
    "mention": _mention,
    "emoji": _emoji,
    "date": _date,
    "status": _status,
    "placeholder": _placeholder,
    "extension": extension,
    "inlineExtension": extension,
    "bodiedExtension": extension,
    "multiBodiedExtension": extension,
    "extensionFrame": _plainly("div"),
    "bodiedSyncBlock": _inside,
    "syncBlock": unknown,
    "confluenceJiraIssue": _issue,
    "confluenceUnsupportedBlock": unsupported,
    "confluenceUnsupportedInline": unsupported,
}
