"""The sites of a sign-in as a list to choose from, with a filter where there are many."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets

from confluence_nb.api.portal import portal
from confluence_nb.oauth.sites import Site
from confluence_nb.panel import words

FILTERED_ABOVE = 8
"""As many lines are taken in at a glance; more are looked through by typing."""

ROWS = 6
"""Lines of the list, fewer when there are fewer: what is below it stays where it is while one types."""

_WIDE = {"width": "auto"}


class SiteChoice(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A list in which nothing is picked at first but the site in use."""

    def __init__(self) -> None:
        self.filter = widgets.Text(description="Filter", placeholder="name or address", layout=_WIDE)
        self.list = widgets.Select(description="Site", layout=_WIDE)
        self._found = widgets.HTML()
        self._lines: tuple[tuple[str, str], ...] = ()
        self.filter.observe(lambda _: portal.submit(self._narrow()), names="value")
        self._narrowing = widgets.HBox([self.filter, self._found])
        for widget, name in ((self._narrowing, "cnb-entry"), (self.list, "cnb-sites")):
            widget.add_class(name)
        self._narrowing.add_class("cnb-one-box")
        super().__init__([self._narrowing, self.list])
        self.offer((), None)

    def __repr__(self) -> str:
        return "List of sites (part of the Confluence sign-in panel)"

    def offer(self, sites: Sequence[Site], used: Site | None) -> None:
        """Fill the list; the same sites again leave what is picked and typed."""
        lines = tuple((words.site_label(site), site.id) for site in sites)
        if lines == self._lines and lines:
            return
        self._lines = lines
        is_long = len(lines) > FILTERED_ABOVE
        self._narrowing.layout.display = None if is_long else "none"
        self.list.layout.display = None if lines else "none"
        self.list.rows = max(2, min(ROWS, len(lines)))
        self.filter.value = ""
        self._show(lines, used.id if used is not None else None)
        self._count(lines)

    async def _narrow(self) -> None:
        wanted = self.filter.value.casefold().split()
        lines = tuple(line for line in self._lines if all(word in line[0].casefold() for word in wanted))
        if lines != self.list.options:
            self._show(lines, lines[0][1] if len(lines) == 1 else self.list.value)
        self._count(lines)

    def _show(self, lines: tuple[tuple[str, str], ...], picked: str | None) -> None:
        with self.list.hold_sync():  # a pick that arrives before its list leaves nothing picked
            self.list.options = lines
            self.list.value = picked if picked in {value for _, value in lines} else None

    def _count(self, lines: tuple[tuple[str, str], ...]) -> None:
        self._found.value = words.counted(len(lines), len(self._lines), self.filter.value.strip())
