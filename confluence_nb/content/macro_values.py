"""What a macro is called and what its parameters say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confluence_nb.content.macro_rules import MacroRule
from confluence_nb.content.names import AC
from confluence_nb.content.targets import Target, targets_in

_NAME = AC + "name"
_SOURCE = AC + "plain-text-body"
_BODIES = (AC + "rich-text-body", _SOURCE)
_PARAMETERS = (AC + "parameter", AC + "default-parameter")

MACROS = (AC + "structured-macro", AC + "macro")
"""The elements of macros; `ac:macro` is how old pages spell them."""


_ALONE = frozenset(("body", "div", AC + "rich-text-body", AC + "layout-cell"))


def stands_alone(macro: Any) -> bool:
    """Whether it stands among paragraphs, not among the words of one."""
    parent, before = macro.getparent(), macro.getprevious()
    if parent is None or parent.tag not in _ALONE:
        return False
    words = (parent.text if before is None else before.tail, macro.tail)
    return not any(said and said.strip() for said in words)


_IN_SENTENCES = frozenset(
    [
        *("a", "b", "cite", "code", "del", "em", "i", "s", "span", "strong", "sub", "sup", "time", "u"),
        *(AC + name for name in ("emoticon", "inline-comment-marker", "link")),
    ]
)
_SENTENCES = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th")) | _IN_SENTENCES


def flowing_body(macro: Any) -> Any | None:
    """The element with the words of a macro that stands, body and all, in the middle of a sentence; None for others."""
    parent, before, after = macro.getparent(), macro.getprevious(), macro.getnext()
    if parent is None or parent.tag not in _SENTENCES:
        return None
    around = (parent.text if before is None else before.tail, macro.tail)
    is_in_words = any(said and said.strip() for said in around)
    if not is_in_words and all(
        beside is None or beside.tag not in _IN_SENTENCES for beside in (before, after)
    ):
        return None
    body = next((child for child in macro if child.tag in _BODIES), None)
    if body is None:
        return None
    if len(body) == 1 and body[0].tag == "p" and not f"{body.text or ''}{body[0].tail or ''}".strip():
        body = body[0]
    if any(child.tag not in _IN_SENTENCES and child.tag != "br" for child in body):
        return None
    return body if body.tag != _SOURCE or "\n" not in (body.text or "").strip() else None


def name_of(macro: Any) -> str:
    """The name of a macro."""
    return str(macro.get(_NAME, "")) if macro is not None else ""


def parameters_of(
    macro: Any, spoken: Callable[[Target], str] = lambda target: target.words
) -> dict[str, str]:
    """The parameters by name, in order; "" is the one without a name.

    Parameters
    ----------
    spoken:
        What a page, person or file is called that a parameter names.
    """
    found: dict[str, str] = {}
    for child in macro:
        if child.tag not in _PARAMETERS:
            continue
        name = child.get(_NAME, "")
        targets = targets_in(child) if len(child) else []
        value = ", ".join(map(spoken, targets)) if targets else (child.text or "").strip()
        found[name] = f"{found[name]}, {value}" if found.get(name) else value
    return found


def value_of(macro: Any, name: str) -> str:
    """The value of one parameter, or nothing."""
    return parameters_of(macro).get(name, "")


def shown_values(macro: Any, rule: MacroRule, spoken: Callable[[Target], str]) -> list[str]:
    """The values that the macro's rule shows, those that it has."""
    if not rule.says:
        return []
    found = parameters_of(macro, spoken)
    shown = [found[name] for name in rule.says if found.get(name)]
    return shown if rule.says_all else shown[:1]
