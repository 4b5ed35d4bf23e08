"""The widget: spaces, the tree of one or what a search found, and the page that is looked at, with its code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import ipywidgets as widgets

from confluence_nb.api.portal import portal
from confluence_nb.explorer import words
from confluence_nb.explorer.code import calls, query_for
from confluence_nb.explorer.latest import Latest
from confluence_nb.explorer.row_list import RowList
from confluence_nb.explorer.source import Source, Space
from confluence_nb.explorer.style import EXPLORER_CLASS, STYLE
from confluence_nb.explorer.tree import Branch, Found, Node, planted
from confluence_nb.page.preview import preview
from confluence_nb.panel.closing import Whole
from confluence_nb.panel.style import PANEL_CLASS
from confluence_nb.panel.style import STYLE as PANEL_STYLE
from confluence_nb.panel.words import failure, notice

REST_SECONDS = 0.15
"""How long a line is marked before it is read: the arrow keys pass over many."""

MOST_SPACES = 1_000
"""Lines of spaces that are shown; whoever has more finds theirs by the filter."""

WHOLE_SITE = Space("", "", "All spaces")

_SNUG = {"width": "auto"}
_NARROW = {"description_width": "50px"}


class Explorer(Whole):
    """Shows a site's spaces, and leads from them to a page and to the code that reads what is looked at.

    Parameters
    ----------
    source:
        The site.
    wiki_name:
        Tells the name of the variable that the code to copy begins with.
    space_id:
        The space that is open at first, None for none.
    """

    def __init__(self, source: Source, wiki_name: Callable[[], str], space_id: str | None = None) -> None:
        self._source = source
        self._wiki_name = wiki_name
        self._space_wanted = space_id
        self._every_space: list[Space] = []
        self._space: Space | None = None
        self._words = ""
        self._asked: tuple[Space | None, str] = (None, "")
        self._tree: Branch | None = None
        self._found: Found | None = None
        self._looked_at: Node | None = None

        self.search = widgets.Text(
            description="Search",
            placeholder="words in titles and texts",
            continuous_update=False,
            style=_NARROW,
        )
        self.find = widgets.Button(description="Search", button_style="primary", layout=_SNUG)
        self.clear = widgets.Button(description="Back to the tree", layout=_SNUG)
        self.filter = widgets.Text(description="Filter", placeholder="name or key", style=_NARROW)
        self.spaces = RowList("Spaces", self._choose_space)
        self.rows = RowList("Pages", self._look_at)
        self.unfold = widgets.Button(description="Open", layout=_SNUG)
        self.fold = widgets.Button(description="Close", layout=_SNUG)
        self.preview = widgets.HTML(words.hint(words.NOTHING_LOOKED_AT))
        self.status = widgets.HTML()
        self.try_again = widgets.Button(description="Try again", layout=_SNUG)
        self.code = widgets.HTML()

        self._reading_spaces = Latest(self._show_status)
        self._listing = Latest(self._show_status)
        self._looking = Latest(self._show_status)
        self._places = (self._looking, self._listing, self._reading_spaces)
        self.search.observe(lambda _: self._search(), names="value")
        self.find.on_click(lambda _: self._search())
        self.clear.on_click(lambda _: self._back_to_tree())
        self.filter.observe(lambda _: portal.submit(self._show_spaces()), names="value")
        self.unfold.on_click(lambda _: portal.submit(self._unfold()))
        self.fold.on_click(lambda _: portal.submit(self._fold()))
        self.try_again.on_click(lambda _: self._try_again())

        super().__init__(self._lay_out())
        self.add_class(PANEL_CLASS)
        self.add_class(EXPLORER_CLASS)
        self._show_lines()
        self._show_code()
        self._show_status()
        self._reading_spaces.start("Reading the spaces…", self._read_spaces)

    def __repr__(self) -> str:
        # What a saved notebook keeps of a displayed widget.
        return "Confluence explorer (run this cell again to use it)"

    def close(self) -> None:
        """Take the explorer out of the page and out of the kernel's memory, whatever it is reading."""
        portal.submit(self._rest())
        super().close()

    # Handlers: they run on whatever thread and loop the kernel chose, take what was chosen, and return.

    def _choose_space(self, space: Space) -> None:
        self._list_of(None if space is WHOLE_SITE else space, self.search.value.strip())

    def _search(self) -> None:
        self._list_of(self._asked[0], self.search.value.strip())

    def _back_to_tree(self) -> None:
        self.search.value = ""
        self._search()

    def _list_of(self, space: Space | None, said: str) -> None:
        if self._asked == (space, said) and self._listing.error is None:
            return  # Enter and the button after it, or a second click
        self._asked = (space, said)
        self._listing.start("Searching…" if said else "Reading the tree…", lambda: self._list(space, said))

    def _look_at(self, row: Node | Branch) -> None:
        self._looking.start("Reading…", lambda: self._look(row))

    def _try_again(self) -> None:
        for place in self._places:
            place.again()

    # Actions: coroutines on the portal's loop.

    async def _read_spaces(self) -> None:
        listing = self._source.spaces()
        found: list[Space] = []
        while not listing.done:
            found += await listing.window()
            if listing.done or not self._every_space:
                self._every_space = sorted(found, key=_rank)
                await self._show_spaces()
            wanted = next((space for space in found if space.id == self._space_wanted), None)
            if wanted is not None:
                self._space_wanted = None
                self._list_of(wanted, "")

    async def _list(self, space: Space | None, said: str) -> None:
        """The tree of a space, or what a search finds there."""
        if not said:
            await asyncio.sleep(REST_SECONDS)
        self._looking.stop()
        if space != self._space:
            self._tree = None
        self._space, self._words, self._looked_at = space, said, None
        if self.spaces.value is not (space or WHOLE_SITE):
            await self._show_spaces()
        self._found = Found(self._source.search(query_for(said, space))) if said else None
        self.preview.value = words.hint(words.NOTHING_LOOKED_AT)
        self._show_lines()
        self._show_code()
        try:
            if self._found is not None:
                await self._found.read()
            elif space is not None and self._tree is None:
                self._tree = await planted(self._source, space)
        finally:
            self._show_lines()

    async def _look(self, row: Node | Branch) -> None:
        """Show a page, and open what is below it; or read on in a list."""
        await asyncio.sleep(REST_SECONDS)
        node = await self._read_on(row) if isinstance(row, Branch) else row
        if node is None:
            return
        # Each shows what it has as soon as it has it, whatever becomes of the other.
        for failed in await asyncio.gather(self._open_below(node), self._show(node), return_exceptions=True):
            if failed is not None:
                raise failed

    async def _read_on(self, branch: Branch) -> Node | None:
        """The node that now stands where the line for more stood."""
        place = [row for _, row in self.rows.options].index(branch)
        await branch.read()
        self._show_lines()
        lines = self.rows.options[place : place + 1]
        return next((row for _, row in lines if isinstance(row, Node)), None)

    async def _open_below(self, node: Node) -> None:
        if self._found is None and node.entry.can_have_children:
            await node.open(self._source)
            self._show_lines()

    async def _show(self, node: Node) -> None:
        self._looked_at = node
        self._show_lines()
        self._show_code()
        self.preview.value = words.no_page(node.entry)
        if node.entry.has_page:
            page = await self._source.page(node.entry)
            self.preview.value = words.page(preview(page))

    async def _unfold(self) -> None:
        if self._looked_at is not None:
            self._look_at(self._looked_at)

    async def _fold(self) -> None:
        """Close what is looked at; where that is closed, what it hangs under, as the left arrow does in any tree."""
        node = self._looked_at
        if node is None:
            return
        if node.is_open:
            node.is_open = False
            self._show_lines()
        elif (parent := node.parent) is not None:
            parent.is_open = False
            self._looking.start("Reading…", lambda: self._show(parent))

    async def _rest(self) -> None:
        for place in self._places:
            place.stop()

    # Showing: what is on the screen follows from what is known, so that it does not matter who shows it last.

    def _lay_out(self) -> list[widgets.Widget]:
        def pane(name: str, *inside: widgets.Widget) -> widgets.VBox:
            made = widgets.VBox(inside)
            made.add_class(f"cnb-{name}")
            return made

        bar = widgets.HBox([self.search, self.find, self.clear])
        bar.add_class("cnb-bar")
        panes = widgets.HBox(
            [
                pane("spaces", self.filter, self.spaces),
                pane("tree", self.rows, widgets.HBox([self.unfold, self.fold])),
                pane("preview", self.preview),
            ]
        )
        panes.add_class("cnb-panes")
        told = widgets.HBox([self.status, self.try_again])
        told.add_class("cnb-bar")
        told.add_class("cnb-told")
        head = widgets.HTML(PANEL_STYLE + STYLE + words.title(f"Explore {self._source.host}"))
        return [head, bar, told, panes, self.code]

    async def _show_spaces(self) -> None:
        matching = self._matching()
        count = (
            f"{len(matching):,}" if len(matching) <= MOST_SPACES else f"{MOST_SPACES:,} of {len(matching):,}"
        )
        lines = [(words.space_label(space), space) for space in matching[:MOST_SPACES]]
        self.spaces.show([("All spaces", WHOLE_SITE), *lines], at=self._space or WHOLE_SITE)
        self.spaces.description = f"Spaces ({count})"
        self._show_status()

    def _matching(self) -> list[Space]:
        return [space for space in self._every_space if words.matches(space, self.filter.value)]

    def _show_lines(self) -> None:
        shown = self._found or self._tree
        self.rows.show(shown.lines() if shown is not None else [], at=self._looked_at)
        self.rows.description = "Found" if self._words else "Pages"
        for widget, wanted in (
            (self.clear, self._words),
            (self.unfold, self._tree is not None and not self._words),
            (self.fold, self._tree is not None and not self._words),
        ):
            widget.layout.display = None if wanted else "none"

    def _show_code(self) -> None:
        entry = self._looked_at.entry if self._looked_at is not None else None
        self.code.value = words.code(
            calls(self._wiki_name(), entry=entry, words=self._words, space=self._space)
        )

    def _show_status(self) -> None:
        error = next((place.error for place in self._places if place.error is not None), None)
        doing = next((place.doing for place in self._places if place.doing), "")
        self.status.value = notice(doing or self._note()) if error is None else failure(error)
        self.try_again.layout.display = None if error is not None else "none"

    def _note(self) -> str:
        """What there is to say while nothing is wrong and nothing under way."""
        found, tree = self._found, self._tree
        if found is not None:
            counted = words.about_found(len(found.nodes), self._words, self._space, done=not found.has_more)
            return counted if found.was_read else ""
        if self._every_space and not self._matching():
            return words.nothing_left(self.filter.value)
        if self._space is None:
            return words.CHOOSE
        return words.NOTHING_IN_SPACE if tree is not None and tree.is_bare else ""


def _rank(space: Space) -> tuple[bool, bool, str]:
    """Team spaces first, then people's own, then those that were put away, each by name."""
    return space.status == "archived", space.type == "personal", space.name.casefold()
