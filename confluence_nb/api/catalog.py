"""Every list of Confluence's two REST APIs: where it is, what it takes, how it pages, what its rows hold.

What is read one at a time, a page or the count of its views, is here as a list of one row. The facts are in
`catalog.json`, which `tools/build_catalog.py` writes from the official OpenAPI files.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from urllib.parse import quote

from confluence_nb.api.columns import ANY_FORMAT, Column, expanded, promised
from confluence_nb.api.parameters import Parameter, nearest
from confluence_nb.api.removed import gone, replacement
from confluence_nb.errors import ConfluenceNBError

Paging = Literal["cursor", "cql", "offset", "none", "ancestors"]
Scopes = tuple[tuple[str, ...], ...]

V2 = "/wiki/api/v2"

UNSAID_WINDOW = 100
"""Rows asked of a list whose limit has no stated maximum; it answers with fewer when it likes."""

_PLACEHOLDER = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True)
class Collection:
    """One list of the API.

    Parameters
    ----------
    path:
        As in its specification: `/pages/{id}/versions` (v2), `/wiki/rest/api/group` (v1).
    url:
        The same from the root of a site: `/wiki/api/v2/pages/{id}/versions`.
    method:
        `GET`, or `POST` where the ids go in the body.
    paging:
        `cursor` and `cql` follow `_links.next`, `offset` counts with `start`, `ancestors` asks again with
        the highest ancestor's id, `none` is whole in one answer.
    parameters:
        What it takes, those in the path first.
    scopes:
        Alternatives; a grant needs all scopes of any one of them.
    columns:
        What its rows hold, in the order of the specification. See `columns_for`.
    deprecated:
        Whether the specification says so.
    """

    path: str
    url: str
    method: str
    paging: Paging
    parameters: tuple[Parameter, ...]
    scopes: Scopes
    columns: tuple[Column, ...]
    deprecated: bool = False

    @property
    def path_parameters(self) -> tuple[Parameter, ...]:
        """Those that fill the path."""
        return tuple(parameter for parameter in self.parameters if parameter.place == "path")

    @property
    def limit(self) -> Parameter | None:
        """The rows in one answer: its default and its maximum, or None where the API lets none be chosen."""
        return next((parameter for parameter in self.parameters if parameter.name == "limit"), None)

    @property
    def most_at_once(self) -> int | None:
        """The rows to ask of one answer, None where the API lets none be chosen.

        It is the stated maximum; where none is stated, what the list gives unasked, and 100 at the least.
        """
        if self.limit is None:
            return None
        unasked = self.limit.default if isinstance(self.limit.default, int) else 0
        return self.limit.maximum or max(unasked, UNSAID_WINDOW)

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; `space_id`, `space-id` and `spaceId` are one.

        Raises
        ------
        ConfluenceNBError
            When the list takes no such parameter; it names the nearest.
        """
        for parameter in self.parameters:
            if _folded(parameter.name) == _folded(name):
                return parameter
        names = [parameter.keyword for parameter in self.parameters]
        raise ConfluenceNBError(f"{self.path} takes no parameter {name!r}. {nearest(name, names)}")

    def request(self, params: Mapping[str, object]) -> tuple[str, list[tuple[str, str]]]:
        """The URL path and the query of one call, everything checked.

        Parameters
        ----------
        params:
            Values by name; None means not given.

        Returns
        -------
        The path from the root of a site, filled and quoted, and the query's pairs, decoded.

        Raises
        ------
        ConfluenceNBError
            For a name or a value that the API does not take, and for one that it needs and did not get.
        """
        given = self._checked(params)
        path = _PLACEHOLDER.sub(lambda match: quote(given[match[1]][0], safe=""), self.url)
        query: list[tuple[str, str]] = []
        for parameter in self.parameters:
            if parameter.place != "query" or parameter.name not in given:
                continue
            texts = given[parameter.name]
            joined = [",".join(texts)] if parameter.many and parameter.joined else texts
            query += [(parameter.name, text) for text in joined]
        return path, query

    def body(self, params: Mapping[str, object]) -> dict[str, list[str]] | None:
        """The JSON body of one call, everything checked; None when the call has none."""
        given = self._checked(params)
        body = {
            parameter.name: given[parameter.name]
            for parameter in self.parameters
            if parameter.place == "body"
        }
        return body or None

    def columns_for(self, params: Mapping[str, object]) -> tuple[Column, ...]:
        """The columns of the frame that `params` ask for.

        A body is a column only when its format was asked for (`body_format=`, or `expand=body.storage`
        in v1); a space's description is always one. What `expand=` and `include_…=True` add is promised as far
        as the specification describes it, and the ends of a relation as its path names their kinds.
        """
        asked, body = expanded((self._given(params, "expand") or "").split(","))
        for parameter in self.parameters:
            if parameter.place == "path":
                asked.add(f"{parameter.name}={self._given(params, parameter.name)}")
            elif parameter.name.startswith("include-") and self._given(params, parameter.name) == "true":
                asked.add(parameter.name)
        body = self._given(params, "body-format") or body
        return tuple(promised(self.columns, asked, body, self._given(params, "description-format")))

    def _given(self, params: Mapping[str, object], name: str) -> str | None:
        if not any(parameter.name == name for parameter in self.parameters):
            return None
        for key, value in params.items():
            if _folded(key) == _folded(name) and value is not None:
                return ",".join(self.parameter(name).wire(value))
        return None

    def _checked(self, params: Mapping[str, object]) -> dict[str, list[str]]:
        given: dict[str, list[str]] = {}
        for name, value in params.items():
            parameter = self.parameter(name)
            if value is None:
                continue
            if parameter.name in given:
                raise ConfluenceNBError(
                    f"{parameter.name} is given twice, also as {name!r}. Keep one of them."
                )
            given[parameter.name] = parameter.wire(value)
        for parameter in self.parameters:
            if parameter.required and parameter.name not in given:
                keyword = parameter.keyword
                raise ConfluenceNBError(f"{self.path} needs {keyword}. Give it as {keyword}=….")
        return given


