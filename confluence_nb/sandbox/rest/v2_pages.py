"""Pages and blog posts of the v2 API: the lists, and one by its id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from confluence_nb.sandbox.rest.exchange import Answer, Call, single, v2
from confluence_nb.sandbox.rest.facets import INCLUDED_AT_MOST, body_format, included
from confluence_nb.sandbox.rest.problems import missing
from confluence_nb.sandbox.rest.saved_versions import older_version
from confluence_nb.sandbox.rest.shapes import Row, blogpost_row, body_of, child_row, page_row, version_row
from confluence_nb.sandbox.rest.subjects import BLOGPOST, PAGE, space_of
from confluence_nb.sandbox.rest.window import Rows, from_number, sorted_whole, window
from confluence_nb.sandbox.wiki.blogposts import BlogPost, post_sort_value
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.order import Order, Place
from confluence_nb.sandbox.wiki.pages import Page, sort_value

PAGE_STATUSES = ("current", "archived", "deleted", "trashed")
POST_STATUSES = ("current", "deleted", "trashed")
PAGE_SORTS = ("id", "created-date", "modified-date", "title")
POST_SORTS = ("id", "created-date", "modified-date")
SINGLE_PAGE_STATUSES = ("current", "archived", "trashed", "deleted", "historical", "draft")
SINGLE_POST_STATUSES = ("current", "trashed", "deleted", "historical", "draft")
SINGLE_FORMATS = (
    "storage",
    "atlas_doc_format",
    "view",
    "export_view",
    "anonymous_export_view",
    "styled_view",
    "editor",
)

Wanted = Callable[[Page], bool]


def wanted_spaces(call: Call, most: int = 100) -> list[int] | None:
    """The spaces that space-id names, as indexes; None when it names none."""
    asked = call.query.ids("space-id", most)
    if not asked:
        return None
    return [space.index for space in map(call.content.space, asked) if space is not None]


def page_window(call: Call, wanted: Wanted, spaces: Sequence[int] | None = None) -> Answer:
    """A window of the pages that are wanted, of some spaces or all."""

    def read(order: Order, after: Place | None) -> Iterator[Page]:
        return filter(wanted, call.content.pages.read(order, after, spaces))

    return _window_of_pages(call, read)


def _window_of_pages(call: Call, read: Callable[[Order, Place | None], Iterator[Page]]) -> Answer:
    content, representation = call.content, body_format(call)
    rows: Rows[Page] = Rows(read, sort_value, lambda page: page.number, PAGE_SORTS, Kind.PAGE)
    return window(
        call,
        rows,
        lambda page: page_row(content, page, representation),
        cost=1,
        bodies=representation is not None,
    )


def few_pages(call: Call, pages: Sequence[Page]) -> Answer:
    """A window of pages that were looked up."""
    return _window_of_pages(call, sorted_whole(pages, sort_value, lambda page: page.number))


def _page_filter(call: Call) -> Wanted:
    statuses = call.query.several("status", PAGE_STATUSES, ("current", "archived"))
    subtype = call.query.chosen("subtype", ("live", "page"))
    if subtype is None:
        return lambda page: page.status in statuses
    return lambda page: page.status in statuses and (page.subtype == "live") == (subtype == "live")


def _pages(call: Call) -> Answer:
    wanted, spaces = _page_filter(call), wanted_spaces(call)
    ids, title = call.query.ids("id", 250), call.query.one("title")
    if ids or title is not None:
        found = [page for page in map(call.content.pages.find, dict.fromkeys(ids)) if page is not None]
        if title is not None:
            found = _titled(call, title, found if ids else None)
        return few_pages(
            call, [page for page in found if wanted(page) and (spaces is None or page.space in spaces)]
        )
    return page_window(call, wanted, spaces)


def _titled(call: Call, title: str, among: Sequence[Page] | None) -> list[Page]:
    if among is None:
        return list(call.content.pages.titled(title))
    return [page for page in among if page.title.casefold() == title.casefold()]


def _space_pages(call: Call) -> Answer:
    space, wanted, title = space_of(call), _page_filter(call), call.query.one("title")
    if call.query.chosen("depth", ("all", "root")) == "root":
        pages = [page for page in call.content.tree.roots(space.index) if wanted(page)]
        return few_pages(call, pages if title is None else _titled(call, title, pages))
    if title is not None:
        found = [
            page for page in call.content.pages.titled(title) if wanted(page) and page.space == space.index
        ]
        return few_pages(call, found)
    return page_window(call, wanted, [space.index])


def _label_pages(call: Call) -> Answer:
    label_id, content, spaces = call.path["id"], call.content, wanted_spaces(call)

    def labelled(first: int) -> Iterator[Page]:
        for number in content.registers.labelled(Kind.PAGE, label_id, first):
            page = content.pages.get(number)
            if page is not None and page.status == "current" and (spaces is None or page.space in spaces):
                yield page

    return _window_of_pages(call, from_number(labelled, sort_value, lambda page: page.number))


def post_window(
    call: Call, wanted: Callable[[BlogPost], bool], spaces: Sequence[int] | None = None
) -> Answer:
    """A window of the posts that are wanted, of some spaces or all."""

    def read(order: Order, after: Place | None) -> Iterator[BlogPost]:
        return filter(wanted, call.content.blogposts.read(order, after, spaces))

    return _window_of_posts(call, read)


def _window_of_posts(call: Call, read: Callable[[Order, Place | None], Iterator[BlogPost]]) -> Answer:
    content, representation = call.content, body_format(call)
    rows: Rows[BlogPost] = Rows(read, post_sort_value, lambda post: post.number, POST_SORTS, Kind.BLOGPOST)
    return window(
        call,
        rows,
        lambda post: blogpost_row(content, post, representation),
        cost=1,
        bodies=representation is not None,
    )


def _post_filter(call: Call) -> Callable[[BlogPost], bool]:
    statuses = call.query.several("status", POST_STATUSES, ("current",))
    ids, title = frozenset(call.query.ids("id", 250)), call.query.one("title")
    exact = None if title is None else title.casefold()

    def wanted(post: BlogPost) -> bool:
        return (
            post.status in statuses
            and (not ids or post.id in ids)
            and (exact is None or post.title.casefold() == exact)
        )

    return wanted


def _blogposts(call: Call) -> Answer:
    return post_window(call, _post_filter(call), wanted_spaces(call))


def _space_blogposts(call: Call) -> Answer:
    return post_window(call, _post_filter(call), [space_of(call).index])


def _label_blogposts(call: Call) -> Answer:
    label_id, content, spaces = call.path["id"], call.content, wanted_spaces(call)

    def labelled(first: int) -> Iterator[BlogPost]:
        for number in content.registers.labelled(Kind.BLOGPOST, label_id, first):
            post = content.blogposts.get(number)
            if post is not None and post.status == "current" and (spaces is None or post.space in spaces):
                yield post

    return _window_of_posts(call, from_number(labelled, post_sort_value, lambda post: post.number))


def _page(call: Call) -> Answer:
    content, page = call.content, content_page(call)
    representation = body_format(call, SINGLE_FORMATS)
    older = older_version(call, page, "page")
    ago = page.version.number - older.number if older else 0
    row = page_row(content, page, None)
    row.pop("subtype", None)
    if older:
        row |= {"version": version_row(content, older), "status": "historical"}
    _check_status(call, row, "a page", SINGLE_PAGE_STATUSES)
    if representation is not None:
        row["body"] = body_of(content.body(page, representation, ago), representation)
    row = included(call, page, row)
    if call.query.flag("include-direct-children"):
        children = content.tree.children(page.ref)
        row["directChildren"] = {
            "results": [child_row(content, child) for child in children[:INCLUDED_AT_MOST]],
            "meta": {"hasMore": len(children) > INCLUDED_AT_MOST},
        }
    return single(call, row, points=2, bodies=int(representation is not None))


def _check_status(call: Call, row: Row, what: str, options: Sequence[str]) -> None:
    """A 404 unless the thing is of a status that is asked for; without being asked, any will do."""
    call.query.flag("include-webresources")
    if row["status"] not in call.query.several("status", options, options):
        raise missing(what, call.path["id"])


def content_page(call: Call) -> Page:
    """The page this call's path names; a draft only when get-draft, or its status, asks for it."""
    identifier = call.path["id"]
    page = call.content.pages.find(identifier)
    wants_draft = call.query.flag("get-draft") or "draft" in call.query.many("status")
    if page is None or (page.status == "draft" and not wants_draft):
        raise missing("a page", identifier)
    return page


