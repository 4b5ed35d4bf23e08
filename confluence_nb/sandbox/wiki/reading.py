"""The wiki of one site to read: everything in it by id, what hangs on what, and the bodies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from confluence_nb.sandbox.accounts import Account
from confluence_nb.sandbox.wiki.attached import SEATS, Attached, file_id, owner_of, seat
from confluence_nb.sandbox.wiki.blogposts import BlogPost, BlogPosts
from confluence_nb.sandbox.wiki.bodies import Bodies, Lead, short, written
from confluence_nb.sandbox.wiki.chance import Chance
from confluence_nb.sandbox.wiki.custom_content import CustomContent, CustomContents
from confluence_nb.sandbox.wiki.moments import Timeline, date, milliseconds
from confluence_nb.sandbox.wiki.numbering import Kind, id_of, number_of
from confluence_nb.sandbox.wiki.pages import Page, Pages, Ref
from confluence_nb.sandbox.wiki.spaces import Space, make_spaces
from confluence_nb.sandbox.wiki.statuses import LISTED
from confluence_nb.sandbox.wiki.territory import Territory
from confluence_nb.sandbox.wiki.things import Attachment, Comment, Label, Task
from confluence_nb.sandbox.wiki.tree import Tree
from confluence_nb.sandbox.wiki.words import TOPICS

Owner = Page | BlogPost | Attachment | CustomContent


class SiteReading:
    """What one site holds, edits included; a page is a function of its number, so size costs no memory.

    Parameters
    ----------
    site_url:
        The site's own address, as answers carry it in `_links.base`.
    seed, spaces, pages:
        What is generated: `pages` counts the current and archived ones, those a plain listing shows.
    body_bytes:
        Mean size of a storage body.
    accounts:
        The people of the site; at least one.
    until:
        The end of the five generated years; midnight today (UTC) unless given.
    loses_null_positions:
        Repeat the service's fault on child lists: a window that ends on a child without position is the last.
    """

    def __init__(
        self,
        *,
        site_url: str,
        seed: int,
        spaces: int,
        pages: int,
        accounts: tuple[Account, ...],
        body_bytes: int = 6_000,
        until: datetime | None = None,
        loses_null_positions: bool = False,
    ) -> None:
        end = until or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        chance, territory, people = Chance(seed), Territory(spaces), len(accounts)
        posts = pages // 8
        self.site_url = site_url.rstrip("/")
        self.accounts = accounts
        self.loses_null_positions = loses_null_positions
        self.chance = chance
        self.spaces = make_spaces(spaces, chance, Timeline(end, 1), accounts)
        self.pages = Pages(
            pages,
            spaces=self.spaces,
            territory=territory,
            chance=chance,
            timeline=lambda count: Timeline(end, count),
            accounts=people,
        )
        self.blogposts = BlogPosts(
            posts,
            territory=territory,
            chance=chance,
            timeline=Timeline(end, posts + posts // 8 + 1),
            accounts=people,
        )
        self.custom = CustomContents(self.pages, self.blogposts, chance, people)
        self.tree = Tree(self.pages)
        self.attached = Attached(chance, people, milliseconds(end))
        self.bodies = Bodies(body_bytes, chance, accounts)
        self._homepages = tuple(territory.number(space.index, 0) for space in self.spaces)
        self._space_by_id = {space.id: space for space in self.spaces}
        self._space_by_key = {
            key.casefold(): space for space in self.spaces for key in (space.alias, space.key)
        }
        self._account_by_id = {account.account_id: index for index, account in enumerate(accounts)}

    def space(self, id_or_key: str) -> Space | None:
        """The space with that id, or that key in any case."""
        return self._space_by_id.get(id_or_key) or self._space_by_key.get(id_or_key.casefold())

    def homepage(self, space: Space) -> Page | None:
        """The page a space opens with."""
        number = self._homepages[space.index]
        return self.pages.get(number) if number < self.pages.generated else None

    def is_homepage(self, page: Page) -> bool:
        """True for the page that its space opens with."""
        return self._homepages[page.space] == page.number

    def account_index(self, account_id: str) -> int | None:
        """Where a person stands among the accounts."""
        return self._account_by_id.get(account_id)

    def owner(self, ref: Ref) -> Owner | None:
        """The page, post, file or custom content a comment or label hangs on, unless in the trash."""
        found: Owner | None = None
        match ref.kind:
            case Kind.PAGE:
                found = self.pages.get(ref.number)
            case Kind.BLOGPOST:
                found = self.blogposts.get(ref.number)
            case Kind.ATTACHMENT:
                found = self.attachment(ref.id)
            case Kind.CUSTOM_CONTENT:
                found = self.custom.get(ref.number)
        return found if found is not None and found.status in LISTED else None

    def comment(self, kind: Kind, comment_id: str) -> Comment | None:
        """The footer or inline comment with that id, unless what it hangs on is in the trash."""
        number = number_of(kind, comment_id)
        if number is None:
            return None
        ref, index = owner_of(kind, number)
        if not self._bears(kind, ref) or index >= self.attached.count(kind, ref):
            return None
        owner = self.owner(ref)
        return self.attached.comment(kind, ref, index, owner.history.created) if owner else None

    def comments_of(self, kind: Kind, ref: Ref) -> list[Comment]:
        """Every comment of a kind on one thing, replies included."""
        owner = self.owner(ref)
        return (
            list(self.attached.comments(kind, ref, owner.history.created))
            if owner and self._bears(kind, ref)
            else []
        )

    def attachment(self, attachment_id: str) -> Attachment | None:
        """The file with that id, unless what it hangs on is in the trash."""
        number = number_of(Kind.ATTACHMENT, attachment_id)
        if number is None:
            return None
        ref, index = owner_of(Kind.ATTACHMENT, number)
        if not self._bears(Kind.ATTACHMENT, ref) or index >= self.attached.count(Kind.ATTACHMENT, ref):
            return None
        owner = self.owner(ref)
        return self.attached.attachment(ref, index, owner.history.created) if owner else None

    def attachments_of(self, ref: Ref) -> list[Attachment]:
        """Every file on one thing, those in the trash included."""
        owner = self.owner(ref)
        return (
            list(self.attached.attachments(ref, owner.history.created))
            if owner and self._bears(Kind.ATTACHMENT, ref)
            else []
        )

    def space_of(self, ref: Ref) -> int:
        """The space of a page or post, as an index, without making the whole thing."""
        return (self.pages if ref.kind is Kind.PAGE else self.blogposts).space_of(ref.number)

    def task(self, task_id: str) -> Task | None:
        """The task with that id."""
        number = number_of(Kind.TASK, task_id)
        if number is None:
            return None
        ref, index = owner_of(Kind.TASK, number)
        if not self._bears(Kind.TASK, ref) or index >= self.attached.count(Kind.TASK, ref):
            return None
        owner = self.owner(ref)
        return self.attached.task(ref, index, owner.history.created) if owner else None

    def tasks_of(self, ref: Ref) -> list[Task]:
        """Every task in one body."""
        owner = self.owner(ref)
        return (
            list(self.attached.tasks(ref, owner.history.created))
            if owner and self._bears(Kind.TASK, ref)
            else []
        )

    def labels_of(self, ref: Ref) -> tuple[Label, ...]:
        """The labels of one thing; what was added later has none."""
        return () if self._is_added(ref) else self.attached.labels(ref)

    def likes_of(self, ref: Ref) -> tuple[int, ...]:
        """Who likes one thing, as indexes into the accounts; what was added later nobody does."""
        return () if self._is_added(ref) else self.attached.likes(ref)

    def bearers(self, kind: Kind, first: int, last: int | None = None) -> Iterator[Ref]:
        """What could bear the things of a kind numbered `first` on, in the order of those numbers."""
        end = (last if last is not None else self.end_of(kind)) // SEATS[kind] + 1
        # Past the last page only files bear comments, and their numbers lie far apart.
        dense = min(end, seat(kind, Ref(Kind.PAGE, self.pages.generated + 1), 0) // SEATS[kind])
        for slot in range(first // SEATS[kind], dense):
            ref, _ = owner_of(kind, slot * SEATS[kind])
            if self._bears(kind, ref) and self.attached.count(kind, ref):
                yield ref
        if dense < end and kind is Kind.FOOTER_COMMENT:
            beyond = max(first // SEATS[kind], dense)
            for slot in self._file_slots(owner_of(kind, beyond * SEATS[kind])[0].number):
                if slot >= end:
                    return
                ref, _ = owner_of(kind, slot * SEATS[kind])
                if slot >= beyond and self.attached.count(kind, ref):
                    yield ref

    def _file_slots(self, first: int) -> Iterator[int]:
        """The slots of the footer comments of files, from file number `first` on."""
        seats = SEATS[Kind.ATTACHMENT]
        for ref in self.bearers(Kind.ATTACHMENT, first // seats * seats):
            for index in range(self.attached.count(Kind.ATTACHMENT, ref)):
                file = Ref(Kind.ATTACHMENT, seat(Kind.ATTACHMENT, ref, index))
                if file.number >= first:
                    yield seat(Kind.FOOTER_COMMENT, file, 0) // SEATS[Kind.FOOTER_COMMENT]

    def end_of(self, kind: Kind) -> int:
        """A number that no generated thing of a kind reaches."""
        beyond = self.pages.generated + 1
        if kind is Kind.FOOTER_COMMENT:
            beyond = max(beyond, seat(Kind.ATTACHMENT, Ref(Kind.PAGE, beyond), 0))
        return seat(kind, Ref(Kind.PAGE, beyond), 0)

    def body(self, thing: Page | BlogPost, representation: str, saves_ago: int = 0) -> bytes:
        """A body as a JSON string, quotes included."""
        if isinstance(thing, Page):
            if thing.body is not None and saves_ago < len(thing.later):
                return written(thing.body, representation)
            if thing.number >= self.pages.generated:
                return written(thing.body or "", representation)
        return self.bodies.literal(
            thing.number * 2 + isinstance(thing, BlogPost), self._lead(thing), representation, saves_ago
        )

    def words(self, thing: Page | BlogPost) -> str:
        """A body as plain text."""
        if isinstance(thing, Page) and (thing.body is not None or thing.number >= self.pages.generated):
            return self.bodies.plain(thing.body or "")
        return self.bodies.text(thing.number * 2 + isinstance(thing, BlogPost), self._lead(thing))

    def comment_body(self, comment: Comment, representation: str) -> str:
        """A comment's body."""
        to = None if comment.addressed is None else self.accounts[comment.addressed]
        return short(comment.text, to, representation)

    def task_body(self, task: Task, representation: str) -> str:
        """A task's body."""
        return short(task.text, None, representation)

    def now(self) -> datetime:
        """The time of day that searches and logs count back from, UTC."""
        return datetime.now(UTC)

    def _is_added(self, ref: Ref) -> bool:
        return ref.kind is Kind.PAGE and ref.number >= self.pages.generated

    def _bears(self, kind: Kind, ref: Ref) -> bool:
        match ref.kind:
            case Kind.PAGE:
                return ref.number < self.pages.generated and self.pages.status_of(ref.number) in LISTED
            case Kind.BLOGPOST:
                return self.blogposts.status_of(ref.number) in LISTED
            case Kind.CUSTOM_CONTENT:
                return kind in (Kind.FOOTER_COMMENT, Kind.ATTACHMENT)
            case Kind.ATTACHMENT:
                return kind is Kind.FOOTER_COMMENT
        return False

    def _lead(self, thing: Page | BlogPost) -> Lead:
        ref, created = thing.ref, thing.history.created
        linked = thing.number // 2
        title, space = self.pages.heading(linked)
        picture, picture_id = None, ""
        if self.attached.count(Kind.ATTACHMENT, ref):
            first = seat(Kind.ATTACHMENT, ref, 0)
            picture, picture_id = self.attached.file_name(first), file_id(self.chance, first)
        return Lead(
            author=self.accounts[thing.author],
            day=date(created + (thing.version.created - created) // 2),
            topic=TOPICS[thing.number * 7 % len(TOPICS)],
            linked_title=title,
            linked_id=id_of(Kind.PAGE, linked),
            linked_space=self.spaces[space].key,
            picture=picture,
            picture_id=picture_id,
            marks=self.attached.marks(ref),
            tasks=tuple((task.local, task.done, task.text) for task in self.attached.tasks(ref, created)),
        )
