"""What can be seen without running it: no check is an assert, and no rule of bandit's is off without a reason."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "confluence_nb").rglob("*.py"))

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


def test_no_check_is_an_assert_and_nothing_that_is_read_is_run() -> None:
    """`python -O` takes an assert out; and neither an answer nor a file of ours is ever code."""
    runs = {"eval", "exec", "compile", "__import__", "pickle", "marshal", "shelve", "yaml", "xml"}
    found = []
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        if not re.search(rf"\b(assert|{'|'.join(runs)})\b", text):
            continue  # to read it as a tree takes a hundred times longer
        for node in ast.walk(ast.parse(text)):
            named = []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                named = [node.func.id]
            elif isinstance(node, ast.Import):
                named = [name.name.partition(".")[0] for name in node.names]
            elif isinstance(node, ast.ImportFrom):
                named = [(node.module or "").partition(".")[0]]
            if isinstance(node, ast.Assert) or runs & set(named):
                found.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}")
    assert len(MODULES) > 150
    assert found == []


def test_python_without_asserts_signs_in_reads_and_refuses() -> None:
    done = subprocess.run(
        [sys.executable, "-O", "-c", OPTIMIZED], capture_output=True, text=True, check=False, timeout=300
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


def test_every_type_is_checked() -> None:
    """By `make lint`, for the whole package; only what other libraries do not tell is passed over."""
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    others = mypy.pop("overrides")
    assert mypy == {"python_version": "3.11", "strict": True, "packages": ["confluence_nb"]}
    for each in others:
        assert set(each) == {"module", "ignore_missing_imports"}
        assert not [module for module in each["module"] if module.startswith("confluence_nb")]


def test_the_threat_model_is_written_down() -> None:
    """Each secret with the places where it may be, each party with what it is trusted with, and what is beyond us."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n?)*)", text, re.MULTILINE))
    assert {"client secret", "code and state", "refresh token", "access token"} <= set(
        re.findall(
            r"^\| (client secret|code and state|refresh token|access token)\b",
            parts["What there is to protect"],
            re.M,
        )
    )
    trusted = parts["Who is trusted with what"]
    for party in (
        "two origins",
        "content is not trusted",
        "network is not trusted",
        "Other programs",
        "Other users",
    ):
        assert party in trusted, party
    beyond = parts["What this cannot protect"]
    assert "Binder" in beyond
    assert "shared hub" in re.sub(r"\s+", " ", beyond)