def _blogpost(call: Call) -> Answer:
    content, post = call.content, BLOGPOST.of(call)
    if not isinstance(post, BlogPost):
        raise missing("a blogpost", call.path["id"])
    representation = body_format(call, SINGLE_FORMATS)
    older = older_version(call, post, "blogpost")
    ago = post.version.number - older.number if older else 0
    row = blogpost_row(content, post, None)
    if older:
        row |= {"version": version_row(content, older), "status": "historical"}
    # Nobody here has begun a post without publishing it: there is no other draft to give.
    call.query.flag("get-draft")
    _check_status(call, row, "a blogpost", SINGLE_POST_STATUSES)
    if representation is not None:
        row["body"] = body_of(content.body(post, representation, ago), representation)
    row = included(call, post, row)
    return single(call, row, points=2, bodies=int(representation is not None))


OPERATIONS = (
    v2("/pages", _pages, PAGE.scope),
    v2("/pages/{id}", _page, PAGE.scope),
    v2("/spaces/{id}/pages", _space_pages, PAGE.scope),
    v2("/labels/{id}/pages", _label_pages, PAGE.scope),
    v2("/blogposts", _blogposts, PAGE.scope),
    v2("/blogposts/{id}", _blogpost, PAGE.scope),
    v2("/spaces/{id}/blogposts", _space_blogposts, PAGE.scope),
    v2("/labels/{id}/blogposts", _label_blogposts, PAGE.scope),
)
