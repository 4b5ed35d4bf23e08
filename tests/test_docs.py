"""The docs are true and whole: no warning, nothing from elsewhere, every public name, and code that runs."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sphinx.util.inventory import InventoryFile

import confluence_nb as cnb
from confluence_nb import charts, content
from confluence_nb.api.catalog import collections
from confluence_nb.sandbox import Options, Sandbox

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# What a reader's browser fetches by itself; a link is followed by a click alone.
FETCHED = {"src", "srcset", "data", "poster", "action", "formaction"}


def text_of(page: str) -> str:
    return (DOCS / f"{page}.md").read_text(encoding="utf-8")


def public_names() -> Iterator[str]:
    """All that a notebook may name, as it names it."""
    for module, prefix in ((cnb, ""), (content, "content."), (charts, "charts.")):
        for name in module.__all__:
            if not inspect.ismodule(getattr(module, name)):
                yield f"confluence_nb.{prefix}{name}"
    for kind in (cnb.Wiki, cnb.Mirror, cnb.Page, cnb.Site, cnb.OAuthApp, cnb.Cloud, Sandbox):
        home = "confluence_nb.sandbox" if kind is Sandbox else "confluence_nb"
        for name, value in inspect.getmembers(kind):
            is_ours = inspect.isroutine(value) or hasattr(value, "__get__")
            if not name.startswith("_") and is_ours:
                yield f"{home}.{kind.__name__}.{name}"


class Fetched(HTMLParser):
    """The addresses elsewhere that a page fetches when it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            fetches = name in FETCHED or (tag == "link" and name == "href")
            if fetches and re.match(r"(?:\w+:)?//", value or ""):
                self.outside.append(f"{tag} {name}={value}")


@pytest.mark.slow
def test_they_build_without_a_warning_offline_with_every_public_name(tmp_path: Path) -> None:
    """In one test: a build takes some seconds."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-qE", str(DOCS), str(tmp_path)]
    built = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    assert built.returncode == 0, built.stderr[-3_000:]

    inventory = InventoryFile.loads((tmp_path / "objects.inv").read_bytes(), uri="").data
    told = {name for kind, names in inventory.items() if kind.startswith("py:") for name in names}
    missing = sorted(set(public_names()) - told)
    assert missing == [], "name these in the page of docs/reference/ where a user looks for them"

    pages = {
        path.relative_to(tmp_path).as_posix(): path.read_text("utf-8") for path in tmp_path.rglob("*.html")
    }
    for name, page in pages.items():
        fetched = Fetched()
        fetched.feed(page)
        assert fetched.outside == [], name
    for sheet in tmp_path.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", sheet.read_text("utf-8")), (
            sheet.name
        )

    for name in frames_given():
        [described] = re.findall(
            rf'<dt[^>]* id="{re.escape(name)}">(.*?)(?=<dt[^>]* id=|\Z)', whole(pages), re.DOTALL
        )
        assert 'class="columns' in described, f"{name} gives a frame, and the reference has no columns of it"


def frames_given() -> Iterator[str]:
    """What is said to give a DataFrame of columns of its own."""
    of_any_shape = {"table", "resume", "partial", "sql"}
    for kind in (cnb.Wiki, cnb.Mirror):
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            given = inspect.signature(method).return_annotation
            if not name.startswith("_") and given == "pd.DataFrame" and name not in of_any_shape:
                yield f"confluence_nb.{kind.__name__}.{name}"
    for name in ("tables", "links", "macros", "tasks", "mentions", "headings", "code", "images"):
        yield f"confluence_nb.content.{name}"


def whole(pages: dict[str, str]) -> str:
    return "\n".join(page for name, page in pages.items() if name.startswith("reference/"))


def test_a_docstring_names_every_parameter() -> None:
    unnamed = []
    for name in public_names():
        function = dug_out(name)
        if inspect.isfunction(function) or inspect.ismethod(function):
            said = inspect.getdoc(function) or ""
            parameters = [each for each in inspect.signature(function).parameters if each != "self"]
            unnamed += [f"{name}: {each}" for each in parameters if not re.search(rf"\b{each}\b", said)]
    assert unnamed == []


def dug_out(name: str) -> Any:
    """What a full name stands for."""
    found: Any = cnb
    for step in name.split(".")[1:]:
        found = sys.modules.get(f"confluence_nb.{step}") or getattr(found, step)
    return found


def test_the_floors_are_those_that_are_checked() -> None:
    [layers] = [each["layers"] for each in PROJECT["tool"]["importlinter"]["contracts"] if "layers" in each]
    checked = [layer.replace("confluence_nb.", "").split(" | ") for layer in layers]
    table = text_of("architecture").partition("| floor |")[2].partition("\n\n")[0]
    told = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines()[2:]]
    assert [sorted(floor) for floor in told] == [sorted(floor) for floor in checked]


@pytest.mark.parametrize("page", ["architecture", "trust"])
def test_the_files_and_tests_named_are_there(page: str) -> None:
    text = text_of(page)
    files = set(re.findall(r"(?<![\w/])((?:[a-z_]+/)*[a-z_0-9]+\.(?:py|json))\b", text))
    roots = (ROOT, ROOT / "confluence_nb", ROOT / "tests")
    assert [file for file in sorted(files) if not any((root / file).is_file() for root in roots)] == []
    for file, name in re.findall(r"([\w/]+\.py)::(\w+)", text):
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), name


def test_the_figures_of_the_sign_in_are_those_of_the_report() -> None:
    report = (ROOT / "benchmarks" / "reliability.md").read_text(encoding="utf-8")
    told = text_of("trust").partition("## The sign-in lasts")[2].partition("\n## ")[0]
    for figure in re.findall(r"\b\d[\d,]*\d{2}\b", told):
        assert f"| {figure} |" in report, figure
    [lists] = re.findall(r"All (\d+) lists", text_of("trust"))
    assert int(lists) == len(collections())


def run(page: str, names: dict[str, Any]) -> dict[str, Any]:
    for number, block in enumerate(
        re.findall(r"^```python\n(.*?)^```$", text_of(page), re.DOTALL | re.MULTILINE), 1
    ):
        exec(compile(block, f"{page}.md, block {number}", "exec"), names)
    return names


def test_what_the_page_about_trust_shows_is_so() -> None:
    names = run("trust", {})
    try:
        pages = names["pages"]
        assert len(pages) == pages["id"].nunique() == names["there"]["pages"] == 2_000
        assert sum(names["wiki"].sandbox.counts()["faults"].values()) > 0
        assert pages.attrs["complete"]
    finally:
        names["wiki"].sandbox.close()


def test_the_first_cell_of_all_runs() -> None:
    names = run("index", {})
    try:
        assert names["wiki"].site.name == "acme"
    finally:
        names["wiki"].sandbox.close()


def test_a_sandbox_of_ones_own() -> None:
    names = run("reference/sandbox", {"cnb": cnb})
    assert names["app"].client_id == Options().client_id
