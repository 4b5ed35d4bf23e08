"""The README is true: its code runs in order, its scopes are the ones asked for, its pictures exist."""

from __future__ import annotations

import inspect
import re
import runpy
import textwrap
from pathlib import Path
from typing import Any

import keyring
import nbformat
import pandas as pd
import pytest
from conftest import app_of, open_wiki
from keyring.backends.fail import Keyring

import confluence_nb as cnb
from confluence_nb import DEFAULT_SCOPES, Wiki
from confluence_nb.api.catalog import collections
from confluence_nb.oauth.app import CONSOLE_URL, DEFAULT_REDIRECT_URI
from confluence_nb.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    textwrap.dedent(block)
    for block in re.findall(r"^ *```python\n(.*?)^ *```$", README, re.DOTALL | re.MULTILINE)
]
DEMO, CONNECT, CALLS, ATTRS, PAGE, BODIES, SKIPPED, PICTURES, BREAKS_OFF, RESUME, SCRIPT, MIRROR = range(12)
ERRORS = re.findall(r"^>>> (.*)\n((?:(?!>>>|```).*\n)+)", README, re.MULTILINE)
TABLE = README.partition("| `wiki.` |")[2].partition("\n\n")[0]
COSTS = {
    name: cost
    for calls, _, cost in (line.strip("| ").split(" | ") for line in TABLE.splitlines()[2:])
    for name in re.findall(r"`(\w+)\(", calls)
}
HELPERS = {
    name
    for name, method in inspect.getmembers(Wiki, inspect.isfunction)
    if not name.startswith("_") and inspect.signature(method).return_annotation == "pd.DataFrame"
}


