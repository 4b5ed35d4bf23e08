"""Relations of the v1 API: which pages people are related to, and which people to a page."""

from __future__ import annotations

from confluence_nb.sandbox.rest.cql.hits import Hit
from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v1
from confluence_nb.sandbox.rest.offset import offset_window
from confluence_nb.sandbox.rest.problems import v1_problem
from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.rest.v1_content_rows import bare_row
from confluence_nb.sandbox.rest.v1_shapes import user
from confluence_nb.sandbox.wiki.order import Order
from confluence_nb.sandbox.wiki.pages import Page

_SUMMARY = "read:confluence-content.summary"
_RELATIONS = ("sandbox-reviews", "sandbox-follows")


def _is_related(who: int, page: Page) -> bool:
    return who % 7 == page.number % 7


def _relation(call: Call, who: int, hit: Hit) -> Row:
    return {
        "name": call.path["relationName"],
        "relationData": {"createdBy": user(call.content, who), "friendlyCreatedDate": ""},
        "source": user(call.content, who),
        "target": bare_row(hit),
        "_expandable": {"relationData": "", "source": "", "target": ""},
        "_links": {"base": call.base},
    }


def _relations_from(call: Call) -> Answer:
    source, target = call.path["sourceType"], call.path["targetType"]
    key = call.path["sourceKey"]
    who = call.account if key == "current" else call.content.account_index(key)
    if (source, target) != ("user", "content") or who is None or call.path["relationName"] not in _RELATIONS:
        return offset_window(call, [], 25)
    hits = [
        Hit(call.content, "page", page)
        for page in call.content.pages.read(Order())
        if page.status == "current" and _is_related(who, page)
    ]
    return offset_window(call, hits, 25, shape=lambda hit: _relation(call, who, hit))


def _relations_to(call: Call) -> Answer:
    page = call.content.pages.find(call.path["targetKey"])
    known = call.path["relationName"] in _RELATIONS and call.path["targetType"] == "content"
    if page is None or not known or call.path["sourceType"] != "user":
        return offset_window(call, [], 25)
    hit = Hit(call.content, "page", page)
    people = [who for who in range(len(call.content.accounts)) if _is_related(who, page)]
    return offset_window(call, [_relation(call, who, hit) for who in people], 25)


def _relates(call: Call) -> Answer:
    """Whether a person relates to a page; the relation itself, or a 404."""
    page = call.content.pages.find(call.path["targetKey"])
    key = call.path["sourceKey"]
    who = call.account if key == "current" else call.content.account_index(key)
    kinds = (call.path["sourceType"], call.path["targetType"])
    is_known = kinds == ("user", "content") and call.path["relationName"] in _RELATIONS
    if not is_known or page is None or who is None or not _is_related(who, page):
        raise v1_problem(404, f"No relation {call.path['relationName']} was found")
    return plain(_relation(call, who, Hit(call.content, "page", page)))


_FROM = "/relation/{relationName}/from/{sourceType}/{sourceKey}/to/{targetType}"
_TO = "/relation/{relationName}/to/{targetType}/{targetKey}/from/{sourceType}"
OPERATIONS = (
    v1(_FROM, _relations_from, _SUMMARY, "read:relation", "read:content-details"),
    v1(f"{_FROM}/{{targetKey}}", _relates, _SUMMARY, "read:relation", "read:content-details"),
    v1(_TO, _relations_to, _SUMMARY, "read:relation", "read:content-details"),
)
