"""How it fits in with others: logging that waits to be asked for, warnings of its own kinds, pandas as it is set up."""

from __future__ import annotations

import inspect
import logging
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest

import confluence_nb as cnb
from confluence_nb import Wiki, charts, content

PACKAGE = Path(cnb.__file__).parent
KINDS = [
    kind
    for kind in vars(cnb).values()
    if inspect.isclass(kind) and issubclass(kind, Warning) and kind is not cnb.ConfluenceNBWarning
]


# --------------------------------------------------------------------- logging


def test_it_leaves_the_screen_and_the_options_of_pandas_alone() -> None:
    """Nothing is printed, nor logged where nobody has set up logging; what the user has set stays as it is."""
    call = """
import logging

import pandas as pd

names = ["display.max_rows", "display.max_columns", "display.width", "mode.string_storage", "plotting.backend"]
before = [pd.get_option(name) for name in names]

import confluence_nb as cnb

cnb.charts.activity(cnb.demo(sign_in=True, pages=20, spaces=1).pages())
logging.getLogger("confluence_nb").warning("on the screen")
assert before == [pd.get_option(name) for name in names]
"""
    run = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_every_logger_is_under_the_name_of_the_package() -> None:
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for line in source.splitlines():
            if "getLogger(" in line and path.name not in ("_http.py", "unlogged.py"):  # they quiet others
                assert 'getLogger("confluence_nb' in line, path


def test_a_wiki_that_is_read_logs_no_secret(wiki: Wiki, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        wiki.pages(limit=5)
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "Bearer" not in said
    assert "code=" not in said


# -------------------------------------------------------------------- warnings


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_warning_is_of_this_package_and_is_shown_by_default(kind: type[Warning]) -> None:
    assert issubclass(kind, cnb.ConfluenceNBWarning)
    assert issubclass(kind, UserWarning)  # what Python shows unasked, in scripts and in notebooks
    assert (kind.__doc__ or "").strip().endswith(".")


def test_each_warning_has_a_kind_of_its_own() -> None:
    """No `warnings.warn` of the package leaves the category to Python."""
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for call in source.split("warnings.warn")[1:]:
            said = call[: call.index("\n    )") if "\n    )" in call else len(call)]
            assert any(kind.__name__ in said for kind in [*KINDS, cnb.ConfluenceNBWarning]), path


def test_rather_no_frame_than_one_without_a_page(wiki: Wiki) -> None:
    ids = ["999999999", *wiki.pages(limit=3)["id"]]
    with warnings.catch_warnings():
        warnings.simplefilter("error", cnb.LeftOut)
        with pytest.raises(cnb.LeftOut, match="999999999"):
            wiki.labels(ids)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", cnb.LeftOut)
        assert wiki.labels(ids).attrs["skipped"]
    assert told == []


# ---------------------------------------------------------------------- pandas


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("mode.string_storage", "python"),
        ("mode.string_storage", "pyarrow"),
        ("future.infer_string", False),
        ("future.infer_string", True),
    ],
)
@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")
def test_frames_are_the_same_however_pandas_is_set_up(wiki: Wiki, option: str, value: object) -> None:
    """The same columns, types and rows; strings are kept as the user has chosen."""
    usual = wiki.pages(body="storage", names=True)
    with pd.option_context(option, value):
        frame = wiki.pages(body="storage", names=True)
        assert frame["title"].dtype.storage == pd.StringDtype().storage
        none = wiki.pages(title="there is no such title", body="storage", names=True)
        text, links, tables = content.to_text(frame["body"]), content.links(frame), content.tables(frame)
        figure = charts.activity(frame)
    assert frame.astype(usual.dtypes).equals(usual)
    assert [str(dtype) for dtype in frame.dtypes] == [str(dtype) for dtype in usual.dtypes]
    assert [str(dtype) for dtype in none.dtypes] == [str(dtype) for dtype in usual.dtypes]
    assert text.equals(content.to_text(usual["body"]).astype(text.dtype))
    assert len(links) == len(content.links(usual))
    assert len(tables) == len(content.tables(usual))
    assert len(figure.data) == len(charts.activity(usual).data)


def test_a_frame_shows_as_pandas_is_told_to(wiki: Wiki) -> None:
    frame = wiki.pages()
    with pd.option_context("display.max_rows", 4, "display.max_columns", 3):
        assert "60 rows x" in repr(frame)
        assert frame._repr_html_().count("<tr>") < 10
