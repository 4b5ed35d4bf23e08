"""A session of IPython without a terminal or a kernel, with the extension loaded."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pandas as pd
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


def new_session(**names: Any) -> InteractiveShell:
    """A session that is nobody's __main__ and keeps no file, with these variables."""
    config = Config({"HistoryManager": {"enabled": False}})
    session = InteractiveShell(config=config, user_module=ModuleType("notebook"))
    session.run_line_magic("load_ext", "confluence_nb")
    session.push(names)
    return session


def run(shell: InteractiveShell, cell: str) -> Any:
    done = shell.run_cell(cell, store_history=True)
    done.raise_error()
    return done.result


def fails(shell: InteractiveShell, cell: str) -> BaseException:
    done = shell.run_cell(cell)
    assert done.error_in_exec is not None
    return done.error_in_exec


def asked(frame: pd.DataFrame) -> str:
    return str(frame.attrs["parameters"]["cql"])
