"""The Python that gives what is looked at as a DataFrame, ready for the next cell."""

from __future__ import annotations

import keyword
from dataclasses import dataclass

from confluence_nb.api.cql import cql
from confluence_nb.explorer.source import Entry, Space

_UNUSUAL = frozenset('"\\')


@dataclass(frozen=True)
class Call:
    """One call of the wiki, and what it gives in words."""

    code: str
    gives: str


def query_for(words: str, space: Space | None) -> str:
    """The CQL that finds pages and blog posts with these words in title or text.

    Parameters
    ----------
    space:
        Where to look; None is the whole site.
    """
    said = "type in (page, blogpost) and (title ~ {words} or text ~ {words})"
    if space is None:
        return cql(said, words=words)
    return cql(f"{said} and space = {{key}}", words=words, key=space.key)


def calls(wiki: str, *, entry: Entry | None, words: str, space: Space | None) -> tuple[Call, ...]:
    """The calls for what is looked at, the nearest first.

    Parameters
    ----------
    wiki:
        The name of the variable that holds the wiki.
    entry, words, space:
        What is chosen, None or blank where nothing is.
    """
    found: list[Call] = []
    if entry is not None:
        own = _literal(entry.id)
        if entry.has_page:
            found.append(Call(f"{wiki}.page({own})", "this page"))
        if entry.can_have_children:
            found.append(Call(f"{wiki}.children({own})", "what is directly below it"))
    if words:
        found.append(Call(f"{wiki}.search({_literal(query_for(words, space))})", "everything found"))
    elif space is not None:
        found.append(Call(f"{wiki}.pages(space={_literal(space.key)})", "every page of the space"))
    else:
        found.append(Call(f"{wiki}.spaces()", "every space"))
    return tuple(found)


def name_in_notebook(thing: object, otherwise: str = "wiki") -> str:
    """How the cells of the running notebook call a thing."""
    try:
        from IPython import get_ipython
    except ImportError:
        return otherwise
    shell = get_ipython()
    names = [] if shell is None else [name for name, value in list(shell.user_ns.items()) if value is thing]
    usable = [name for name in names if name.isidentifier() and not keyword.iskeyword(name)]
    # Jupyter itself calls the results of cells _, _1, …
    return next((name for name in usable if not name.startswith("_")), otherwise)


def _literal(text: str) -> str:
    """The text as Python has it, whatever is in it."""
    return f'"{text}"' if text.isprintable() and not _UNUSUAL & set(text) else repr(text)
