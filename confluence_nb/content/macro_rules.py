"""How each macro reads, as text and as Markdown: the one place where they are told apart.

A macro's body is always kept, whatever its rule. The names are those of Confluence's own documentation of its
storage format; a macro that is not here leaves the mark `[macro: name]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Form = Literal["body", "quote", "words", "mark", "anchor"]


@dataclass(frozen=True)
class MacroRule:
    """How one macro reads.

    Parameters
    ----------
    form:
        `body`: its title, then its body. `quote`: the same, in Markdown as a quotation that says its `label`.
        `words`: the words of its parameter; bold in Markdown. `mark`: its `label` in square brackets, with the
        values of its parameters. `anchor`: a place that links lead to; no words.
    label:
        What a reader is told that it is.
    says:
        The parameters that are shown, those that it has; "" is the one without a name.
    says_all:
        Whether all of them are, or the first alone.
    is_inline:
        Whether it stands in the middle of a sentence.
    """

    form: Form
    label: str = ""
    says: tuple[str, ...] = ()
    is_inline: bool = False
    says_all: bool = True


def _mark(label: str, *says: str, is_inline: bool = False) -> MacroRule:
    return MacroRule("mark", label, says, is_inline)


_EMBEDDED = "native-embed:"
"""What the names of whiteboards, databases and the like begin with where a page shows them."""

_TITLES = ("title", "label", "name", "filename", "diagramName")
"""What apps call the words that a reader is shown."""

_BODY = MacroRule("body", says=("title",))

RULES: dict[str, MacroRule] = {
    # Words and blocks that authors write into.
    "info": MacroRule("quote", "Info", ("title",)),
    "note": MacroRule("quote", "Note", ("title",)),
    "tip": MacroRule("quote", "Tip", ("title",)),
    "warning": MacroRule("quote", "Warning", ("title",)),
    "success": MacroRule("quote", "Success", ("title",)),
    "error": MacroRule("quote", "Error", ("title",)),
    "panel": MacroRule("quote", "", ("title",)),
    "expand": _BODY,
    "ui-expand": _BODY,
    "code": _BODY,
    "noformat": _BODY,
    "html": _BODY,
    "excerpt": MacroRule("body", is_inline=True),
    "details": MacroRule("body"),
    "section": MacroRule("body"),
    "column": MacroRule("body"),
    "toc-zone": MacroRule("body"),
    # Of apps that lay out what others show.
    **dict.fromkeys(
        ("ui-tabs", "deck", "tab-group", "content-layer", "content-column", "content-block"),
        MacroRule("body"),
    ),
    **dict.fromkeys(
        ("ui-tab", "card", "tab-pane", "tab"),
        MacroRule("body", says=("title", "label", "name"), says_all=False),
    ),
    "status": MacroRule("words", says=("title", "colour"), is_inline=True, says_all=False),
    "anchor": MacroRule("anchor", says=("",), is_inline=True),
    # Other pages shown inside this one.
    "include": _mark("include", ""),
    "excerpt-include": _mark("excerpt", "", "name", "default-parameter"),
    "html-include": _mark("include", "url"),
    # Files and media.
    "attachments": _mark("attachments", "patterns", "labels"),
    "gallery": _mark("gallery", "title", "include"),
    "multimedia": _mark("media", "name", ""),
    "viewdoc": _mark("file", "name"),
    "viewpdf": _mark("file", "name"),
    "viewppt": _mark("file", "name"),
    "viewxls": _mark("file", "name"),
    "view-file": _mark("file", "name"),
    "widget": _mark("widget", "url"),
    "iframe": _mark("frame", "src"),
    "rss": _mark("feed", "url"),
    # Lists that Confluence makes when somebody looks.
    "toc": _mark("table of contents"),
    "children": _mark("children", "page"),
    "pagetree": _mark("page tree", "root"),
    "pagetreesearch": _mark("search of the page tree", "rootPage"),
    "index": _mark("index of pages"),
    "livesearch": _mark("search", "spaceKey"),
    "search": _mark("search", "query"),
    "contentbylabel": _mark("pages by label", "cql", "label", "labels"),
    "content-by-user": _mark("pages by", ""),
    "content-report-table": _mark("report of pages", "labels"),
    "detailssummary": _mark("report of page properties", "cql", "label"),
    "blog-posts": _mark("blog posts", "content", "spaces"),
    "recently-updated": _mark("recently updated", "spaces"),
    "recently-updated-dashboard": _mark("recently updated", "spaces"),
    "favpages": _mark("favourite pages"),
    "navmap": _mark("map of pages", "", "wrapAfter"),
    "listlabels": _mark("labels", "spaceKey"),
    "popular-labels": _mark("popular labels", "spaceKey"),
    "recently-used-labels": _mark("recently used labels"),
    "related-labels": _mark("related labels", "labels"),
    "space-attachments": _mark("attachments of the space", "space"),
    "space-details": _mark("about the space"),
    "spaces": _mark("spaces", ""),
    "global-reports": _mark("reports"),
    "change-history": _mark("versions of this page"),
    "tasks-report-macro": _mark("report of tasks", "spaces", "assignees"),
    "decisionreport": _mark("report of decisions", "cql"),
    "create-from-template": _mark("button", "buttonLabel"),
    "create-space-button": _mark("button: create a space"),
    # People.
    "profile": _mark("profile", "user", is_inline=True),
    "profile-picture": _mark("picture of", "User", "user", is_inline=True),
    "contributors": _mark("contributors"),
    "contributors-summary": _mark("contributors"),
    "userlister": _mark("people", "groups"),
    "network": _mark("network", "username"),
    "im": _mark("messenger", "", is_inline=True),
    "status-list": _mark("statuses of", "username"),
    # Other programs.
    "jira": _mark("jira", "key", "jqlQuery", is_inline=True),
    "jirachart": _mark("chart of jira", "jql", "jqlQuery"),
    "jirareport": _mark("report of jira", "jql"),
    "junitreport": _mark("report of tests", "url", "directory"),
    "roadmap": _mark("roadmap", "title"),
    "chart": _mark("chart", "title"),
    **dict.fromkeys(
        ("drawio", "drawio-sketch", "inc-drawio"), _mark("diagram", "diagramName", is_inline=True)
    ),
    "gliffy": _mark("diagram", "name", is_inline=True),
    **dict.fromkeys(
        ("mathinline", "mathblock", "easy-math-inline", "easy-math-block", "easy-math-block-l"),
        _mark("formula", "body", "latex", is_inline=True),
    ),
    "eazy-math-inline": _mark("formula", "body", is_inline=True),
    "requirement-yogi": _mark("requirement", "reqKey", is_inline=True),
    "cheese": _mark("cheese"),
    "loremipsum": _mark("lorem ipsum"),
}


def rule_of(name: str) -> MacroRule:
    """The rule of the macro of that name; of one that is not known, a mark that says so."""
    if name.startswith(_EMBEDDED):
        return _mark(name.removeprefix(_EMBEDDED) or "embedded", "url")
    return RULES.get(name) or MacroRule(
        "mark", f"macro: {name}" if name else "macro", _TITLES, is_inline=True, says_all=False
    )
