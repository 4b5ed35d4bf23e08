"""Turns the house's docstrings, written for `help()` and `?`, into what Sphinx reads; adds the columns of frames."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent, indent
from typing import Any

from frames import columns_by_name
from sphinx.application import Sphinx

import confluence_nb
from confluence_nb.content import UnreadableBody
from confluence_nb.errors import ConfluenceNBError

_HEAD = re.compile(r"^(\w+)\n-+\n", re.MULTILINE)
_SOURCE = re.compile(r"^Source: ", re.MULTILINE)
_CODE_AFTER_A_SENTENCE = re.compile(r"(?<=\n\n)((?: {4}.*\n|\n)+)")


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls: from here on each docstring goes through `_rewrite`."""
    app.connect("autodoc-process-docstring", _rewrite)
    return {"parallel_read_safe": False}


def _rewrite(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    text = "\n".join(lines).strip() + "\n"
    said, *sections = _HEAD.split(text)
    rewritten = [_with_code(said)]
    for head, body in zip(sections[::2], sections[1::2], strict=True):
        body, *source = _SOURCE.split(body)
        rewritten += [f".. rubric:: {head}\n", _section(head, body.strip() + "\n")]
        if head == "Returns":
            rewritten.append(_columns(name))
        rewritten += [f"Source: {words}" for words in source]
    if "Returns" not in sections:
        rewritten.append(_columns(name))
    if isinstance(obj, type) and issubclass(obj, ConfluenceNBError):
        anchor = name.rpartition(".")[2].lower()
        rewritten.append(
            f"What to do: `by the sentence on the screen <../troubleshooting.html#{anchor}>`__.\n"
        )
    lines[:] = "\n".join(rewritten).splitlines()


def _with_code(said: str) -> str:
    """An indented block in a docstring is an example."""
    return _CODE_AFTER_A_SENTENCE.sub(lambda block: f".. code-block:: python\n\n{block[1]}\n", said)


def _section(head: str, body: str) -> str:
    if head in ("Parameters", "Attributes", "Raises"):
        link = _error if head == "Raises" else _code
        return "".join(f"{link(names)}\n{indent(about, '    ')}\n" for names, about in _explained(body))
    return _with_code(body)


def _explained(body: str) -> Iterator[tuple[list[str], str]]:
    """The entries of a section: names on a line of their own, what is said of them indented below."""
    for entry in re.split(r"\n(?=\S)", body.rstrip()):
        names, _, about = entry.partition("\n")
        yield [name.strip() for name in names.rstrip(":").split(",")], dedent(about) + "\n"


def _code(names: list[str]) -> str:
    return ", ".join(f"``{name}``" for name in names)


def _error(names: list[str]) -> str:
    ours = {name for name in confluence_nb.__all__ if isinstance(getattr(confluence_nb, name), type)}
    ours.add(UnreadableBody.__name__)
    return ", ".join(
        f":class:`~confluence_nb.{'content.' * (name == UnreadableBody.__name__)}{name}`"
        if name in ours
        else f"``{name}``"
        for name in names
    )


def _columns(name: str) -> str:
    """The columns of the frame that this returns, a row of the table for each dtype."""
    columns = columns_by_name().get(name)
    if columns is None:
        return ""
    dtypes: dict[str, list[str]] = {}
    for column, dtype in columns:
        dtypes.setdefault(dtype, []).append(f"``{column}``")
    rows = "".join(f"   * - {dtype}\n     - {', '.join(names)}\n" for dtype, names in dtypes.items())
    return (
        ".. list-table:: Columns, with all that can be asked for\n   :class: columns\n   :widths: 30 70\n\n"
        f"{rows}\n"
    )
