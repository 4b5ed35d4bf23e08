"""Values that nobody can have meant, and what may come of them: a sentence, before anything is asked."""

from __future__ import annotations

import datetime
import decimal
import linecache
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import confluence_nb
from confluence_nb import ConfluenceNBError

HALF = "\ud800"
PACKAGE = str(Path(confluence_nb.__file__).parent)


class Asked(Exception):
    """Something was about to be asked: the value passed as one that may be meant."""


class Odd:
    """An object of no use whose repr is a book."""

    def __repr__(self) -> str:
        return "odd " * 50_000


MAKERS: list[Callable[[], Any]] = [
    *(
        lambda value=value: value
        for value in (None, True, False, 0, -1, 1, 2**63, 2**64, -(10**30), 10**400, 1.5)
    ),
    *(
        lambda value=value: value
        for value in (math.nan, math.inf, -math.inf, -0.0, 1e308, 5 + 2j, decimal.Decimal("NaN"))
    ),
    *(
        lambda value=value: value
        for value in ("", " ", "\0", HALF, f"a{HALF}b", "x" * 200_000, "é" * 300, "\u202e", "../x")
    ),
    *(
        lambda value=value: value
        for value in ("%2e%2e/x", "http://[", "nan", "1", "-1", "'; drop", "{}", "{a}", "https://é.x/a")
    ),
    *(
        lambda value=value: value
        for value in (b"", b"\xff", b"pages", bytearray(b"x"), pd.NA, pd.NaT, np.nan, Ellipsis, int)
    ),
    *(
        lambda value=value: value
        for value in (np.int64(5), np.int8(-1), np.float64("nan"), np.bool_(True), np.str_("x"))
    ),
    *(
        lambda value=value: value
        for value in (datetime.date.min, pd.Timestamp.max, datetime.timedelta(1), Path("\0"))
    ),
    *(list, dict, set, tuple, frozenset, Odd, object, lambda: Odd, lambda: len, lambda: lambda: None),
    *(
        lambda: [None],
        lambda: [[]],
        lambda: [[["a"]]],
        lambda: [HALF],
        lambda: [math.nan, "a"],
        lambda: ["1", None],
    ),
    *(
        lambda: {"a": 1},
        lambda: {1: {2: [3]}},
        lambda: {None},
        lambda: ("a", b"b"),
        lambda: range(3),
        lambda: iter(()),
    ),
    *(
        lambda: (x for x in "ab"),
        lambda: (x for x in ()),
        lambda: iter([None]),
        lambda: [Odd()],
    ),
    *(
        pd.DataFrame,
        lambda: pd.DataFrame({"a": [1]}),
        lambda: pd.DataFrame({"id": [None, "x"]}),
        lambda: pd.DataFrame([[1]]),
    ),
    *(
        lambda: pd.DataFrame({"id": [[1], {}], "body": [1, b"x"]}),
        lambda: pd.DataFrame({"id": ["1"], "title": [HALF]}, dtype=object),
    ),
    *(
        lambda: pd.DataFrame([["1", "2"]], columns=["id", "id"]),
        lambda: pd.DataFrame({"id": pd.Categorical(["1"])}),
    ),
    *(
        lambda: pd.Series(dtype=object),
        lambda: pd.Series([HALF, None], dtype=object),
        lambda: pd.Series([1.5]),
        lambda: pd.Index([]),
    ),
    *(
        lambda: pd.Series([["a"]]),
        lambda: np.array([]),
        lambda: np.array(5),
        lambda: np.array([[1, 2]]),
        lambda: np.array(["x"]),
    ),
]
"""Each makes one anew: some are used up by looking at them."""


def odd_values() -> st.SearchStrategy[Any]:
    """One of them, or one that nobody has thought of."""
    plain = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=30)
        | st.binary(max_size=10)
    )
    nested = st.recursive(
        plain,
        lambda inside: (
            st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=3), inside, max_size=2)
        ),
        max_leaves=6,
    )
    return st.one_of(st.sampled_from(MAKERS).map(lambda make: make()), plain, nested)


def complaint(call: Callable[[], object]) -> str | None:
    """What is wrong with how a call refuses; None where it refuses as it should, or takes the value."""
    try:
        call()
    except Asked:
        return None
    except ConfluenceNBError as error:
        return None if is_a_sentence(str(error)) else f"no sentence: {error!r:.300}"
    except (TypeError, ValueError) as error:
        if not raised_here(error):
            return f"not ours, {where(error)}: {error!r:.300}"
        return None if is_a_sentence(str(error)) else f"no sentence: {error!r:.300}"
    except Exception as error:
        return f"{where(error)}: {error!r:.300}"
    return None


def is_a_sentence(text: str) -> bool:
    """Whether this can be said to a person."""
    text = text.partition("\nMore about it: ")[0]
    return 20 < len(text) < 5_000 and bool(re.search(r"[.?!)]\s*$", text)) and " " in text


def raised_here(error: BaseException) -> bool:
    """Whether a line of the package says `raise`, not something that it called."""
    file, line = innermost(error)
    return file.startswith(PACKAGE) and linecache.getline(file, line).lstrip().startswith("raise ")


def where(error: BaseException) -> str:
    file, line = innermost(error)
    return f"{file.removeprefix(PACKAGE)}:{line}"


def innermost(error: BaseException) -> tuple[str, int]:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return ("", 0) if trace is None else (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
