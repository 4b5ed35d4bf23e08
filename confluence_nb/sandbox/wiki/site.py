"""SiteContent: a generated wiki that can be edited and counted."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import cached_property
from typing import ClassVar

from confluence_nb.sandbox.wiki.moments import milliseconds
from confluence_nb.sandbox.wiki.numbering import Kind, read_id
from confluence_nb.sandbox.wiki.pages import Page, Ref, saved
from confluence_nb.sandbox.wiki.reading import SiteReading
from confluence_nb.sandbox.wiki.registers import Registers
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.statuses import LISTED
from confluence_nb.sandbox.wiki.things import Attachment
from confluence_nb.sandbox.wiki.tree import Node
from confluence_nb.sandbox.wiki.versions import History, Version


class SiteContent(SiteReading):
    """What one Confluence site holds: what is generated (see `SiteReading`), with edits laid over it."""

    # Edits come from a control endpoint and from the thread of a test at once.
    _writing: ClassVar[threading.Lock] = threading.Lock()
    _counted: dict[str, int] | None = None

    @cached_property
    def registers(self) -> Registers:
        """What was looked up once in the whole site."""
        return Registers(self)

    def edit_page(
        self,
        page_id: str,
        *,
        title: str | None = None,
        body: str | None = None,
        parent_id: str | None = None,
        space_id: str | None = None,
    ) -> int:
        """Save a page with what is given, as its next version; the body in storage format.

        Raises
        ------
        KeyError
            When there is no such page, parent or space.
        """
        with self._writing:
            page = self._existing(page_id)
            changes: dict[str, object] = {}
            if title is not None:
                changes["title"] = title
            if body is not None:
                changes["body"] = body
            if parent_id is not None:
                changes["parent"] = self._parent(parent_id)
            if space_id is not None:
                changes["space"] = self._existing_space(space_id).index
            version = self._next_version(page)
            self.pages.lay_over(saved(page, version, **changes))
            self._counted = None
            return version.number

    def delete_page(self, page_id: str) -> None:
        """Move a page to the trash; what hung under it moves up.

        Raises
        ------
        KeyError
            When there is no such page.
        """
        with self._writing:
            page = self._existing(page_id)
            for child in self.tree.children(page.ref):
                if isinstance(child, Node):
                    self.tree.move(child.ref, page.parent)
                else:
                    self.pages.lay_over(child._replace(parent=page.parent))
            self.pages.lay_over(page._replace(status="trashed", parent=None))
            self._counted = None

    def add_page(self, space_id: str, title: str, body: str, parent_id: str | None = None) -> str:
        """Add a page, under the space's homepage unless a parent is given; returns its id.

        Raises
        ------
        KeyError
            When there is no such space or parent.
        """
        with self._writing:
            space = self._existing_space(space_id)
            home = self.homepage(space)
            parent = self._parent(parent_id) if parent_id is not None else home.ref if home else None
            number = self.pages.next_number()
            now = milliseconds(datetime.now(UTC))
            version = Version(1, now, 0, "", False)
            page = Page(
                number=number,
                status="current",
                title=title,
                space=space.index,
                parent=parent,
                position=number * 16 + int(Kind.PAGE),
                author=0,
                owner=0,
                last_owner=None,
                created=now,
                version=version,
                history=History(0, number, 1, now, now, 0),
                subtype=None,
                template=None,
                body=body,
            )
            self.pages.lay_over(page)
            self._counted = None
            return page.id

    def edit_attachment(
        self, attachment_id: str, *, title: str | None = None, size: int | None = None
    ) -> None:
        """Change a file in place.

        Raises
        ------
        KeyError
            When there is no such file.
        ValueError
            When its size would be negative.
        """
        with self._writing:
            file = self.existing_attachment(attachment_id)
            if size is not None and size < 0:
                raise ValueError(f"A file of {size} bytes cannot be. Give 0 or more.")
            self.attached.change(file.number, title=title, size=size)
            # Searches keep what they found until something was edited.
            self.pages.edits += 1

    def existing_attachment(self, attachment_id: str) -> Attachment:
        """The file with that id.

        Raises
        ------
        KeyError
            When there is none.
        """
        file = self.attachment(attachment_id)
        if file is None:
            raise KeyError(f"This site has no attachment with id {attachment_id}.")
        return file

    def counts(self) -> dict[str, int]:
        """How much there is, as plain listings show it; walks the whole site once after each edit."""
        if self._counted is None:
            self._counted = self._count()
        return dict(self._counted)

    def _count(self) -> dict[str, int]:
        statuses = {"current": 0, "archived": 0, "trashed": 0, "draft": 0}
        for number in range(self.pages.generated):
            statuses[self.pages.status_of(number)] += 1
        for page in self.pages.touched():
            if page.number >= self.pages.generated:
                statuses[page.status] += 1
        posts = sum(
            self.blogposts.status_of(number) == "current" for number in range(self.blogposts.generated)
        )
        return {
            "spaces": len(self.spaces),
            "pages": statuses["current"] + statuses["archived"],
            "archived_pages": statuses["archived"],
            "trashed_pages": statuses["trashed"],
            "blogposts": posts,
            "footer_comments": self._count_of(Kind.FOOTER_COMMENT),
            "inline_comments": self._count_of(Kind.INLINE_COMMENT),
            "attachments": sum(
                sum(file.status == "current" for file in self.attachments_of(ref))
                for ref in self.bearers(Kind.ATTACHMENT, 0)
            ),
            "tasks": self._count_of(Kind.TASK),
            "users": len(self.accounts),
        }

    def _count_of(self, kind: Kind) -> int:
        return sum(
            self.attached.count(kind, ref) for ref in self.bearers(kind, 0) if self.owner(ref) is not None
        )

    def _existing(self, page_id: str) -> Page:
        page = self.pages.find(page_id)
        if page is None or page.status not in LISTED:
            raise KeyError(f"This site has no page with id {page_id}.")
        return page

    def _existing_space(self, space_id: str) -> Space:
        space = self.space(space_id)
        if space is None:
            raise KeyError(f"This site has no space {space_id}.")
        return space

    def _parent(self, parent_id: str) -> Ref:
        found = read_id(parent_id)
        if found is None or self.tree.get(Ref(*found)) is None:
            raise KeyError(f"This site has nothing with id {parent_id} that a page could hang under.")
        return Ref(*found)

    def _next_version(self, page: Page) -> Version:
        now = max(milliseconds(datetime.now(UTC)), page.version.created + 1)
        return Version(page.version.number + 1, now, 0, "", False)
