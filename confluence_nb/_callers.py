"""Finds the line outside this package that called it: a warning about a call belongs there, not in the library."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = str(Path(__file__).parent) + os.sep


def callers_level() -> int:
    """How far up the stack, seen from who calls this, the line is that called this package."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level


def callers_line() -> tuple[str, int]:
    """File and line of the call of this package."""
    frame = sys._getframe(callers_level() - 1)
    return frame.f_code.co_filename, frame.f_lineno
