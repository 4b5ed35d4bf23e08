"""Every public function on values that nobody can have meant: a sentence, nothing asked, nothing changed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from bad_values import HALF, Asked, Odd, complaint, odd_values
from conftest import open_wiki
from hypothesis import given, settings

import confluence_nb
from confluence_nb import (
    ApiError,
    Cloud,
    ConfluenceNBError,
    OAuthApp,
    Page,
    Site,
    SiteError,
    Wiki,
    charts,
    connect,
    content,
    cql,
    demo,
    open_mirror,
)
from confluence_nb._http import ClientPerLoop
from confluence_nb.sandbox import Sandbox

PAGES = pd.DataFrame(
    {
        "id": ["1", "2"], "title": ["One", "Two"], "space_id": ["7", "7"], "parent_id": [None, "1"],
        "version_number": [1, 2],
        "author_id": ["a", "b"], "created_at": pd.to_datetime(["2024-01-01", "2024-02-01"], utc=True),
        "version_created_at": pd.to_datetime(["2024-03-01", "2024-04-01"], utc=True), "body": ["<p>a</p>", "<p>b</p>"],
        "version_author_id": ["a", "b"], "url": ["https://a.example/1", "https://a.example/2"], "position": [1, 2],
    }
)  # fmt: skip
LABELS = pd.DataFrame({"page_id": ["1", "1", "2"], "name": ["x", "y", "x"]})
EXAMPLES = 3


@dataclass(frozen=True)
class Planned:
    """A public callable, the arguments that make one good call of it, and others that it takes."""

    good: dict[str, Any] = field(default_factory=dict)
    more: tuple[str, ...] = ()


P = Planned
PAGED = P({"pages": "1"})
PLANNED: dict[str, Planned] = {
    **dict.fromkeys(("attachments", "comments", "labels", "likes", "properties", "tasks", "versions"), PAGED),
    **dict.fromkeys(("restrictions", "views", "watchers"), PAGED),
    **dict.fromkeys(("blogposts", "pages", "spaces", "groups", "users", "permissions", "templates", "audit"), P()),
    "ancestors": P({"ids": "1"}), "children": P({"parents": "1"}), "descendants": P({"roots": "1"}),
    "download": P({"attachments": "att1", "folder": "files"}), "explore": P(), "page": P({"id_or_url": "1"}),
    "get": P({"path": "/pages"}, ("limit", "id")), "request": P({"method": "GET", "path": "/pages"}, ("id",)),
    "search": P({"cql": "type = page"}), "sign_in": P({"pasted": "no-code-at-all"}), "use": P({"site": "acme"}),
    "at": P({"site": "acme"}),
    "sync": P({"path": "wiki"}), "table": P({"path": "/pages"}, ("space_id", "status", "sort", "title")),
    **dict.fromkeys(("collections", "quota", "resume", "show_panel", "sign_out", "sites", "status"), P()),
}  # fmt: skip
PLAN = {name: planned for name, planned in PLANNED.items() if hasattr(Wiki, name)}
PLAIN: dict[str, tuple[Callable[..., Any], Planned]] = {
    "cql": (lambda template="text ~ {}", value="a": cql(template, value), P({}, ("template", "value"))),
    "connect": (connect, P({"store": "memory"})),
    "demo": (demo, P({}, ("pages", "spaces", "seed", "latency"))),
    "open_mirror": (open_mirror, P({"path": "nothing-there"})),
    "Cloud": (Cloud, P()),
    "OAuthApp": (OAuthApp, P({"client_id": "id", "client_secret": "secret"})),
    "Sandbox": (Sandbox, P({}, ("pages", "spaces", "seed", "latency", "port"))),
    **{
        f"content.{name}": (getattr(content, name), P({"bodies": "<p>a</p>"}))
        for name in content.__all__
        if name[0].islower()
    },
    **{f"charts.{name}": (getattr(charts, name), P({"pages": PAGES})) for name in charts.__all__},
    "charts.activity": (charts.activity, P({"frame": PAGES})),
    "charts.contributors": (charts.contributors, P({"frame": PAGES})),
    "charts.labels": (charts.labels, P({"frame": LABELS})),
}
MADE = {"Mirror", "Page", "Site", "Wiki"}
"""Classes whose objects come from the functions; those of their methods that take anything are in the plan."""


def parameters(function: Callable[..., Any], planned: Planned) -> list[str]:
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    told = inspect.signature(function).parameters.values()
    return [p.name for p in told if p.name != "self" and p.kind not in kinds] + list(planned.more)


WIKI_CALLS = [
    (name, one)
    for name, planned in PLAN.items()
    for one in dict.fromkeys(parameters(getattr(Wiki, name), planned))
    if one != "client"  # loads Dask, and has tests of its own
]
PLAIN_CALLS = [
    (name, one)
    for name, (function, planned) in PLAIN.items()
    for one in dict.fromkeys(parameters(function, planned))
]


def test_everything_public_is_in_the_plan() -> None:
    functions = set()
    for name in confluence_nb.__all__:
        thing = getattr(confluence_nb, name)
        if isinstance(thing, ModuleType):
            functions |= {f"{name}.{one}" for one in thing.__all__ if one[0].islower()}
        elif inspect.isfunction(thing) or (
            inspect.isclass(thing) and not issubclass(thing, Exception | Warning)
        ):
            functions.add(name)
    assert functions == (set(PLAIN) - {"Sandbox"}) | MADE
    methods = {name for name, _ in inspect.getmembers(Wiki, inspect.isfunction) if not name.startswith("_")}
    assert methods == set(PLAN)
    for kind in (Page, Site):
        assert not [name for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"]


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Sandbox, Wiki]]:
    with Sandbox(pages=60, spaces=3) as sandbox:
        wiki = open_wiki(sandbox)
        yield sandbox, wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def unplugged(shared: tuple[Sandbox, Wiki], elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> Wiki:
    """A signed-in wiki that asks nobody: the test learns that it was about to."""

    def nobody(*given: object, **more: object) -> None:
        raise Asked

    monkeypatch.setattr(ClientPerLoop, "client", nobody)
    monkeypatch.setattr(ClientPerLoop, "client_for_files", nobody)
    monkeypatch.setattr(Sandbox, "start", nobody)
    return shared[1]


def state_of(wiki: Wiki) -> tuple[object, ...]:
    return wiki.signed_in, wiki.site, repr(wiki), repr(wiki.status()), wiki.partial is None


pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize(("name", "parameter"), WIKI_CALLS)
def test_a_method_of_the_wiki(unplugged: Wiki, name: str, parameter: str) -> None:
    before = state_of(unplugged)

    @settings(max_examples=EXAMPLES, database=None)
    @given(value=odd_values())
    def tried(value: object) -> None:
        call = getattr(unplugged, name)
        asked: list[bool] = []

        def called() -> None:
            try:
                call(**{**PLAN[name].good, parameter: value})
            except Asked:
                asked.append(True)
                raise

        wrong = complaint(called)
        assert wrong is None, f"{name}({parameter}={type(value)!s}): {wrong}"
        if asked:
            unplugged._question = None  # it would have been a pull that broke off
        if name not in ("sign_out", "use"):
            assert state_of(unplugged) == before

    if name != "sign_out":
        tried()


@pytest.mark.parametrize(("name", "parameter"), PLAIN_CALLS)
@pytest.mark.usefixtures("unplugged")
def test_a_function(name: str, parameter: str) -> None:
    function, planned = PLAIN[name]

    @settings(max_examples=EXAMPLES, database=None)
    @given(value=odd_values())
    def tried(value: object) -> None:
        wrong = complaint(lambda: function(**{**planned.good, parameter: value}))
        assert wrong is None, f"{name}({parameter}={type(value)!s}): {wrong}"

    tried()


@pytest.mark.parametrize("name", sorted(set(PLAN) - {"sign_out", "sync"}))
@pytest.mark.usefixtures("elsewhere")
def test_what_is_refused_is_not_asked(shared: tuple[Sandbox, Wiki], name: str) -> None:
    """Counted by the server, for values that hardly anything takes."""
    sandbox, wiki = shared
    planned = PLAN[name]
    for parameter in dict.fromkeys(parameters(getattr(Wiki, name), planned)):
        if parameter == "json":
            continue  # the caller's own document: what it may hold is its encoder's word
        for value in (Odd(), [[Odd()]], HALF, b"\xff"):
            before = sandbox.counts()["requests"]
            refused = None
            try:
                getattr(wiki, name)(**{**planned.good, parameter: value})
            except (ConfluenceNBError, TypeError) as error:
                refused = error
            said_by_the_server = isinstance(refused, SiteError) or (
                isinstance(refused, ApiError) and refused.status is not None
            )
            if refused is not None and not said_by_the_server:
                assert sandbox.counts()["requests"] == before, f"{name}({parameter}={type(value)})"
