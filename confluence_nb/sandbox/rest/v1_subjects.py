"""What a v1 path or query names, looked up once: a page or post, a space, a person."""

from __future__ import annotations

from confluence_nb.sandbox.rest.cql.hits import Hit
from confluence_nb.sandbox.rest.exchange import Call
from confluence_nb.sandbox.rest.problems import ProblemError, v1_problem
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.pages import Page
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.statuses import LISTED


def content_of(call: Call) -> Page | BlogPost:
    """The page or post that a path names first; a 404 when there is none, or it is in the trash."""
    identifier = next(iter(call.path.values()))
    thing = call.content.pages.find(identifier) or call.content.blogposts.find(identifier)
    if thing is None or thing.status not in LISTED:
        raise v1_problem(404, f"No content found with id: ContentId{{id={identifier}}}")
    return thing


def hit_of(call: Call) -> Hit:
    """The same, in the terms that rows are made in."""
    thing = content_of(call)
    return Hit(call.content, "page" if isinstance(thing, Page) else "blogpost", thing)


def space_of_key(call: Call, key: str) -> Space:
    """The space with a key; its number is none."""
    found = call.content.space(key) if not key.isdigit() else None
    if found is None:
        raise v1_problem(404, f"No space with key : {key}")
    return found


def person_asked(call: Call) -> int:
    """Whom accountId names, as an index into the accounts; without it, who asks."""
    account_id = call.query.one("accountId")
    if account_id is None:
        return call.account
    index = call.content.account_index(account_id)
    if index is None:
        raise no_such_person(account_id)
    return index


def no_such_person(account_id: str | None) -> ProblemError:
    """404: nobody has that account id."""
    return v1_problem(404, f"No user found with accountId: {account_id}")
