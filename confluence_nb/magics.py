"""CQL in a cell: `%%cql` turns a cell into a frame, `%cql` a line, and `%confluence` shows the panel."""

# IPython's decorators have no types.
# mypy: disable-error-code="untyped-decorator, no-untyped-call, arg-type"

from __future__ import annotations

import ast
import keyword
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from confluence_nb.api.cql import LITERAL, cql
from confluence_nb.connect import connect
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.panel.place import running_cell, show
from confluence_nb.wiki import Wiki

if TYPE_CHECKING:
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

_PLACE = re.compile(rf"{LITERAL}|\{{(?P<lookup>[^{{}}]*)\}}", re.DOTALL)

Names = Mapping[str, Any]


@magics_class
class ConfluenceMagics(Magics):
    """The magics of one IPython session; they know the notebook's variables and keep nothing of their own."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._shell = shell

    @needs_local_scope
    # IPython would put {name} into the line itself, without any quotes.
    @no_var_expand
    @magic_arguments()
    @argument("name", nargs="?", help="the variable that the frame goes to")
    @argument("--limit", type=int, help="rows wanted; all of them without it")
    @argument("--wiki", help="the variable with the Wiki to read; `wiki`, or the only one, without it")
    @line_cell_magic("cql")
    def cql(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> pd.DataFrame:
        """What a query in Confluence's query language finds, as a frame.

        The cell is the query; as `%cql` the rest of the line is, as in `found = %cql title ~ {words}`.

        `{words}` puts the value of a variable in, so that it stays a value; it takes no quotes around it. So do
        `{row.title}`, `{keys[0]}` and `{pages["id"]}`: names, dots and constant indexes, and no other expression.
        Text, numbers, dates, and lists or columns of these. A brace in a text of the query itself is written twice.

        Columns and errors are those of `wiki.search`.
        """
        names = ChainMap(local_ns or {}, self._shell.user_ns)
        with _told_in_a_line():
            return self._search(line, cell, names)

    @no_var_expand
    @line_magic("confluence")
    def confluence(self, line: str) -> None:
        """The sign-in panel.

        `%confluence` shows the panel of the notebook's Wiki. When there is none, it makes one, as
        `wiki = cnb.connect()`. `%confluence acme.atlassian.net` also chooses the site.
        """
        with _told_in_a_line():
            self._show(line.strip().strip("\"'") or None)

    def _search(self, line: str, cell: str | None, names: Names) -> pd.DataFrame:
        if cell is None:
            if line.startswith("--"):
                raise ConfluenceNBError(
                    f"%cql takes a query and no options. {line.split()[0][:80]} is for %%cql, which has the query in "
                    "the lines below it."
                )
            return _the_wiki(names).search(filled_in(line, names))
        given = parse_argstring(self.cql, line)
        _check_target(given.name, names)
        query = filled_in(cell, names)
        frame = _the_wiki(names, given.wiki).search(query, limit=given.limit)
        if given.name is not None:
            self._shell.push({given.name: frame})
        return frame

    def _show(self, site: str | None) -> None:
        names = self._shell.user_ns
        if _wikis(names):
            wiki = _the_wiki(names)
            # Before a sign-in there is no site to choose: the panel asks for it afterwards.
            if site is not None and wiki.signed_in:
                wiki.use(site)
        else:
            _check_free("wiki", names)
            wiki = connect(site)
            self._shell.push({"wiki": wiki})
        if running_cell() is None:
            show(repr(wiki))
        else:
            wiki.show_panel()


def load(shell: InteractiveShell) -> None:
    """Register the magics with a session."""
    shell.register_magics(ConfluenceMagics)


def unload(shell: InteractiveShell) -> None:
    """Take them out again."""
    for kind, names in ConfluenceMagics.magics.items():
        for name in names:
            shell.magics_manager.magics[kind].pop(name, None)


@contextmanager
def _told_in_a_line() -> Iterator[None]:
    """Let IPython tell an error of ours by its class and sentence, without the way that it took through a magic."""
    try:
        yield
    except ConfluenceNBError as error:
        error._render_traceback_ = partial(_as_line, error)  # type: ignore[attr-defined]
        raise


def _as_line(error: ConfluenceNBError) -> list[str]:
    return [f"{type(error).__name__}: {error}", *error.__notes__]


def filled_in(template: str, names: Names) -> str:
    """The query that a cell says, its places filled with the notebook's values."""
    values: list[object] = []
    named: dict[str, object] = {}

    def place(piece: re.Match[str]) -> str:
        lookup = piece["lookup"]
        if lookup is None:
            return piece[0]
        value = _looked_up(lookup.strip(), names)
        if lookup.isidentifier():  # a name in the place becomes a name in what is said about its value
            named[lookup] = value
            return piece[0]
        values.append(value)
        return "{}"

    return cql(_PLACE.sub(place, template.strip()), *values, **named)