@pytest.fixture
def environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A person at home, with an app of their own, no keyring, and the sandbox for Atlassian's cloud."""
    for name, value in {
        "HOME": str(tmp_path),
        "CONFLUENCE_CLIENT_ID": sandbox.client_id,
        "CONFLUENCE_CLIENT_SECRET": sandbox.client_secret,
        "CONFLUENCE_REDIRECT_URI": sandbox.redirect_uri,
        "CONFLUENCE_AUTH_URL": sandbox.url,
        "CONFLUENCE_API_URL": sandbox.url,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(keyring, "get_keyring", Keyring)
    monkeypatch.chdir(tmp_path)


def run(block: int, names: dict[str, Any]) -> None:
    exec(compile(BLOCKS[block], f"README.md, python block {block + 1}", "exec"), names)


def signed_in(sandbox: Sandbox, wiki: Wiki) -> None:
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    wiki.use("acme")


def test_every_block_has_its_test() -> None:
    assert len(BLOCKS) == 12


def test_the_demo_needs_no_account() -> None:
    names: dict[str, Any] = {}
    run(DEMO, names)
    try:
        assert names["wiki"].site.name == "acme"
    finally:
        names["wiki"].sandbox.close()


def test_the_demo_leaves_the_notebook_with_its_own_cells(capsys: pytest.CaptureFixture[str]) -> None:
    demo = runpy.run_path(str(ROOT / "tools" / "run_demo.py"))
    notebook = nbformat.read(ROOT / "notebooks" / "quickstart.ipynb", as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"][:2]
    sources = [cell.source for cell in notebook.cells]
    demo["run"](notebook)
    assert [cell.source for cell in notebook.cells] == sources
    assert "acme.atlassian.net" in notebook.cells[1].outputs[0]["data"]["text/plain"]
    assert sources[1] in capsys.readouterr().out


@pytest.mark.usefixtures("environment")
def test_the_calls(sandbox: Sandbox) -> None:
    names: dict[str, Any] = {}
    run(CONNECT, names)
    signed_in(sandbox, names["wiki"])
    run(CALLS, names)
    run(ATTRS, names)
    for name in ("spaces", "pages", "recent", "people", "history"):
        assert isinstance(names[name], pd.DataFrame), name
    assert set(names["pages"]["author_id"].dropna()) == set(names["people"]["account_id"])
    said = BLOCKS[ATTRS].partition("#")[2].strip().split(", ")
    assert set(said) == set(names["pages"].attrs)


@pytest.fixture
def names(environment: None, sandbox: Sandbox) -> dict[str, Any]:
    """What a cell knows after the first calls."""
    known: dict[str, Any] = {}
    run(CONNECT, known)
    signed_in(sandbox, known["wiki"])
    run(CALLS, known)
    return known


def test_one_page_and_the_bodies_of_many(names: dict[str, Any]) -> None:
    run(PAGE, names)
    run(BODIES, names)
    page, pages = names["page"], names["pages"]
    assert page.text == pages.set_index("id")["text"][page.id]
    assert set(names["tables"]["page_id"]) <= set(pages["id"])


def test_what_cannot_be_read_is_left_out(names: dict[str, Any]) -> None:
    with pytest.warns(UserWarning, match="999999999"):
        run(SKIPPED, names)
    assert len(names["labels"]) > 0
    (skipped,) = names["labels"].attrs["skipped"]
    assert_said(BLOCKS[SKIPPED].partition("# [")[2].strip().rstrip("]"), repr(skipped))


def test_the_charts(names: dict[str, Any]) -> None:
    run(PICTURES, names)
    shown = [eval(call, names) for call in re.findall(r"^(charts\..*?) +#", BLOCKS[PICTURES], re.MULTILINE)]
    assert len(shown) == len(cnb.charts.__all__)
    assert all(figure.data for figure in shown)


def test_errors_say_what_the_readme_says(names: dict[str, Any]) -> None:
    assert len(ERRORS) == 4
    for call, said in ERRORS:
        with pytest.raises(cnb.ConfluenceNBError) as caught:
            eval(call, names)
        assert_said(" ".join(said.split()), f"{type(caught.value).__name__}: {caught.value}")


def assert_said(shortened: str, whole: str) -> None:
    """The same words, but for what an ellipsis stands for."""
    assert re.fullmatch(".*".join(map(re.escape, shortened.split("…"))), whole), f"{shortened}\n{whole}"


def test_the_table_names_every_helper() -> None:
    assert set(COSTS) == HELPERS - {"resume", "sites"}
    assert f"the {len(collections())} lists" in README


def test_every_call_of_a_wiki_is_named() -> None:
    calls = {name for name, _ in inspect.getmembers(Wiki, inspect.isfunction) if not name.startswith("_")}
    # `get` is the call for raw JSON, and a cell that ends in the wiki shows the panel.
    assert {name for name in calls if f"{name}(" not in README} == {"request", "show_panel"}


def test_a_request_brings_as_many_rows_as_the_table_says() -> None:
    windows = {entry.url: entry.most_at_once for entry in collections()}
    for name, cost in COSTS.items():
        source = re.search(r"Source: `GET (\S+)`", inspect.getdoc(getattr(Wiki, name)) or "")
        window = re.match(r"1 for (\d+) rows", cost)
        if window:
            assert source, name
            assert windows[source[1]] == int(window[1]), name


def test_what_is_asked_of_each_page_costs_what_the_table_says(sandbox: Sandbox) -> None:
    more = ("read:confluence-content.summary", "read:confluence-content.all")
    wiki = open_wiki(sandbox, app=app_of(sandbox, scopes=[*DEFAULT_SCOPES, *more]))
    signed_in(sandbox, wiki)
    pages = wiki.pages(limit=7)
    for name in ("versions", "properties", "likes", "watchers", "restrictions", "views"):
        for_each = re.fullmatch(r"(\d) for each page", COSTS[name])
        assert for_each, name
        assert getattr(wiki, name)(pages).attrs["requests"] == int(for_each[1]) * len(pages), name
    assert COSTS["permissions"] == "1 for each space"
    spaces = wiki.spaces()
    for names in (1, 0):  # which spaces these are is asked once
        assert wiki.permissions(spaces).attrs["requests"] == len(spaces) + names


@pytest.mark.usefixtures("environment", "hurried")
def test_a_pull_that_breaks_off_is_gone_on_with(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    run(CONNECT, names)
    signed_in(sandbox, names["wiki"])
    sandbox.set(error_rate=1.0, retry_after_form="none")
    run(BREAKS_OFF, names)
    assert "rows so far" in capsys.readouterr().out
    assert "pages" not in names
    assert names["wiki"].partial is not None
    sandbox.set(error_rate=0.0)
    run(RESUME, names)
    assert len(names["pages"]) == 60


@pytest.mark.usefixtures("environment")
def test_the_script_signs_in_once(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown: list[str] = []
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return sandbox.approve(shown[-1])

    monkeypatch.setattr("getpass.getpass", answer)
    names: dict[str, Any] = {"print": shown.append}
    run(SCRIPT, names)
    run(SCRIPT, names)
    assert len(asked) == 1
    assert len(pd.read_csv(tmp_path / "pages.csv")) > 0
    assert (tmp_path / "confluence.json").stat().st_mode & 0o777 == 0o600


def test_a_copy_on_disk(names: dict[str, Any], tmp_path: Path) -> None:
    run(MIRROR, names)
    live = names["wiki"].pages(body="storage")
    pd.testing.assert_frame_equal(names["pages"], live)
    assert len(names["changes"]) == 0
    assert names["oldest"]["version_created_at"].is_monotonic_increasing
    assert (tmp_path / "wiki" / "pages").is_dir()


def test_console_steps_are_those_of_the_panel() -> None:
    steps = README.partition("## Your own wiki")[2].partition("\n## ")[0]
    named = set(re.findall(r"`((?:read|readonly|search|write)[\w.-]*:[\w.:-]+)`", steps))
    assert named | {"offline_access"} == set(DEFAULT_SCOPES)
    assert f"`{DEFAULT_REDIRECT_URI}`" in README
    assert f"({CONSOLE_URL})" in README


def test_what_it_points_to_is_there() -> None:
    targets = re.findall(r"\]\((?!https://)([^)]+)\)", README)
    assert len(targets) >= 4
    assert [target for target in targets if not (ROOT / target).is_file()] == []


def test_it_leads_to_what_a_reader_needs_next() -> None:
    listed = set(re.findall(r"\]\(docs/(\w+)\.md\)", README.partition("\n## More\n")[2]))
    begin = {"ten_minutes", "your_own_app", "staying_signed_in", "recipes"}
    assert listed >= begin | {"trust", "troubleshooting", "architecture"}
