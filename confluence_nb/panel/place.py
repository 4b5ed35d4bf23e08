"""Where something can be shown: the cell that runs in a notebook's kernel, or nowhere."""

from __future__ import annotations

from typing import Any


def running_cell() -> int | None:
    """The number of the notebook's running cell; None in a script and in a plain terminal."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    if shell is None or getattr(shell, "kernel", None) is None:
        return None
    return int(shell.execution_count)


def show(thing: Any) -> None:
    """Put a widget, or a text, where IPython puts what a cell shows."""
    from IPython.display import display

    if isinstance(thing, str):
        display({"text/plain": thing}, raw=True)  # type: ignore[no-untyped-call]
    else:
        display(thing)  # type: ignore[no-untyped-call]
