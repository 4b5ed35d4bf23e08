"""The sandbox's knob for lists of a chosen length: every list, to its end, whatever it is asked about."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from confluence_nb.sandbox.accounts import ACCOUNTS
from confluence_nb.sandbox.rest import ROUTES, Answer, ApiRequest, Surroundings, answer
from confluence_nb.sandbox.rest.exchange import Operation
from confluence_nb.sandbox.wiki import SiteContent

V2 = "/wiki/api/v2"
V1 = "/wiki/rest/api"

SITE = SiteContent(site_url="https://acme.atlassian.net", accounts=ACCOUNTS, seed=7, spaces=3, pages=60)

# What a call cannot do without; nothing of it is there.
NEEDED = {
    "custom-content": {"type": "ac:com.example.nothing:at-all"},
    "search": {"cql": 'text ~ "nothing holds these words"'},
    "search/user": {"cql": 'user.fullname ~ "nobody of that name"'},
    "user/bulk": {"accountId": "nobody"},
    "user/email/bulk": {"accountId": "nobody"},
    "user/memberof": {"accountId": "nobody"},
    "group/picker": {"query": "no such group"},
    "state/content": {"state-id": "1"},
    "bulk/tasks": {"ids": "5"},
}


def query_of(path: str) -> dict[str, str]:
    return next((given for end, given in reversed(NEEDED.items()) if path.endswith(end)), {})


def ask(operation: Operation, path: str, query: tuple[tuple[str, str], ...], count: int | None) -> Answer:
    body = b'{"accountIds": ["nobody"], "contentIds": []}'
    around = Surroundings(rows_per_list=count)
    return answer(SITE, ApiRequest(operation.method, path, query, body, ACCOUNTS[0].account_id, around))


def nowhere(operation: Operation) -> str:
    """The operation's path with ids of nothing in it."""
    fixed = {"type": "page", "sourceType": "user", "targetType": "content"}
    return re.sub(r"{(.*?)}", lambda match: fixed.get(match[1], "987654321"), operation.path)


def is_list(operation: Operation) -> bool:
    return ask(operation, nowhere(operation), tuple(query_of(operation.path).items()), 1).rows is not None


LISTS = [operation for operation in ROUTES.operations if is_list(operation)]


def read_all(operation: Operation, count: int | None, limit: int | None = None) -> list[Any]:
    path, given = nowhere(operation), query_of(operation.path)
    query = tuple((given | ({} if limit is None else {"limit": str(limit)})).items())
    rows: list[Any] = []
    while True:
        found = ask(operation, path, query, count)
        assert found.status == 200, found.body
        said = json.loads(found.body)
        window = said if isinstance(said, list) else said["results"]
        rows += window
        if isinstance(said, list) or not window:
            return rows
        following = said.get("_links", {}).get("next")
        if path.endswith("/ancestors"):
            path = f"{V2}/{window[0]['type']}s/{window[0]['id']}/ancestors"
        elif said.get("cursor"):
            query = (("cursor", said["cursor"]),)
        elif path.endswith("/search/user"):
            query = tuple((given | {"start": str(len(rows))}).items())
        elif following:
            parts = urlsplit(following)
            path = parts.path if parts.path.startswith("/wiki/") else f"/wiki{parts.path}"
            query = tuple(parse_qsl(parts.query))
        else:
            return rows


def identity(row: Any) -> str | None:
    about = row.get("content") or row.get("user") or row if "title" in row else row
    found = about.get("id") or about.get("accountId") if isinstance(about, dict) else None
    return None if found is None else str(found)


def test_every_list_of_both_apis_is_there() -> None:
    assert len(LISTS) == 108


@pytest.mark.parametrize("count", [0, 1, 600])
@pytest.mark.parametrize("operation", LISTS, ids=[f"{one.method} {one.path}" for one in LISTS])
def test_a_list_holds_so_many_rows_whatever_it_is_asked_about(operation: Operation, count: int) -> None:
    rows = read_all(operation, count)
    assert len(rows) == count
    known = [found for row in rows if (found := identity(row)) is not None]
    assert len(known) == len(set(known))


@pytest.mark.parametrize("path", [f"{V2}/pages", f"{V2}/pages/{{id}}/labels", f"{V1}/group", f"{V1}/search"])
def test_windows_keep_to_the_limit(path: str) -> None:
    operation = next(one for one in LISTS if one.path == path)
    query = (*query_of(path).items(), ("limit", "7"))
    assert ask(operation, nowhere(operation), query, 600).rows == 7
    assert read_all(operation, 50, 7) == read_all(operation, 50, 50)


def test_the_rows_there_are_come_first() -> None:
    operation = next(one for one in LISTS if one.path == f"{V2}/spaces")
    natural = read_all(operation, None)
    assert read_all(operation, 2) == natural[:2]
    longer = read_all(operation, 5)
    assert longer[:3] == natural
    assert [row["key"] for row in longer[3:]] == [row["key"] for row in natural[:2]]


def test_what_the_api_does_not_take_stays_an_error() -> None:
    operation = next(one for one in LISTS if one.path == f"{V2}/pages")
    assert ask(operation, operation.path, (("limit", "251"),), 600).status == 400
    assert ask(operation, operation.path, (("sort", "size"),), 600).status == 400


def test_a_single_thing_has_to_be_there_all_the_same() -> None:
    found, _ = ROUTES.find("GET", f"{V2}/pages/987654321") or (None, {})
    assert found is not None
    assert ask(found, f"{V2}/pages/987654321", (), 600).status == 404
