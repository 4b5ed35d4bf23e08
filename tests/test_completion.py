"""What *Tab* and `?` show in a notebook: the names that are for users, with their parameters, and nothing else."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import confluence_nb as cnb
from confluence_nb import Wiki, charts, content
from confluence_nb.sandbox import Sandbox

PUBLIC = {"cnb": cnb, "content": content, "charts": charts}


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    """A session of IPython, which is what completes in every notebook."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def offered(shell: InteractiveShell, text: str, by_jedi: bool, **names: Any) -> list[str]:
    """What stands in the list that opens, in its order."""
    completer = IPCompleter(shell=shell, namespace=names, use_jedi=by_jedi)
    with provisionalcompleter():
        return [found.text.removeprefix(".") for found in completer.completions(text, len(text))]


@pytest.mark.parametrize("by_jedi", [False, True], ids=["plain", "jedi"])
@pytest.mark.parametrize("name", PUBLIC)
def test_a_module_offers_its_public_names(shell: InteractiveShell, name: str, by_jedi: bool) -> None:
    module: ModuleType = PUBLIC[name]
    assert sorted(offered(shell, f"{name}.", by_jedi, **{name: module})) == sorted(module.__all__)


@pytest.mark.parametrize("by_jedi", [False, True], ids=["plain", "jedi"])
def test_a_wiki_offers_its_calls(shell: InteractiveShell, wiki: Wiki, by_jedi: bool) -> None:
    """Every call and property that is for users, nothing private, and no sandbox where there is none."""
    public = {name for name in vars_of(Wiki) if not name.startswith("_")} | {"partial"}
    assert set(offered(shell, "wiki.", by_jedi, wiki=wiki)) == public


def vars_of(kind: type) -> set[str]:
    return {name for base in kind.__mro__[:-1] for name in vars(base)}


def test_only_a_demo_offers_its_sandbox() -> None:
    demo = cnb.demo(sign_in=True, pages=10, spaces=1)
    try:
        assert "sandbox" in dir(demo)
    finally:
        assert demo.sandbox is not None
        demo.sandbox.close()


def test_to_offer_names_asks_nobody(shell: InteractiveShell, sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.reset_counts()
    for text in ("wiki.", "wiki.site.", "wiki.pages(", "wiki.panel.", "wiki.consent_url."):
        for by_jedi in (False, True):
            offered(shell, text, by_jedi, wiki=wiki)
    assert sandbox.log() == []


def test_a_page_offers_what_it_says(shell: InteractiveShell, wiki: Wiki) -> None:
    page = wiki.page(wiki.pages(limit=1)["id"].iloc[0])
    names = set(offered(shell, "page.", False, page=page))
    assert {"title", "text", "markdown", "tables", "links", "children"} <= names
    assert not {name for name in names if name.startswith(("_", "read"))}


def test_parameters_are_offered_first(shell: InteractiveShell, wiki: Wiki) -> None:
    found = offered(shell, "wiki.pages(", False, wiki=wiki)
    parameters = [f"{name}=" for name in list(inspect.signature(Wiki.pages).parameters)[1:]]
    assert set(found[: len(parameters)]) == set(parameters)


PUBLIC_CALLS = [
    *(
        getattr(Wiki, name)
        for name in dir(Wiki)
        if not name.startswith("_") and callable(getattr(Wiki, name))
    ),
    *(getattr(content, name) for name in content.__all__ if inspect.isfunction(getattr(content, name))),
    *(getattr(charts, name) for name in charts.__all__),
    cnb.connect,
    cnb.cql,
    cnb.open_mirror,
]


@pytest.mark.parametrize("call", PUBLIC_CALLS, ids=lambda call: f"{call.__module__}.{call.__name__}")
def test_a_signature_says_what_there_is_to_give(call: Any) -> None:
    """Names and types, no `*args`; `**params` only where any parameter of the API may stand."""
    signature = inspect.signature(call)
    for name, parameter in signature.parameters.items():
        assert name == "self" or parameter.annotation is not parameter.empty, name
        if parameter.kind is parameter.VAR_POSITIONAL:
            assert call is cnb.cql
        if parameter.kind is parameter.VAR_KEYWORD:
            assert call.__name__ in {"get", "request", "table"} or call is cnb.cql
    assert signature.return_annotation is not signature.empty
