"""Search over people in the v1 API: CQL of a few fields, in an offset list that never links to its next window."""

from __future__ import annotations

import html
from collections.abc import Callable

from confluence_nb.sandbox.rest.cql import CQLError, parse
from confluence_nb.sandbox.rest.cql.grammar import All as AllOf
from confluence_nb.sandbox.rest.cql.grammar import Clause, Function, Node, Not, spaced
from confluence_nb.sandbox.rest.cql.results import words_of
from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v1
from confluence_nb.sandbox.rest.problems import v1_problem
from confluence_nb.sandbox.rest.stretch import Row, stretched
from confluence_nb.sandbox.rest.v1_search import REFUSED, cql_of, limit_of
from confluence_nb.sandbox.rest.v1_shapes import user
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.moments import iso


def _search_users(call: Call) -> Answer:
    cql, limit = cql_of(call), limit_of(call)
    start = call.query.whole("start", 0, 0, None)
    try:
        test = _person_test(parse(cql).where, call)
    except CQLError as error:
        raise v1_problem(400, f"{REFUSED}{error}") from None
    indexes = [index for index in range(len(call.content.accounts)) if test(index)]
    count = call.around.rows_per_list
    total = len(indexes) if count is None else count
    if count is None:
        rows = [_person_row(call.content, index) for index in indexes[start : start + limit]]
    else:
        natural = (_person_row(call.content, index) for index in indexes)
        rows = stretched(natural, count)[start : start + limit]
    found: Row = {
        "results": rows,
        "start": start,
        "limit": limit,
        "size": len(rows),
        "totalSize": total,
        "cqlQuery": spaced(cql),
        "searchDuration": 9,
        "_links": {"base": call.base, "context": "/wiki", "self": f"{call.base}/rest/api/search/user"},
    }
    return plain(found, points=1 + 2 * len(rows), rows=len(rows))


def _person_row(content: SiteContent, index: int) -> Row:
    return {
        "user": user(content, index),
        "title": html.escape(content.accounts[index].name),
        "excerpt": "",
        "url": f"/people/{content.accounts[index].account_id}",
        "breadcrumbs": [],
        "entityType": "user",
        "iconCssClass": "",
        "lastModified": iso(content.spaces[0].created),
        "score": 0.0,
    }


def _person_test(node: Node, call: Call) -> Callable[[int], bool]:
    accounts = call.content.accounts
    if isinstance(node, Not):
        inner = _person_test(node.inner, call)
        return lambda index: not inner(index)
    if not isinstance(node, Clause):
        parts = [_person_test(part, call) for part in node.parts]
        if isinstance(node, AllOf):
            return lambda index: all(part(index) for part in parts)
        return lambda index: any(part(index) for part in parts)
    if node.field == "type" and node.values == ("user",):
        return lambda index: True
    if node.field in ("user", "user.accountid"):
        me = accounts[call.account].account_id
        named = {me if isinstance(value, Function) else value for value in node.values}
        hit = node.operator in ("=", "in")
        return lambda index: (accounts[index].account_id in named) == hit
    if node.field == "user.fullname" and isinstance(node.values[0], str):
        words = words_of(node.values[0])
        return lambda index: all(word in accounts[index].name.casefold() for word in words)
    raise CQLError(f"The field '{node.field}' is not supported when users are searched")


OPERATIONS = (v1("/search/user", _search_users, "read:content-details:confluence"),)
