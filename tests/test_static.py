"""What can be seen without running it: no check is an assert, and no rule of bandit's is off without a reason."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "confluence_nb").rglob("*.py"))

Nodes = list[tuple[str, ast.AST]]

OPTIMIZED = """
import confluence_nb as cnb
assert False, "asserts are gone"
wiki = cnb.demo(sign_in=True, pages=60, spaces=3)
said = [f"{len(wiki.pages())} pages"]
for wrong in (lambda: cnb.Cloud(api_url="http://api.atlassian.com"), lambda: wiki.get("/../../oauth/token")):
    try:
        wrong()
    except cnb.ConfluenceNBError:
        said.append("refused")
print(*said, sep=", ")
"""


@pytest.fixture(scope="module")
def nodes() -> Nodes:
    """Every node of the package's trees, with its place."""
    return [
        (f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]


def test_no_check_is_an_assert(nodes: Nodes) -> None:
    """`python -O` takes them out."""
    assert len(MODULES) > 150
    assert [place for place, node in nodes if isinstance(node, ast.Assert)] == []


def test_python_without_asserts_signs_in_reads_and_refuses() -> None:
    done = subprocess.run(
        [sys.executable, "-O", "-c", OPTIMIZED], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.stdout, done.stderr) == ("60 pages, refused, refused\n", "")


def test_the_rules_of_bandit_are_on_and_each_exception_says_why() -> None:
    """Ruff's S rules are bandit's; in the package they are off for the sandbox's dice, and on lines with a reason."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert not [rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)]
    inside = {
        place: rules for place, rules in lint["per-file-ignores"].items() if place.startswith("confluence_nb")
    }
    assert {rule for rules in inside.values() for rule in rules if rule.startswith("S")} == {"S311"}
    for path in MODULES:
        for line in path.read_text(encoding="utf-8").splitlines():
            _, marked, said = line.partition("# noqa")
            assert not marked or re.match(r": [A-Z]+\d+ \(.+\)$|: F401$", said), (
                f"{path.name}: {line.strip()}"
            )


def test_no_module_runs_a_text_or_loads_a_pickle(nodes: Nodes) -> None:
    """Neither an answer nor a file of ours is ever code."""
    calls = {"eval", "exec", "compile", "__import__"}
    modules = {"pickle", "marshal", "shelve", "yaml", "xml"}
    for place, node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in calls, place
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] not in modules, place
        if isinstance(node, ast.Import):
            assert not modules & {name.name.partition(".")[0] for name in node.names}, place
