"""Closes a widget with everything that it is made of: ipywidgets itself closes the outermost alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import ipywidgets as widgets


class Whole(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A box that takes along what it holds, shown or not, when it is closed."""

    def close(self) -> None:
        """Take it out of the page and out of the kernel's memory."""
        for part in _parts(self):
            if part is not self:
                part.close()
        super().close()


def _parts(outermost: widgets.Widget) -> list[widgets.Widget]:
    """The widget and all that it refers to: children, steps that are not shown, layouts, styles."""
    found: dict[int, widgets.Widget] = {}
    waiting = [outermost]
    while waiting:
        widget = waiting.pop()
        if id(widget) not in found:
            found[id(widget)] = widget
            waiting += _widgets_in(vars(widget))
    return list(found.values())


def _widgets_in(thing: Any) -> Iterator[widgets.Widget]:
    if isinstance(thing, widgets.Widget):
        yield thing
    elif isinstance(thing, (Mapping, list, tuple)):
        for inner in thing.values() if isinstance(thing, Mapping) else thing:
            yield from _widgets_in(inner)
