"""Runs the examples of the pages in docs/ on an embedded Confluence, and writes under each what it answers."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

import keyring
import pandas as pd
from keyring.backends.fail import Keyring

from confluence_nb import OAuthApp, Wiki
from confluence_nb.sandbox import Sandbox

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = ("ten_minutes", "your_own_app", "staying_signed_in", "recipes")

# A cell, and what stands under it: words, a table, both or nothing.
EXAMPLE = re.compile(
    r"^```python\n(?P<cell>.*?)^```\n"
    r"(?:\n(?P<answer>```text\n.*?^```\n(?:\n(?:\|[^\n]*\n)+)?|(?:\|[^\n]*\n)+))?",
    re.DOTALL | re.MULTILINE,
)
LONGEST = 70


class Today(datetime):
    """One and the same day, so that five years of made-up pages end on it whenever this runs."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(2026, 11, 24, 9, 30, tzinfo=tz)


@contextlib.contextmanager
def a_person_at_home() -> Iterator[Sandbox]:
    """Somebody with an app of their own, no keyring, an empty folder, and a sandbox for Atlassian's cloud."""
    with (
        tempfile.TemporaryDirectory() as home,
        contextlib.chdir(home),
        patch("confluence_nb.sandbox.wiki.reading.datetime", Today),
        patch("confluence_nb.sandbox.wiki.site.datetime", Today),
        patch.object(pd.Timestamp, "now", lambda tz=None: pd.Timestamp(Today.now(UTC)).tz_convert(tz)),
        patch.object(keyring, "get_keyring", Keyring),
        Sandbox(redirect_uri=OAuthApp("id", "secret").redirect_uri) as sandbox,
        patch.dict(
            os.environ,
            {
                "HOME": home,
                "CONFLUENCE_CLIENT_ID": sandbox.client_id,
                "CONFLUENCE_CLIENT_SECRET": sandbox.client_secret,
                "CONFLUENCE_AUTH_URL": sandbox.url,
                "CONFLUENCE_API_URL": sandbox.url,
            },
        ),
    ):
        yield sandbox


def answered(page: str, sandbox: Sandbox) -> str:
    """The page with each answer as it is now."""
    names: dict[str, Any] = {}

    def run(example: re.Match[str]) -> str:
        value, printed = run_cell(example["cell"], names)
        for wiki in list(names.values()):
            if isinstance(wiki, Wiki) and not wiki.signed_in:
                wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        answers = [words(printed)] if printed else []
        answer = "\n".join([*answers, *shown(value)])
        if example["answer"] and said_before(example["answer"], answer):
            answer = example["answer"]
        cell = f"```python\n{example['cell']}```\n"
        return f"{cell}\n{answer}" if answer else cell

    try:
        # What one page keeps in memory, the next would find there.
        with patch.dict("confluence_nb.connect._kernel_memory", clear=True):
            return EXAMPLE.sub(run, page)
    finally:
        for started in {wiki.sandbox for wiki in names.values() if isinstance(wiki, Wiki) and wiki.sandbox}:
            started.close()


def run_cell(cell: str, names: dict[str, Any]) -> tuple[Any, str]:
    """What a cell ends in, and what it printed."""
    body = ast.parse(cell).body
    last = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
        value = None if last is None else eval(compile(last, "<cell>", "eval"), names)
    return value, printed.getvalue()


def shown(value: Any) -> list[str]:
    """What stands under a cell that ends in this value: nothing for a picture, which text cannot show."""
    if isinstance(value, pd.Series):
        value = value.to_frame()
    if isinstance(value, pd.DataFrame):
        return [table(value)]
    return [] if value is None or hasattr(value, "to_plotly_json") else [words(repr(value))]


def words(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


def table(frame: pd.DataFrame) -> str:
    """A frame as a Markdown table; its index where that has a name."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    numbers = [pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes]
    heads = [[in_a_cell(name) for name in frame.columns], ["--:" if right else "---" for right in numbers]]
    rows = [[in_a_cell(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return "".join(f"| {' | '.join(row)} |\n" for row in [*heads, *rows])


def in_a_cell(value: Any) -> str:
    """A value as words that Markdown leaves as they are."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    elif pd.isna(value):
        return ""
    elif isinstance(value, pd.Timestamp):
        value = f"{value:%Y-%m-%d %H:%M}"
    elif isinstance(value, float):
        value = f"{value:.2f}"
    said = " ".join(str(value).split())
    if len(said) > LONGEST:
        said = said[: LONGEST - 1] + "…"
    return re.sub(r"([\\`*\[\]<>|~]|&(?=#?\w+;)|\b_|_\b)", r"\\\1", said)


def said_before(before: str, now: str) -> bool:
    """Whether an answer that was shortened by hand, with an ellipsis, is still true."""
    pattern = ".*".join(map(re.escape, before.split("…")))
    return before.startswith("```") and re.fullmatch(pattern, now, re.DOTALL) is not None


def main() -> int:
    """Write the answers into every page, and say which changed."""
    with a_person_at_home() as sandbox:
        for name in PAGES:
            path = DOCS / f"{name}.md"
            before = path.read_text(encoding="utf-8")
            after = answered(before, sandbox)
            path.write_text(after, encoding="utf-8")
            print(f"{path.name}: {'as it was' if after == before else 'rewritten'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