def _looked_up(lookup: str, names: Names) -> Any:
    """What a name stands for, followed along its dots and constant indexes; nothing is called or computed."""
    name, steps = _steps(lookup)
    if name not in names:
        raise ConfluenceNBError(f"There is no variable {name}. Run the cell that makes it first.")
    value = names[name]
    try:
        for step in steps:
            value = getattr(value, step) if isinstance(step, str) else value[step[0]]
    except (AttributeError, LookupError, TypeError, ValueError) as missing:
        raise ConfluenceNBError(
            f"{{{lookup}}} is not there ({type(missing).__name__}: {missing}). Look at {name} in a cell of its own."
        ) from None
    return value


def _steps(lookup: str) -> tuple[str, list[str | tuple[Any]]]:
    """A lookup cut apart: its name, then an attribute as text and an index in a tuple of one."""
    steps: list[str | tuple[Any]] = []
    try:
        node = ast.parse(lookup, mode="eval").body
        while not isinstance(node, ast.Name):
            if isinstance(node, ast.Attribute):
                steps.insert(0, node.attr)
            elif isinstance(node, ast.Subscript):
                steps.insert(0, (ast.literal_eval(node.slice),))
            else:
                raise ValueError
            node = node.value
    except (SyntaxError, ValueError):
        raise ConfluenceNBError(
            f"{{{lookup[:80]}}} is no place for a value: that takes a name, with dots or constant indexes, such as "
            '{words}, {row.title} or {pages["id"]}. Compute anything else in a line of its own, and name it.'
        ) from None
    return node.id, steps


def _wikis(names: Names) -> dict[str, Wiki]:
    """The notebook's Wikis by name; IPython's own names for what cells returned (_, _3) do not count."""
    return {name: held for name, held in names.items() if isinstance(held, Wiki) and not name.startswith("_")}


def _the_wiki(names: Names, name: str | None = None) -> Wiki:
    """The Wiki of that name; else `wiki`, else the only one."""
    wikis = _wikis(names)
    if name is not None and name not in wikis:
        there = f"It has: {', '.join(wikis)}." if wikis else "Run wiki = cnb.connect() first."
        raise ConfluenceNBError(f"{name[:80]!r} is no Wiki of this notebook. {there}")
    if not wikis:
        raise ConfluenceNBError(
            "The notebook has no Wiki yet. Run wiki = cnb.connect() first, or %confluence; without an account, "
            "wiki = cnb.demo()."
        )
    chosen = name or ("wiki" if "wiki" in wikis else None)
    if chosen is not None:
        return wikis[chosen]
    if len({id(held) for held in wikis.values()}) > 1:
        raise ConfluenceNBError(
            f"Several Wikis could be meant: {', '.join(wikis)}. Say which, as in %%cql --wiki {next(iter(wikis))}, or "
            "call one of them wiki."
        )
    return next(iter(wikis.values()))


def _check_free(name: str, names: Names) -> None:
    if name in names:
        raise ConfluenceNBError(
            f"The variable {name} is a {type(names[name]).__name__}, and a Wiki would take its place. Give it "
            "another name, or your Wiki: acme = cnb.connect()."
        )


def _check_target(name: str | None, names: Names) -> None:
    if name is None:
        return
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ConfluenceNBError(
            f"{name[:80]!r} is no name of a variable. Give one after %%cql, such as found; the query goes in the "
            "lines below."
        )
    if isinstance(names.get(name), Wiki):
        raise ConfluenceNBError(
            f"{name} is your Wiki, and the frame would take its place. Give another name."
        )
