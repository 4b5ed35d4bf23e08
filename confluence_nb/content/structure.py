"""What a page is made of: headings, tasks, mentions, code, images and macros, each as a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from confluence_nb.content.macro_values import MACROS, name_of, parameters_of
from confluence_nb.content.names import AC, RI
from confluence_nb.content.targets import Target, addressed, has_words, target_in
from confluence_nb.content.text import text_of
from confluence_nb.content.walk import each, source_in

_CODE_MACROS = ("code", "noformat")
_LEVELS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True)
class Heading:
    """One heading; `path` are the headings that it stands under and itself, joined by " / "."""

    level: int
    text: str
    path: str


@dataclass(frozen=True)
class Task:
    """One checkbox; `assignee_id` is the first person that it mentions, `due` the first date."""

    task_id: str | None
    is_done: bool
    text: str
    assignee_id: str | None
    due: date | None


@dataclass(frozen=True)
class Mention:
    """One mention of a person."""

    account_id: str
    name: str | None


@dataclass(frozen=True)
class Code:
    """One block of code or preformatted text."""

    language: str | None
    title: str | None
    text: str


@dataclass(frozen=True)
class Image:
    """One image: a file of this page, or of the page `of_title`; or an address elsewhere."""

    filename: str | None
    url: str | None
    alt: str | None
    caption: str | None
    width: str | None
    height: str | None
    of_title: str | None
    of_space_key: str | None


@dataclass(frozen=True)
class Macro:
    """One macro.

    `parameters` are texts by their names, "" is the one without a name; a page among them is spelt `KEY:Title`, a
    person by the account id. `body` is the text of what is inside, None when it takes none.
    """

    name: str
    parameters: Mapping[str, str]
    body: str | None


def headings_in(root: Any, names: Mapping[str, str]) -> list[Heading]:
    """The headings in order."""
    found: list[Heading] = []
    above: list[tuple[int, str]] = []
    for element in each(root, *_LEVELS):
        level, text = int(element.tag[1]), " ".join(text_of(element, names).split())
        if not text:
            continue
        above = [*(upper for upper in above if upper[0] < level), (level, text)]
        found.append(Heading(level, text, " / ".join(upper for _, upper in above)))
    return found


def tasks_in(root: Any, names: Mapping[str, str]) -> list[Task]:
    """The tasks in order, those inside others too."""
    found = []
    for task in each(root, AC + "task"):
        body = task.find(AC + "task-body")
        number = (task.findtext(AC + "task-id") or "").strip()
        is_done = (task.findtext(AC + "task-status") or "").strip() == "complete"
        people = [] if body is None else mentions_in(body, names)
        due = None if body is None else next((day for time in body.iter("time") if (day := _day(time))), None)
        text = "" if body is None else text_of(body, names)
        found.append(Task(number or None, is_done, text, people[0].account_id if people else None, due))
    return found


def _day(time: Any) -> date | None:
    try:
        return date.fromisoformat(time.get("datetime", "")[:10])
    except ValueError:
        return None


def mentions_in(root: Any, names: Mapping[str, str]) -> list[Mention]:
    """Who is mentioned, in order, once for each time."""
    found = []
    for link in each(root, AC + "link"):
        target = target_in(link) if link.find(RI + "user") is not None else None
        if target and target.account_id:
            written = text_of(link, names).removeprefix("@") if has_words(link) else None
            found.append(Mention(target.account_id, names.get(target.account_id) or written or None))
    return found


def code_in(root: Any) -> list[Code]:
    """The blocks of code in order."""
    found = []
    for element in each(root, "pre", *MACROS):
        if element.tag == "pre":
            found.append(Code(None, None, source_in(element).strip("\n")))
        elif name_of(element) in _CODE_MACROS:
            values = parameters_of(element)
            body = element.find(AC + "plain-text-body")
            source = "" if body is None else source_in(body)
            found.append(Code(values.get("language") or None, values.get("title") or None, source))
    return found


def images_in(root: Any) -> list[Image]:
    """The images in order."""
    found = []
    for element in each(root, "img", AC + "image"):
        if element.tag == "img":
            given = {key: element.get(key) or None for key in ("src", "alt", "width", "height")}
            target = addressed(given["src"]) if given["src"] else None
            filename = target.filename if target else None
            found.append(
                Image(filename, given["src"], given["alt"], None, given["width"], given["height"], None, None)
            )
            continue
        target = target_in(element)
        caption = element.find(AC + "caption")
        found.append(
            Image(
                target.filename if target else None,
                target.url if target else None,
                element.get(AC + "alt") or None,
                None if caption is None else text_of(caption, {}),
                element.get(AC + "width") or None,
                element.get(AC + "height") or None,
                target.title if target else None,
                target.space_key if target else None,
            )
        )
    return found


def macros_in(root: Any, names: Mapping[str, str]) -> list[Macro]:
    """The macros in order, those inside others too."""
    return [
        Macro(name_of(element), parameters_of(element, _spelt), _body(element, names))
        for element in each(root, *MACROS)
    ]


def _spelt(target: Target) -> str:
    """What a parameter names as the editor's document spells it: a page with its space, a person by the id."""
    if target.account_id:
        return target.account_id
    return f"{target.space_key}:{target.title}" if target.space_key and target.title else target.words


def _body(macro: Any, names: Mapping[str, str]) -> str | None:
    rich = macro.find(AC + "rich-text-body")
    if rich is not None:
        return text_of(rich, names)
    plain = macro.find(AC + "plain-text-body")
    return None if plain is None else source_in(plain)