def collection(path: str) -> Collection:
    """The list of that path: `/pages`, `pages`, `/wiki/api/v2/pages` or `/wiki/rest/api/group`.

    Also what is read one at a time and has no list: `/pages/{id}`, `/wiki/rest/api/user/current`.

    Raises
    ------
    Gone
        When Atlassian removed it; it names what reads the same.
    ConfluenceNBError
        When neither API has such a list; it names the nearest.
    """
    if not isinstance(path, str):
        raise TypeError(
            f"path is a {type(path).__name__}. Give the path of a list as a string, such as '/pages'."
        )
    wanted = "/" + path.strip().strip("/")
    known = {**_loaded("one_by_one"), **_loaded("collections")}
    for spelling in (wanted, wanted.removeprefix(V2), f"/wiki{wanted}"):
        if spelling in known:
            return known[spelling]
    removed = f"/wiki{wanted.removeprefix('/wiki')}"
    if replacement("GET", removed):
        raise gone("GET", removed)
    close = difflib.get_close_matches(wanted.removeprefix(V2), known, n=1, cutoff=0.5)
    hint = f"Did you mean {close[0]!r}?" if close else "wiki.collections() lists them all."
    raise ConfluenceNBError(f"No list has the path {path!r} in Confluence's REST APIs. {hint}")


def collections() -> tuple[Collection, ...]:
    """Every list of both APIs, in the order of the specifications, v2 first."""
    return tuple(_loaded("collections").values())


def scopes_for(method: str, url_path: str) -> Scopes:
    """The scopes that a call takes, as alternatives; empty for an operation of neither API.

    Parameters
    ----------
    method:
        `GET`, `POST` …
    url_path:
        The path of the call, ids filled in or not: `/wiki/api/v2/pages/123`.
    """
    path = url_path.split("?", 1)[0].rstrip("/")
    for pattern, scopes in _operations().get(method.upper(), ()):
        if pattern.fullmatch(path):
            return scopes
    return ()


def _folded(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


@cache
def _facts() -> dict[str, Any]:
    text = files("confluence_nb.api").joinpath("catalog.json").read_text(encoding="utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


@cache
def _loaded(kept: Literal["collections", "one_by_one"]) -> dict[str, Collection]:
    facts = _facts()
    columns = {name: tuple(_column(*entry) for entry in entries) for name, entries in facts["rows"].items()}
    return {
        path: Collection(
            path=path,
            url=path if path.startswith("/wiki/") else V2 + path,
            method=fact.get("method", "GET"),
            paging=fact["paging"],
            parameters=tuple(_parameter(entry) for entry in fact.get("parameters", ())),
            scopes=_alternatives(fact["scopes"]),
            columns=columns[fact["row"]] + _held(columns, fact),
            deprecated=fact.get("deprecated", False),
        )
        for path, fact in facts[kept].items()
    }


def _held(columns: Mapping[str, tuple[Column, ...]], fact: Mapping[str, Any]) -> tuple[Column, ...]:
    """What comes up a level, when asked for, from the content that a search row holds."""
    taken = {column.name for column in columns[fact["row"]]}
    return tuple(
        replace(column, asked=f"{part}.{column.asked}" if column.asked else "")
        for part, row in fact.get("holds", {}).items()
        for column in columns[row]
        if column.name not in taken and (column.asked or ANY_FORMAT in column.source)
    )


def _column(name: str, dtype: Any, source: str, categories: Iterable[str] = (), asked: str = "") -> Column:
    return Column(name, dtype, tuple(source.split(".")), tuple(categories), asked)


def _parameter(entry: dict[str, Any]) -> Parameter:
    return Parameter(**{**entry, "allowed": tuple(entry.get("allowed", ()))})


def _alternatives(scopes: Iterable[Iterable[str]]) -> Scopes:
    return tuple(tuple(alternative) for alternative in scopes)


@cache
def _operations() -> dict[str, list[tuple[re.Pattern[str], Scopes]]]:
    """By method, the templates as patterns; where two of them match a path, they ask for the same scopes."""
    reads = (*collections(), *_loaded("one_by_one").values())
    known = [(f"{entry.method} {entry.url}", entry.scopes) for entry in reads]
    known += [(operation, _alternatives(scopes)) for operation, scopes in _facts()["scopes"].items()]
    table: dict[str, list[tuple[re.Pattern[str], Scopes]]] = {}
    for operation, scopes in known:
        method, template = operation.split(" ", 1)
        pieces = [re.escape(piece) for piece in _PLACEHOLDER.split(template)[::2]]
        table.setdefault(method, []).append((re.compile("[^/]+".join(pieces)), scopes))
    return table
