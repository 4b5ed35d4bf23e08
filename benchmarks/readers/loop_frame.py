"""The plain loop with `pd.DataFrame(rows)` behind it: the least that anybody pays for a frame, untyped and nested."""

import runpy
from pathlib import Path

import pandas as pd

LOOP = runpy.run_path(str(Path(__file__).with_name("loop.py")))


def reader(order):
    """A call that reads every page of the site into a frame."""
    read = LOOP["reader"](order)
    return lambda: pd.DataFrame(read())


def ids(frame, order):
    """The ids of the rows that have what was asked for."""
    return LOOP["ids"](frame.to_dict("records"), order)
