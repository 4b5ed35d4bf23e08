"""Nothing public is undocumented, and what the docstrings tell of frames is what the frames have."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import app_of, open_wiki
from frame_calls import CALLS, MORE_SCOPES
from frame_rows import DTYPES

import confluence_nb
from confluence_nb import DEFAULT_SCOPES, Wiki
from confluence_nb.sandbox import Sandbox

# Their columns are those of whatever they are asked for.
OF_ANY_SHAPE = {"table", "resume"}

FRAMES = sorted(
    name
    for name, method in inspect.getmembers(Wiki, inspect.isfunction)
    if not name.startswith("_") and inspect.signature(method).return_annotation == "pd.DataFrame"
)

_HEAD = re.compile(r"^(?P<head>\w+)\n-+\n", re.MULTILINE)
_NAME_OR_DTYPE = re.compile(rf"`(?P<column>[a-z]\w*)`|\b(?P<dtype>{'|'.join(DTYPES)})s?\b")


def docstring(name: str) -> str:
    return inspect.getdoc(getattr(Wiki, name)) or ""


def section(name: str, head: str) -> str:
    """One section of a method's docstring, up to the next one; blank when it has none."""
    parts = _HEAD.split(docstring(name))
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(head, "").strip()


def documented_parameters(name: str) -> dict[str, str]:
    """The parameters that a docstring explains, each with what it says."""
    found: dict[str, str] = {}
    explained: list[str] = []
    for line in section(name, "Parameters").splitlines():
        if line and not line.startswith(" ") and line.endswith(":"):
            explained = [one.strip().lstrip("*") for one in line.rstrip(":").split(",")]
            found |= dict.fromkeys(explained, "")
        else:
            found |= {one: f"{found[one]} {line.strip()}" for one in explained}
    return found


def documented_columns(name: str) -> dict[str, str]:
    """The columns in a docstring's list of them, with the dtype that follows each run of names."""
    columns: dict[str, str] = {}
    waiting: list[str] = []
    listed = re.sub(r"\([^()]*\)", "", section(name, "Returns").partition("\n\n")[0])
    for piece in _NAME_OR_DTYPE.finditer(listed):
        if piece["column"]:
            waiting.append(piece["column"])
        else:
            columns |= dict.fromkeys(waiting, piece["dtype"])
            waiting = []
    assert waiting == [], f"the docstring of {name} gives no dtype for {waiting}"
    return columns


@pytest.fixture(scope="module")
def everything() -> Iterator[Wiki]:
    """A small wiki, signed in with the scopes of every helper."""
    with Sandbox(pages=60, spaces=2) as sandbox:
        wiki = open_wiki(sandbox, app=app_of(sandbox, scopes=[*DEFAULT_SCOPES, *MORE_SCOPES]))
        wiki.sign_in(sandbox.approve(wiki.consent_url))
        yield wiki.use("acme")


def test_every_public_name_says_what_it_is() -> None:
    """Each class and function in `__all__`, by a docstring of its own."""
    for name in confluence_nb.__all__:
        public: Any = getattr(confluence_nb, name)
        if inspect.isclass(public) or inspect.isfunction(public):
            said = (public.__doc__ or "").strip()
            assert said, name
            assert not said.startswith(f"{name}("), f"{name} has only what dataclass writes"


@pytest.mark.parametrize(
    "function", [confluence_nb.connect, confluence_nb.demo, confluence_nb.cql], ids=lambda it: it.__name__
)
def test_the_functions_explain_their_parameters(function: Callable[..., Any]) -> None:
    said = inspect.getdoc(function) or ""
    for parameter in inspect.signature(function).parameters:
        assert re.search(rf"^(?:[\w*]+, )*\**{parameter}(?:, [\w*]+)*:$", said, re.MULTILINE), parameter


def test_every_method_of_a_wiki_says_what_it_does() -> None:
    without = [
        name
        for name, method in inspect.getmembers(Wiki, inspect.isfunction)
        if not name.startswith("_") and not inspect.getdoc(method)
    ]
    assert without == []


def test_there_is_a_call_for_every_helper() -> None:
    assert set(FRAMES) == set(CALLS) | OF_ANY_SHAPE


@pytest.mark.parametrize("name", FRAMES)
def test_a_helper_explains_its_parameters(name: str) -> None:
    parameters = list(inspect.signature(getattr(Wiki, name)).parameters)[1:]
    assert sorted(documented_parameters(name)) == sorted(parameters)


@pytest.mark.parametrize("name", FRAMES)
def test_a_helper_says_what_it_returns_and_where_that_is_specified(name: str) -> None:
    assert section(name, "Returns")
    assert re.search(r"^Source: \S.*\.$", docstring(name), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_the_columns_in_the_docstring_are_those_of_the_frame(
    everything: Wiki, tmp_path: Path, name: str
) -> None:
    frame = CALLS[name](everything, everything.pages(limit=10), tmp_path)
    dtypes = {column: str(dtype) for column, dtype in frame.dtypes.items()}
    told = documented_columns(name)
    assert told
    assert {column: DTYPES[dtype] for column, dtype in told.items()} == {
        column: dtypes.get(column) for column in told
    }
    parameters = documented_parameters(name)
    added = re.findall(r"`([a-z]\w*)`", parameters.get("names", ""))
    assert {column: dtypes.get(column) for column in added} == dict.fromkeys(added, "string")
    if "…" not in section(name, "Returns").partition("\n\n")[0]:
        assert set(dtypes) == {*told, *added}
