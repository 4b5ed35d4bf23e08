"""Directives that write down what the package knows of itself: lists of the API, commands, magics, knobs."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import confluence_nb
from confluence_nb import DEFAULT_SCOPES
from confluence_nb.api.catalog import Collection, collections
from confluence_nb.cli import main
from confluence_nb.magics import ConfluenceMagics
from confluence_nb.sandbox.options import Options


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls: each directive takes no content and writes Markdown."""
    for name, kind in {
        "errors-and-warnings": Exceptions,
        "lists-of-the-api": Lists,
        "default-scopes": Scopes,
        "commands": Commands,
        "magics": Magics,
        "knobs": Knobs,
    }.items():
        app.add_directive(name, kind)
    return {"parallel_read_safe": True}


class _Written(SphinxDirective):
    """A directive that stands for the Markdown it writes."""

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes(self.written(), allow_section_headings=True)

    def written(self) -> str:
        raise NotImplementedError


class Exceptions(_Written):
    """Every error, then every warning, families before their members."""

    def written(self) -> str:
        kinds = [getattr(confluence_nb, name) for name in confluence_nb.__all__]
        kinds = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception)]
        kinds.sort(key=_family)
        names = {
            "Errors": [kind.__name__ for kind in kinds if not issubclass(kind, Warning)]
            + ["content.UnreadableBody"],
            "Warnings": [kind.__name__ for kind in kinds if issubclass(kind, Warning)],
        }
        return "\n".join(
            f"## {head}\n\n```{{eval-rst}}\n"
            + "\n".join(f".. autoexception:: confluence_nb.{name}\n" for name in those)
            + "```\n"
            for head, those in names.items()
        )


def _family(kind: type) -> list[str]:
    """The classes of ours that it comes from, itself the last."""
    return [each.__name__ for each in reversed(kind.__mro__) if each.__module__.startswith("confluence_nb")]


class Lists(_Written):
    """Every list that `wiki.table` reads."""

    def written(self) -> str:
        by_api = {
            "The v2 API": [entry for entry in collections() if not entry.path.startswith("/wiki/")],
            "What is left of the v1 API": [
                entry for entry in collections() if entry.path.startswith("/wiki/")
            ],
        }
        return "\n".join(
            f"## {head}\n\n{''.join(_list(entry) for entry in entries)}" for head, entries in by_api.items()
        )


def _list(entry: Collection) -> str:
    method = "" if entry.method == "GET" else f"{entry.method} "
    takes = ", ".join(
        f"**`{parameter.keyword}`**" if parameter.required else f"`{parameter.keyword}`"
        for parameter in entry.parameters
    )
    scopes = " or ".join(" with ".join(f"`{scope}`" for scope in group) for group in entry.scopes)
    dtypes: dict[str, list[str]] = {}
    for column in entry.columns:
        name = f"`{column.name}`" + ("\\*" if column.asked else "")
        dtypes.setdefault(column.dtype, []).append(name)
    facts = [
        "Deprecated by Atlassian." if entry.deprecated else "",
        f"Takes {takes}." if takes else "Takes nothing.",
        f"Up to {entry.most_at_once:,} rows in one answer." if entry.most_at_once else "",
        f"Scopes: {scopes}." if scopes else "",
    ]
    columns = "".join(f"  - {dtype}: {', '.join(names)}\n" for dtype, names in dtypes.items())
    return f"`{method}{entry.path}`\n: {' '.join(filter(None, facts))}\n\n{columns}\n"


class Scopes(_Written):
    """What a sign-in asks for when nothing else is said."""

    def written(self) -> str:
        return "".join(f"- `{scope}`\n" for scope in DEFAULT_SCOPES)


class Commands(_Written):
    """Each command with its help, as a terminal shows it."""

    def written(self) -> str:
        with click.Context(main, info_name="confluence-nb", max_content_width=90) as context:
            told = [("confluence-nb", main.get_help(context))]
            for name, command in main.commands.items():
                with click.Context(command, info_name=name, parent=context, max_content_width=90) as below:
                    told.append((f"confluence-nb {name}", command.get_help(below)))
        return "\n".join(f"## {name}\n\n```text\n{help_}\n```\n" for name, help_ in told)


class Magics(_Written):
    """Each magic with its docstring; what IPython puts around it for `%cql?` stands as it is."""

    def written(self) -> str:
        told = ""
        for method, names in (
            (ConfluenceMagics.cql, "%%cql and %cql"),
            (ConfluenceMagics.confluence, "%confluence"),
        ):
            said = re.sub(r"\A::\n\n.*?\n\n", "", str(method.__doc__), flags=re.DOTALL)
            prose, mark, arguments = said.partition("positional arguments:")
            prose = "\n".join(line.strip() for line in prose.splitlines())
            told += f"## {names}\n\n{prose}\n\n"
            if mark:
                told += f"```text\n{mark}{arguments.rstrip()}\n```\n\n"
        return told


class Knobs(_Written):
    """What can be turned on the embedded Confluence."""

    def written(self) -> str:
        rows = "".join(
            f"| `{knob.name}` | `{knob.default!r}` | {knob.metadata['about']} "
            f"| {'yes' if knob.metadata['live'] else ''} |\n"
            for knob in fields(Options)
        )
        return f"| knob | without it | what it is | live |\n|---|---|---|---|\n{rows}"
