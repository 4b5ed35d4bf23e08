"""A list of lines to choose from, which tells what a person chose from what was only shown anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import ipywidgets as widgets

_showing: ContextVar[bool] = ContextVar("showing", default=False)


class RowList(widgets.Select):  # type: ignore[misc]  # ipywidgets has no types
    """One widget however many lines: a browser draws its list box at once, and moves in it by the arrow keys.

    Parameters
    ----------
    label:
        What the list holds, above it and for screen readers.
    chosen:
        Called with the value of the line that a person chose.
    """

    def __init__(self, label: str, chosen: Callable[[Any], None]) -> None:
        super().__init__(description=label, rows=12, layout={"width": "auto"})
        self._chosen = chosen
        self.add_class("cnb-rows")
        self.observe(self._changed, names="value")

    def show(self, lines: Sequence[tuple[str, Any]], at: Any = None) -> None:
        """Show these lines; `at` is the value of the one that is marked, where it is among them."""
        token = _showing.set(True)
        try:
            with self.hold_sync():  # a mark that arrives before its list marks another line
                self.index = None
                self.options = lines
                self.index = next((place for place, (_, value) in enumerate(lines) if value is at), None)
        finally:
            _showing.reset(token)

    def _changed(self, change: dict[str, Any]) -> None:
        if not _showing.get() and change["new"] is not None:
            self._chosen(change["new"])
