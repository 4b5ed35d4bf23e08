"""What a list is asked of when it has to have rows and the thing that was named has none, or is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import orjson

from confluence_nb.sandbox.accounts import ACCOUNTS
from confluence_nb.sandbox.rest.exchange import V1, V2, Answer, Call, Operation
from confluence_nb.sandbox.rest.problems import ProblemError
from confluence_nb.sandbox.rest.query import Query
from confluence_nb.sandbox.rest.stretch import NoRowsError
from confluence_nb.sandbox.rest.v2_spaces import group_id
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.custom_content import TYPES
from confluence_nb.sandbox.wiki.numbering import Kind, id_of
from confluence_nb.sandbox.wiki.order import Order
from confluence_nb.sandbox.wiki.things import SITE_LABELS

_NODES = {
    "folders": Kind.FOLDER,
    "whiteboards": Kind.WHITEBOARD,
    "databases": Kind.DATABASE,
    "embeds": Kind.EMBED,
}
_PAGING = frozenset(
    {"limit", "cursor", "start", "sort", "body-format", "expand", "excerpt", "description-format", "depth"}
)
# Values that find something, for parameters that a call cannot do without.
_FINDING = {
    "accountId": ACCOUNTS[0].account_id,
    "cql": "type = page",
    "type": TYPES[0],
    "state-id": "1",
    "targetType": "content",
    "sourceType": "user",
    "sourceKey": "current",
}
_PEOPLE_CQL = "type = user"
_BODY = orjson.dumps({"accountIds": [account.account_id for account in ACCOUNTS[:5]]})


def answer_of_any(operation: Operation, call: Call) -> Answer:
    """Answer a call whose lists have a chosen length: its path may name what is not there."""
    try:
        return operation.handler(call)
    except NoRowsError:
        return _elsewhere(operation, call) or Answer(404, b"")
    except ProblemError as problem:
        found = _elsewhere(operation, call) if problem.answer.status == 404 else None
        if found is None:
            raise
        return found


def _elsewhere(operation: Operation, call: Call) -> Answer | None:
    """The list of something like it that has rows; None when the operation is no list."""
    site = _site(call.content.site_url)
    kept = [pair for pair in call.query.pairs if pair[0] in _PAGING]
    for name in dict.fromkeys(name for name, _ in call.query.pairs):
        if name in _FINDING:
            people = name == "cql" and operation.path.endswith("/search/user")
            kept.append((name, _PEOPLE_CQL if people else _FINDING[name]))
    other = replace(call, content=site, query=Query(kept), request=replace(call.request, body=_BODY))
    for path in _paths(site, operation):
        try:
            answer = operation.handler(replace(other, path=path))
        except (NoRowsError, ProblemError):
            continue
        if answer.rows is None:
            return None
        return answer
    return None


@lru_cache(maxsize=8)
def _site(site_url: str) -> SiteContent:
    """A site that has some of everything."""
    return SiteContent(site_url=site_url, seed=7, spaces=6, pages=600, accounts=ACCOUNTS)


def _paths(site: SiteContent, operation: Operation) -> Iterator[dict[str, str]]:
    names = re.findall(r"{(.*?)}", operation.path)
    if not names:
        yield {}
        return
    fixed = {"type": "page", "relationName": "sandbox-reviews", "targetKey": id_of(Kind.PAGE, 0)} | _FIXED
    head = operation.path.removeprefix(V2).removeprefix(V1).strip("/").partition("/")[0]
    for identifier in _ids(site, head):
        yield {name: fixed.get(name, identifier) for name in names} | {
            names[0]: identifier if head != "relation" else fixed["relationName"]
        }


_FIXED = {name: _FINDING[name] for name in ("sourceType", "sourceKey", "targetType")}


def _ids(site: SiteContent, head: str) -> Iterator[str]:
    """Ids of things that a path with this first segment may name."""
    match head:
        case "pages" | "content":
            yield from (page.id for page in site.pages.read(Order()) if page.status == "current")
        case "blogposts":
            yield from (post.id for post in site.blogposts.read(Order()) if post.status == "current")
        case "attachments":
            for ref in site.bearers(Kind.ATTACHMENT, 0):
                yield from (file.id for file in site.attachments_of(ref))
        case "footer-comments" | "inline-comments" | "comments":
            kind = Kind.INLINE_COMMENT if head.startswith("inline") else Kind.FOOTER_COMMENT
            for ref in site.bearers(kind, 0):
                yield from (comment.id for comment in site.comments_of(kind, ref))
        case "custom-content":
            yield from (item.id for kind in TYPES for item in site.custom.read(kind))
        case "spaces":
            yield from (space.id for space in site.spaces)
        case "space":
            yield from (space.key for space in site.spaces)
        case "labels":
            yield from (label.id for label in SITE_LABELS)
        case "group":
            yield group_id(0)
        case "user" | "relation":
            yield from (account.account_id for account in ACCOUNTS)
        case _ if head in _NODES:
            for number in range(site.pages.generated):
                identifier = id_of(_NODES[head], number)
                if site.tree.find(identifier, _NODES[head]) is not None:
                    yield identifier
