"""Every error leads to its place in the docs, and the sentences quoted there are those that the package says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import confluence_nb
from confluence_nb.errors import TROUBLESHOOTING, ConfluenceNBError, RateLimited
from confluence_nb.panel.words import failure

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
QUOTES = re.findall(r"^> (.+)$", PAGE, re.MULTILINE)

# Ends one file of a download and is told as a reason in `skipped`: nobody ever catches it.
NEVER_LEAVES = {"Unfit"}


def every_error() -> list[str]:
    """The names of the base and of all that is derived from it, wherever it is defined."""
    for module in walk_packages(confluence_nb.__path__, "confluence_nb."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    found = [ConfluenceNBError]
    for kind in found:
        found += [below for below in kind.__subclasses__() if below.__module__.startswith("confluence_nb")]
    return sorted({kind.__name__ for kind in found} - NEVER_LEAVES)


def sentences(tree: ast.AST) -> Iterator[str]:
    """Every text that the code holds, an ellipsis for each place that is filled in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)


def test_every_error_has_one_heading_of_its_name() -> None:
    names = every_error()
    assert len(names) > 15
    assert [name for name in names if HEADINGS.count(name) != 1] == []


def test_no_two_headings_have_one_anchor() -> None:
    anchors = [heading.lower() for heading in HEADINGS]
    assert sorted(set(anchors)) == sorted(anchors)


def test_a_traceback_ends_with_the_address_of_that_heading() -> None:
    source = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Source"]
    assert f"{source}/blob/main/docs/troubleshooting.md" == TROUBLESHOOTING
    error = RateLimited("Wait a while.")
    assert error.help == f"{TROUBLESHOOTING}#ratelimited"
    shown = "".join(traceback.format_exception_only(error)).splitlines()
    assert shown == ["confluence_nb.errors.RateLimited: Wait a while.", f"More about it: {error.help}"]
    assert str(error) == "Wait a while."


def test_a_notebook_shows_it_too() -> None:
    code = "from confluence_nb.errors import NotFound; raise NotFound('Gone.')"
    command = [sys.executable, "-m", "IPython", "--colors=NoColor", "--no-banner", "-c", code]
    shown = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert f"{TROUBLESHOOTING}#notfound" in shown.stdout + shown.stderr


def test_the_package_says_what_is_quoted() -> None:
    files = sorted((ROOT / "confluence_nb").rglob("*.py"))
    texts = (text for file in files for text in sentences(ast.parse(file.read_text(encoding="utf-8"))))
    said = "\n".join(" ".join(text.split()) for text in texts)
    unknown = [quote for quote in QUOTES if not re.search(".*".join(map(re.escape, quote.split("…"))), said)]
    assert unknown == []


def test_nothing_is_quoted_twice() -> None:
    assert sorted(set(QUOTES)) == sorted(QUOTES)
    assert len(QUOTES) > 50


def test_the_panel_leads_there_too() -> None:
    error = RateLimited("<b>Wait.</b>")
    said = failure(error)
    assert f'href="{error.help}"' in said
    assert "&lt;b&gt;Wait.&lt;/b&gt;" in said
    assert "href" not in failure(ValueError("of nobody's making"))
