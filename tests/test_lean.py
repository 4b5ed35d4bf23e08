"""A pull holds little more than its frame, a frame in another order no second copy, an import only what it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import app_of, open_wiki

from confluence_nb.api.catalog import collection
from confluence_nb.frames import FrameBuilder, reordered
from confluence_nb.sandbox import Sandbox

LAZY = (
    *("keyring", "ipywidgets", "IPython", "starlette", "uvicorn", "confluence_nb.sandbox"),
    *("plotly", "deltalake", "duckdb", "dask"),
)

MEASURED = """
import os, re, sys
from pathlib import Path
import confluence_nb

def peak():
    found = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024

wiki = confluence_nb.connect("acme", store=sys.argv[1], profile="lean")
body = sys.argv[2] or None
wiki.pages(body=body, limit=250)
before = peak()
frame = wiki.pages(body=body)
taken = peak() - before
print(len(frame), taken, frame.memory_usage(deep=True).sum())
"""


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    with Sandbox(pages=5_000, spaces=3, sites=1, body_bytes=14_000) as running:
        yield running


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells the most memory held on Linux only")
@pytest.mark.parametrize("body", ["storage", ""], ids=["bodies", "no bodies"])
def test_reading_takes_no_more_than_twice_the_frame(large: Sandbox, tmp_path: Path, body: str) -> None:
    store = str(tmp_path / "sign-in.json")
    wiki = open_wiki(large, store=store, profile="lean")
    wiki.sign_in(large.approve(wiki.consent_url))
    app = app_of(large)
    environment = {
        **os.environ,
        "CONFLUENCE_CLIENT_ID": app.client_id,
        "CONFLUENCE_CLIENT_SECRET": large.client_secret,
        "CONFLUENCE_REDIRECT_URI": app.redirect_uri,
        "CONFLUENCE_AUTH_URL": large.url,
        "CONFLUENCE_API_URL": large.url,
    }
    told = subprocess.run(
        [sys.executable, "-c", MEASURED, store, body],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr
    rows, taken, frame = map(int, told.stdout.split())
    assert rows >= 5_000
    # Windows under way, and what an allocator keeps for later, weigh the same whatever the frame does.
    assert taken <= 2 * frame + 40 * 2**20, f"{taken / 2**20:.0f} MB for a frame of {frame / 2**20:.0f} MB"


def test_long_texts_do_not_wait_as_python_texts() -> None:
    """Each takes up to four bytes for a letter there, twice what a frame of all of them takes."""
    builder = FrameBuilder(collection("/pages").columns_for({"body_format": "storage"}))
    text = "long text " * 150_000
    for number in range(4):
        builder.add([{"id": str(number), "body": {"storage": {"value": text + str(number)}}}], base=None)
    before = sys.getrefcount(text)
    row = {"id": "4", "body": {"storage": {"value": text}}}
    builder.add([row, row, row], base=None)
    del row
    assert sys.getrefcount(text) == before
    assert builder.frame()["body"].str.len().tolist() == [1_500_001] * 4 + [1_500_000] * 3


ORDERS = {
    "as it was": np.arange(3_000),
    "windows": np.concatenate([np.arange(start, start + 250) for start in range(2_750, -1, -250)]),
    "row by row": np.random.default_rng(3).permutation(3_000),
    "some rows": np.arange(100, 700),
    "one row": np.array([7]),
    "no row": np.arange(0),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("letters", [10, 3_000])
def test_another_order_changes_nothing_else(order: str, letters: int) -> None:
    rows = ORDERS[order]
    frame = _frame(letters)
    found = reordered(frame, rows)
    pd.testing.assert_frame_equal(found, frame.iloc[rows].reset_index(drop=True))
    assert found.attrs == frame.attrs
    assert isinstance(found.index, pd.RangeIndex)


def test_another_order_is_no_second_copy_of_large_columns() -> None:
    pa = pytest.importorskip("pyarrow", reason="without it texts are Python's own, and never copied")
    frame = _frame(3_000)
    before = pa.total_allocated_bytes()
    found = reordered(frame, ORDERS["windows"])
    assert pa.total_allocated_bytes() - before < frame["text"].nbytes / 10
    assert found["text"].nbytes >= frame["text"].nbytes


def _frame(letters: int) -> pd.DataFrame:
    """3,000 rows with a column of each kind."""
    numbers = range(3_000)
    frame = pd.DataFrame(
        {
            "text": pd.array([f"{number} " * letters for number in numbers], dtype=pd.StringDtype()),
            "count": pd.array([None if number % 3 else number for number in numbers], dtype="Int64"),
            "kind": pd.Categorical.from_codes([number % 2 for number in numbers], ["page", "blogpost"]),
            "at": pd.to_datetime([number * 10**9 for number in numbers], utc=True),
            "names": pd.Series([["a", str(number)] for number in numbers], dtype=object),
        }
    )
    frame.attrs = {"site": "acme.atlassian.net"}
    return frame


def test_an_import_brings_nothing_that_a_first_look_does_not_need() -> None:
    code = "import sys, confluence_nb; print([name for name in sys.argv[1:] if name in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-c", code, *LAZY], capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.strip() == "[]"


def test_what_comes_late_is_named_right() -> None:
    """A misspelt name would never be loaded either."""
    code = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    subprocess.run([sys.executable, "-c", code, *LAZY], capture_output=True, timeout=60, check=True)
