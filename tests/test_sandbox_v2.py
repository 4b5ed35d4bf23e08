"""The v2 API of the sandbox: windows, cursors, filters, refusals, costs."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

import pytest

from confluence_nb.sandbox.accounts import ACCOUNTS
from confluence_nb.sandbox.rest import Answer, ApiRequest, answer, scopes_needed
from confluence_nb.sandbox.rest.shapes import tiny
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.order import Order

V2 = "/wiki/api/v2"


def site(**changes: Any) -> SiteContent:
    knobs: dict[str, Any] = {"seed": 7, "spaces": 6, "pages": 300} | changes
    return SiteContent(site_url="https://acme.atlassian.net", accounts=ACCOUNTS, **knobs)


@pytest.fixture(scope="module")
def content() -> SiteContent:
    return site()


def call(content: SiteContent, address: str, method: str = "GET", body: Any = None) -> Answer:
    parts = urlsplit(address)
    sent = b"" if body is None else json.dumps(body).encode()
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return answer(content, ApiRequest(method, parts.path, query, sent, ACCOUNTS[0].account_id))


def read(content: SiteContent, address: str) -> Any:
    found = call(content, address)
    assert found.status == 200, found.body
    return json.loads(found.body)


def read_all(content: SiteContent, address: str) -> list[Any]:
    rows: list[Any] = []
    following: str | None = address
    while following:
        page = read(content, following)
        rows += page["results"]
        following = page["_links"].get("next")
        assert page["results"] or following is None
    return rows


def addresses(content: SiteContent, address: str) -> Iterator[str]:
    following = read(content, address)["_links"].get("next")
    while following:
        yield following
        following = read(content, following)["_links"].get("next")


def ids(rows: list[Any]) -> list[str]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("pages", "pages"),
        ("spaces", "spaces"),
        ("blogposts", "blogposts"),
        ("footer-comments", "footer_comments"),
        ("inline-comments", "inline_comments"),
        ("attachments", "attachments"),
        ("tasks", "tasks"),
    ],
)
@pytest.mark.parametrize("limit", [7, 250])
def test_a_list_holds_what_the_site_counts(content: SiteContent, path: str, counted: str, limit: int) -> None:
    found = ids(read_all(content, f"{V2}/{path}?limit={limit}"))
    assert len(found) == len(set(found)) == content.counts()[counted]


@pytest.mark.parametrize(
    "path",
    [
        f"{path}?sort={sign}{sort}"
        for path, sorts in (
            ("pages", ("id", "created-date", "modified-date", "title")),
            ("blogposts", ("id", "created-date", "modified-date")),
            ("footer-comments", ("created-date", "modified-date")),
            ("attachments", ("created-date", "modified-date")),
            ("spaces", ("id", "key", "name")),
            ("labels", ("id", "name", "created-date")),
        )
        for sort in sorts
        for sign in ("", "-")
    ],
)
def test_every_sort_pages_through_all(content: SiteContent, path: str) -> None:
    address = f"{V2}/{path}"
    windowed = ids(read_all(content, f"{address}&limit=11"))
    assert windowed == ids(read_all(content, f"{address}&limit=250"))
    assert (
        len(windowed)
        == len(set(windowed))
        == len(read_all(content, f"{V2}/{path.partition('?')[0]}?limit=250"))
    )


def test_next_stays_on_the_site_and_base_is_the_site(content: SiteContent) -> None:
    found = call(content, f"{V2}/pages?limit=2&space-id={content.spaces[0].id}&foo=bar")
    links = json.loads(found.body)["_links"]
    assert links["base"] == "https://acme.atlassian.net/wiki"
    assert links["next"].startswith("/wiki/api/v2/pages?")
    assert {"limit=2", "foo=bar"} <= set(links["next"].partition("?")[2].split("&"))
    assert f'<{links["next"]}>; rel="next"' in found.headers["Link"]
    assert '<https://acme.atlassian.net/wiki>; rel="base"' in found.headers["Link"]


def test_cursors_are_written_both_ways(content: SiteContent) -> None:
    following = list(addresses(content, f"{V2}/pages?limit=7"))
    assert {"?cursor=" in address for address in following} == {True, False}
    assert any(re.search(r"cursor=[^&]*=(&|$)", address) for address in following)
    orders = [call(content, address).headers["Link"].endswith('rel="next"') for address in following[:-1]]
    assert set(orders) == {True, False}


def test_a_cursor_holds_the_id_it_stands_after(content: SiteContent) -> None:
    page = read(content, f"{V2}/pages?limit=3")
    cursor = dict(parse_qsl(urlsplit(page["_links"]["next"]).query))["cursor"]
    last = page["results"][-1]["id"]
    assert json.loads(base64.b64decode(cursor)) == {
        "id": last,
        "contentOrder": "id",
        "contentOrderValue": int(last),
    }


def test_deleting_while_reading_loses_nothing_else() -> None:
    content = site()
    first = read(content, f"{V2}/pages?limit=50")
    content.delete_page(first["results"][10]["id"])
    content.delete_page(first["results"][-1]["id"])
    rest = ids(read_all(content, first["_links"]["next"]))
    assert len(set(ids(first["results"]) + rest)) == 300


def test_an_empty_list_is_empty(content: SiteContent) -> None:
    found = read(content, f"{V2}/pages?title=no+such+title")
    assert found == {"results": [], "_links": {"base": "https://acme.atlassian.net/wiki"}}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=251", "limit"),
        ("limit=0", "limit"),
        ("limit=ten", "limit"),
        ("status=draft", "status"),
        ("sort=size", "sort"),
        ("body-format=view", "body-format"),
        ("space-id=ENG", "space-id"),
        ("id=abc", "id"),
        ("id=" + ",".join(map(str, range(251))), "id"),
        ("cursor=AAAA", "cursor"),
        ("cursor=%2Fwiki%2Fapi%2Fv2%2Fpages%3Fcursor%3Dx", "cursor"),
    ],
)
def test_what_the_api_does_not_take_is_400(content: SiteContent, query: str, named: str) -> None:
    found = call(content, f"{V2}/pages?{query}")
    error = json.loads(found.body)["errors"][0]
    assert (found.status, error["status"], error["code"]) == (400, 400, "INVALID_REQUEST_PARAMETER")
    assert f"'{named}'" in error["title"]


def test_a_body_format_of_none_asks_for_no_body(content: SiteContent) -> None:
    without = read(content, f"{V2}/pages?limit=3")
    found = read(content, f"{V2}/pages?limit=3&body-format=none")
    assert found["results"] == without["results"]
    one = without["results"][0]["id"]
    assert read(content, f"{V2}/pages/{one}?body-format=none") == read(content, f"{V2}/pages/{one}")


def test_a_cursor_of_another_order_is_refused(content: SiteContent) -> None:
    following = read(content, f"{V2}/pages?limit=3&sort=title")["_links"]["next"]
    assert call(content, following.replace("sort=title", "sort=-title")).status == 400
    assert call(content, following).status == 200


def test_unknown_parameters_are_ignored(content: SiteContent) -> None:
    assert (
        read(content, f"{V2}/pages?limit=2&spaceKey=ENG")["results"]
        == read(content, f"{V2}/pages?limit=2")["results"]
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("pages/1", "a page"),
        ("spaces/1", "a space"),
        ("blogposts/1/labels", "a blogpost"),
        ("folders/1/direct-children", "a folder"),
        ("footer-comments/1", "a footer comment"),
        ("attachments/att1", "an attachment"),
    ],
)
def test_a_404_names_what_is_missing(content: SiteContent, path: str, name: str) -> None:
    found = call(content, f"{V2}/{path}")
    identifier = path.split("/")[1]
    assert (found.status, found.points) == (404, 1)
    assert (
        json.loads(found.body)["errors"][0]["title"]
        .replace("Cannot find an ", "Cannot find a ")
        .endswith(f"with id [{identifier}]")
    )
    assert name.split(" ", 1)[1] in json.loads(found.body)["errors"][0]["title"]


@pytest.mark.parametrize(
    ("path", "named", "expected"),
    [
        ("spaces/ENG", "{ENG} for 'id'", "long."),
        ("pages/abc", "{abc} for 'id'", "long."),
        ("pages/99999999999999999999", "{99999999999999999999} for 'id'", "long."),
        ("pages/²/labels", "{²} for 'id'", "long."),
        ("spaces/ENG/properties", "{ENG} for 'space-id'", "long."),
        ("tasks/one", "{one} for 'id'", "long."),
        ("footer-comments/x", "{x} for 'comment-id'", "long."),
        ("pages/att32773", "{att32773} for 'id'", "long."),
        ("attachments/ffd70a27-0a48", "{ffd70a27-0a48} for 'id'", "ContentId"),
        ("attachments/x/labels", "{x} for 'id'", "ContentId"),
    ],
)
def test_an_id_that_is_none_is_refused(content: SiteContent, path: str, named: str, expected: str) -> None:
    found = call(content, f"{V2}/{path}")
    title = f"Provided value {named} is not the correct type. Expected type is {expected}"
    assert (found.status, json.loads(found.body)) == (
        400,
        {
            "errors": [
                {"status": 400, "code": "INVALID_REQUEST_PARAMETER", "title": title, "detail": None},
            ]
        },
    )


def test_keys_of_app_properties_are_words(content: SiteContent) -> None:
    assert read(content, f"{V2}/app/properties/settings")["key"] == "settings"


def test_the_id_of_a_file_may_come_without_its_prefix(content: SiteContent) -> None:
    file = read(content, f"{V2}/attachments?limit=1")["results"][0]["id"]
    for end in ("", "/labels", "/operations", "/versions", "/versions/1", "/properties", "/footer-comments"):
        whole = read(content, f"{V2}/attachments/{file}{end}")
        assert read(content, f"{V2}/attachments/{file.removeprefix('att')}{end}") == whole


def test_a_path_that_is_none_is_a_bare_404(content: SiteContent) -> None:
    found = call(content, f"{V2}/nothing")
    assert (found.status, json.loads(found.body)["errors"][0]["title"]) == (404, "Not Found")
    assert scopes_needed("GET", f"{V2}/nothing") is None


def test_statuses(content: SiteContent) -> None:
    statuses = {row["status"] for row in read_all(content, f"{V2}/pages?limit=250")}
    assert statuses == {"current", "archived"}
    trashed = read_all(content, f"{V2}/pages?status=trashed&limit=250")
    assert len(trashed) == content.counts()["trashed_pages"] > 0
    one = read(content, f"{V2}/pages/{trashed[0]['id']}")
    assert (one["status"], one["parentId"]) == ("trashed", None)
    draft = next(
        page
        for number in range(content.pages.generated)
        if (page := content.pages.get(number)) and page.status == "draft"
    )
    assert call(content, f"{V2}/pages/{draft.id}").status == 404
    assert read(content, f"{V2}/pages/{draft.id}?get-draft=true")["status"] == "draft"


def test_filters(content: SiteContent) -> None:
    rows = read_all(content, f"{V2}/pages?limit=250")
    first, other = rows[3], rows[40]
    assert ids(read_all(content, f"{V2}/pages?id={other['id']},{first['id']}")) == [first["id"], other["id"]]
    assert ids(read_all(content, f"{V2}/pages?id={other['id']}&id={first['id']}")) == [
        first["id"],
        other["id"],
    ]
    address = ApiRequest("GET", f"{V2}/pages", (("title", first["title"].upper()),), b"", "")
    assert ids(json.loads(answer(content, address).body)["results"]) == [first["id"]]
    space = content.spaces[2].id
    expected = [row["id"] for row in rows if row["spaceId"] == space]
    assert ids(read_all(content, f"{V2}/pages?space-id={space}&limit=9")) == expected
    assert ids(read_all(content, f"{V2}/spaces/{space}/pages?limit=9")) == expected
    roots = read_all(content, f"{V2}/spaces/{space}/pages?depth=root")
    assert {row["parentId"] for row in roots} == {None}
    live = read_all(content, f"{V2}/pages?subtype=live&limit=250")
    assert 0 < len(live) < len(rows)


def test_labels_lead_to_their_pages(content: SiteContent) -> None:
    label = read(content, f"{V2}/labels?limit=1")["results"][0]
    for row in read_all(content, f"{V2}/labels/{label['id']}/pages?limit=3")[:5]:
        assert label in read_all(content, f"{V2}/pages/{row['id']}/labels")


def test_bodies_come_only_when_asked_for(content: SiteContent) -> None:
    assert {json.dumps(row["body"]) for row in read(content, f"{V2}/pages")["results"]} == {"{}"}
    found = call(content, f"{V2}/pages?body-format=atlas_doc_format&limit=4")
    bodies = [row["body"]["atlas_doc_format"]["value"] for row in json.loads(found.body)["results"]]
    assert all(json.loads(body)["type"] == "doc" for body in bodies)
    assert (found.bodies, found.points) == (4, 5)


def test_costs_follow_what_is_returned(content: SiteContent) -> None:
    assert call(content, f"{V2}/pages?limit=250").points == 251
    people = {"accountIds": [account.account_id for account in ACCOUNTS[:5]]}
    assert call(content, f"{V2}/users-bulk", "POST", people).points == 11
    permissions = call(content, f"{V2}/spaces/{content.spaces[0].id}/permissions?limit=10")
    assert permissions.points == 21
    assert call(content, f"{V2}/labels").points == 1


def test_users_bulk_names_accounts(content: SiteContent) -> None:
    people = [account.account_id for account in ACCOUNTS[4:7]]
    found = call(content, f"{V2}/users-bulk", "POST", {"accountIds": [*people, "nobody"]})
    rows = json.loads(found.body)["results"]
    assert [row["displayName"] for row in rows] == [account.name for account in ACCOUNTS[4:7]]
    assert call(content, f"{V2}/users-bulk", "POST", {"ids": []}).status == 400
    assert call(content, f"{V2}/users-bulk", "POST", {"accountIds": []}).status == 400


def test_versions_go_from_newest_to_oldest(content: SiteContent) -> None:
    page = next(page for page in content.pages.read(Order()) if page.version.number > 3)
    rows = read_all(content, f"{V2}/pages/{page.id}/versions?limit=2&body-format=storage")
    assert [row["number"] for row in rows] == list(range(page.version.number, 0, -1))
    assert rows[0]["page"]["id"] == page.id
    assert (
        rows[0]["page"]["body"]["storage"]["value"]
        == read(content, f"{V2}/pages/{page.id}?body-format=storage")["body"]["storage"]["value"]
    )
    old = read(content, f"{V2}/pages/{page.id}?version=1")
    assert (old["version"]["number"], old["status"]) == (1, "historical")
    oldest_first = read_all(content, f"{V2}/pages/{page.id}/versions?limit=2&sort=modified-date")
    assert [row["number"] for row in oldest_first] == list(range(1, page.version.number + 1))


def test_included_parts_stop_at_fifty(content: SiteContent) -> None:
    page = next(page for page in content.pages.read(Order()) if len(content.likes_of(page.ref)) > 50)
    likes = read(content, f"{V2}/pages/{page.id}?include-likes=true")["likes"]
    assert (len(likes["results"]), likes["meta"]["hasMore"]) == (50, True)
    assert read(content, f"{V2}/pages/{page.id}/likes/count")["count"] == likes["meta"]["count"]
    assert len(read_all(content, f"{V2}/pages/{page.id}/likes/users?limit=20")) == likes["meta"]["count"]


def test_replies_hang_under_their_comment(content: SiteContent) -> None:
    comments = read_all(content, f"{V2}/footer-comments?limit=250")
    replies = [row for row in comments if "parentCommentId" in row]
    assert replies
    for reply in replies[:10]:
        children = read_all(content, f"{V2}/footer-comments/{reply['parentCommentId']}/children?limit=2")
        assert reply["id"] in ids(children)
        top = read_all(content, f"{V2}/pages/{reply['pageId']}/footer-comments") if "pageId" in reply else []
        assert reply["id"] not in ids(top)


def test_inline_comments_warn_of_a_change(content: SiteContent) -> None:
    headers = call(content, f"{V2}/inline-comments?limit=2").headers
    assert headers["Warning"].startswith("299 ")
    assert headers["Link"].split(",")[0].endswith('rel="deprecation"')
    assert 'rel="next"' in headers["Link"]


def test_children_are_all_kinds_and_the_old_list_only_pages(content: SiteContent) -> None:
    homes = [content.homepage(space) for space in content.spaces]
    types = set()
    for home in homes:
        assert home is not None
        direct = read_all(content, f"{V2}/pages/{home.id}/direct-children?limit=3")
        below = read_all(content, f"{V2}/pages/{home.id}/descendants?depth=10&limit=7")
        assert set(ids(direct)) <= set(ids(below))
        assert [row["id"] for row in below if row["depth"] == 1] == ids(direct)
        types |= {row["type"] for row in below}
        old = read_all(content, f"{V2}/pages/{home.id}/children?limit=3")
        assert ids(old) == [row["id"] for row in direct if row["type"] == "page"]
    assert types == {"page", "folder", "whiteboard", "database", "embed"}


def test_folders_can_be_walked(content: SiteContent) -> None:
    folder = next(
        child
        for page in content.pages.read(Order())
        for child in content.tree.children(page.ref)
        if child.ref.kind is Kind.FOLDER
    )
    inside = read_all(content, f"{V2}/folders/{folder.id}/direct-children")
    assert inside
    above = read(content, f"{V2}/pages/{inside[0]['id']}/ancestors?limit=1")["results"]
    assert above == [{"id": folder.id, "type": "folder"}]
    highest = read(content, f"{V2}/folders/{folder.id}/ancestors")["results"][0]
    assert read(content, f"{V2}/pages/{highest['id']}/ancestors")["results"] == []


def test_a_list_of_children_can_end_early_as_the_service_does() -> None:
    whole, cut = site(pages=2_000, spaces=1), site(pages=2_000, spaces=1, loses_null_positions=True)
    lost = 0
    for page in whole.pages.read(Order()):
        children = len(whole.tree.children(page.ref))
        if children > 1 and any(child.position is None for child in whole.tree.children(page.ref)):
            address = f"{V2}/pages/{page.id}/direct-children?limit=1"
            lost += children - len(collect(cut, address))
            assert len(collect(cut, f"{address}&sort=id")) == len(collect(whole, address)) == children
    assert lost > 0


def collect(content: SiteContent, address: str) -> list[str]:
    """Rows until there is no next, even where an empty window ends the list."""
    found = ids(read(content, address)["results"])
    for following in addresses(content, address):
        found += ids(read(content, following)["results"])
    return found


def test_tasks_filter(content: SiteContent) -> None:
    rows = read_all(content, f"{V2}/tasks?limit=250&body-format=storage")
    done = read_all(content, f"{V2}/tasks?status=complete&limit=4")
    assert ids(done) == [row["id"] for row in rows if row["status"] == "complete"]
    person = next(row["assignedTo"] for row in rows if "assignedTo" in row)
    assert {row["assignedTo"] for row in read_all(content, f"{V2}/tasks?assigned-to={person}")} == {person}
    filled = read_all(content, f"{V2}/tasks?include-blank-tasks=false&limit=250")
    assert 0 < len(filled) < len(rows)


def test_spaces_filter(content: SiteContent) -> None:
    rows = read_all(content, f"{V2}/spaces?description-format=plain&include-icon=true")
    assert ids(read_all(content, f"{V2}/spaces?keys=eng")) == [rows[0]["id"]]
    assert {row["type"] for row in read_all(content, f"{V2}/spaces?type=personal")} == {"personal"}
    assert [row["status"] for row in read_all(content, f"{V2}/spaces?status=archived")] == ["archived"]
    assert {row["description"] is None for row in rows} == {True, False}


def test_what_the_service_sends_beyond_its_documents(content: SiteContent) -> None:
    rows = read_all(content, f"{V2}/pages?limit=250")
    assert {type(row["version"]["ncsStepVersion"]) for row in rows} == {str, type(None)}
    assert all("edituiv2" in row["_links"] for row in rows)
    assert any(row["position"] is None for row in rows)
    assert any(row["lastOwnerId"] for row in rows)
    assert any(
        row["mediaTypeDescription"] is None for row in read_all(content, f"{V2}/attachments?limit=250")
    )


def test_a_short_link_that_ends_in_an_underscore_is_given_a_slash() -> None:
    assert {tiny("4096098"), tiny("13467649")} == {"/x/YoA_/", "/x/AYDN"}


def test_a_homepage_is_seen_as_the_overview_of_its_space(content: SiteContent) -> None:
    rows = {row["id"]: row["_links"] for row in read_all(content, f"{V2}/pages?limit=250")}
    for space in read_all(content, f"{V2}/spaces"):
        home = rows[space["homepageId"]]
        assert home["webui"] == f"/spaces/{space['key']}/overview"
        assert home["edituiv2"] == f"/spaces/{space['key']}/pages/edit-v2/{space['homepageId']}"
    assert sum(links["webui"].endswith("/overview") for links in rows.values()) == len(content.spaces)


def test_a_live_doc_is_edited_where_it_is_read(content: SiteContent) -> None:
    for row in read_all(content, f"{V2}/pages?limit=250"):
        links = row["_links"]
        is_live = row.get("subtype") == "live"
        assert (links["editui"] == links["edituiv2"] == links["webui"]) == is_live


def test_pictures_of_spaces_are_had_relative_to_the_site(content: SiteContent) -> None:
    icons = [row["icon"] for row in read_all(content, f"{V2}/spaces?include-icon=true") if row["icon"]]
    form = r"/wiki/rest/api/content/\d+/child/attachment/att\d+/download"
    assert icons
    assert all(re.fullmatch(form, icon["apiDownloadLink"]) for icon in icons)


def test_a_file_is_seen_among_those_of_its_page_by_its_bare_number_and_its_name(content: SiteContent) -> None:
    for row in read_all(content, f"{V2}/attachments?limit=250"):
        if "pageId" in row:
            page, number, name = row["pageId"], row["id"].removeprefix("att"), quote_plus(row["title"])
            seen = f"/pages/viewpageattachments.action?pageId={page}&preview=%2F{page}%2F{number}%2F{name}"
            assert row["webuiLink"] == row["_links"]["webui"] == seen


def test_a_comment_is_seen_where_what_it_hangs_on_is(content: SiteContent) -> None:
    links = {
        row["id"]: row["_links"]["webui"]
        for path in ("pages", "blogposts", "attachments")
        for row in read_all(content, f"{V2}/{path}?limit=250")
    }
    seen = set()
    for path in ("footer-comments", "inline-comments"):
        for row in read_all(content, f"{V2}/{path}?limit=250"):
            holder = next(
                (row[name] for name in ("pageId", "blogPostId", "attachmentId") if name in row), None
            )
            link = row["_links"]["webui"]
            if holder in links:
                mark = "&" if "?" in links[holder] else "?"
                assert link == f"{links[holder]}{mark}focusedCommentId={row['id']}"
                seen.add(mark)
            assert link.count("?") == 1
    assert seen == {"&", "?"}


def test_a_comment_has_no_body_at_all_unless_one_is_asked_for(content: SiteContent) -> None:
    for path in ("footer-comments", "inline-comments"):
        row = read(content, f"{V2}/{path}?limit=1")["results"][0]
        assert "body" not in row
        assert "body" not in read(content, f"{V2}/{path}/{row['id']}")
        assert "storage" in read(content, f"{V2}/{path}/{row['id']}?body-format=storage")["body"]


@pytest.mark.parametrize("path", ["pages", "blogposts", "attachments", "footer-comments", "inline-comments"])
def test_one_thing_as_a_version_before_had_it(content: SiteContent, path: str) -> None:
    several = next(row for row in read_all(content, f"{V2}/{path}?limit=250") if row["version"]["number"] > 1)
    one = f"{V2}/{path}/{several['id']}"
    listed = read(content, f"{one}/versions?limit=250")["results"]
    for version in listed[1:]:
        row = read(content, f"{one}?version={version['number']}")
        assert row["version"].items() <= version.items()
        assert row["status"] == "historical"
    present = read(content, f"{one}?version={several['version']['number']}")
    assert present == read(content, one)
    assert call(content, f"{one}?version={several['version']['number'] + 1}").status == 404
    assert call(content, f"{one}?version=first").status == 400


def test_one_page_is_found_by_the_status_it_has(content: SiteContent) -> None:
    row = next(row for row in read_all(content, f"{V2}/pages?limit=250") if row["version"]["number"] > 1)
    trashed = read(content, f"{V2}/pages?status=trashed&limit=1")["results"][0]["id"]
    for path, status in (
        (f"{row['id']}?status={row['status']}", 200),
        (f"{row['id']}?status=trashed,{row['status']}", 200),
        (f"{row['id']}?status=trashed", 404),
        (f"{row['id']}?status=historical", 404),
        (f"{row['id']}?status=historical&version=1", 200),
        (f"{trashed}", 200),
        (f"{trashed}?status=trashed", 200),
        (f"{trashed}?status=current&status=archived", 404),
        (f"{row['id']}?status=lost", 400),
        (f"{row['id']}?get-draft=perhaps", 400),
    ):
        assert call(content, f"{V2}/pages/{path}").status == status, path
    draft = next(
        page
        for number in range(content.pages.generated)
        if (page := content.pages.get(number)) and page.status == "draft"
    )
    assert call(content, f"{V2}/pages/{draft.id}?status=draft").status == 200
    assert call(content, f"{V2}/pages/{draft.id}?status=current").status == 404
    post = read(content, f"{V2}/blogposts?limit=1")["results"][0]["id"]
    assert call(content, f"{V2}/blogposts/{post}?status=trashed").status == 404
    assert call(content, f"{V2}/blogposts/{post}?status=archived").status == 400


def test_collaborators_are_those_who_saved_it(content: SiteContent) -> None:
    for path in ("pages", "blogposts", "attachments"):
        for row in read(content, f"{V2}/{path}?limit=9")["results"]:
            found = read(content, f"{V2}/{path}/{row['id']}?include-collaborators=true&include-versions=true")
            authors = [version["authorId"] for version in found["versions"]["results"]]
            assert {one["accountId"] for one in found["collaborators"]} == set(authors)
            assert "collaborators" not in read(content, f"{V2}/{path}/{row['id']}")


def test_role_assignments_filter(content: SiteContent) -> None:
    space = content.spaces[0].id
    address = f"{V2}/spaces/{space}/role-assignments"
    rows = read_all(content, address)
    kinds = {role["id"]: role["type"] for role in read_all(content, f"{V2}/space-roles")}
    for kind in set(kinds.values()):
        assert read_all(content, f"{address}?role-type={kind}") == [
            row for row in rows if kinds[row["roleId"]] == kind
        ]
    who = rows[0]["principal"]
    named = f"principal-type={who['principalType']}&principal-id={quote_plus(who['principalId'])}"
    assert read_all(content, f"{address}?{named}") == [row for row in rows if row["principal"] == who]
    given = {row["roleId"] for row in rows if row["principal"] == who}
    assert set(ids(read_all(content, f"{V2}/space-roles?space-id={space}&{named}"))) == given
    for query in (
        "principal-type=USER",
        "principal-id=x",
        "principal-type=ROBOT&principal-id=x",
        "role-type=X",
    ):
        assert call(content, f"{address}?{query}").status == 400
        assert call(content, f"{V2}/space-roles?{query}").status == 400
    assert call(content, f"{V2}/space-roles?space-id=1").status == 404


def test_one_thing_names_the_site_in_its_headers(content: SiteContent) -> None:
    base = '<https://acme.atlassian.net/wiki>; rel="base"'
    for path in ("pages", "blogposts", "attachments", "footer-comments", "spaces"):
        row = read(content, f"{V2}/{path}?limit=1")["results"][0]
        assert call(content, f"{V2}/{path}/{row['id']}").headers["Link"] == base
    inline = read(content, f"{V2}/inline-comments?limit=1")["results"][0]["id"]
    headers = call(content, f"{V2}/inline-comments/{inline}").headers
    assert headers["Warning"] == (
        '299 - "Deprecated Fields: inline-marker-ref and inline-original-selection are deprecated, '
        'use inlineMarkerRef and inlineOriginalSelection instead."'
    )
    change = "https://developer.atlassian.com/cloud/confluence/changelog/#CHANGE-1411"
    assert headers["Link"] == f'<{change}>; rel="deprecation", {base}'


def test_what_is_included_says_where_the_rest_is(content: SiteContent) -> None:
    names = ("labels", "properties", "operations", "likes", "versions")
    asked = "&".join(f"include-{name}=true" for name in names)
    for path in ("pages", "blogposts"):
        one = read(content, f"{V2}/{path}?limit=1")["results"][0]["id"]
        row = read(content, f"{V2}/{path}/{one}?{asked}")
        for name in names:
            end = "likes/users" if name == "likes" else name
            assert row[name]["_links"] == {"self": f"/api/v2/{path}/{one}/{end}"}
    space = content.spaces[0].id
    row = read(content, f"{V2}/spaces/{space}?include-permissions=true")
    assert row["permissions"]["_links"] == {"self": f"/api/v2/spaces/{space}/permissions"}


def test_versions_that_are_included_hold_what_they_are_of(content: SiteContent) -> None:
    page = next(row for row in read_all(content, f"{V2}/pages?limit=250") if row["version"]["number"] > 1)
    one = f"{V2}/pages/{page['id']}"
    row = read(content, f"{one}?include-versions=true&body-format=storage")
    listed = read_all(content, f"{one}/versions?body-format=storage&limit=250")
    assert row["versions"]["results"] == listed
    assert listed[0]["page"] == {"body": row["body"], "title": page["title"], "id": page["id"]}
    file = read(content, f"{V2}/attachments?limit=1")["results"][0]
    included = read(content, f"{V2}/attachments/{file['id']}?include-versions=true")["versions"]["results"]
    assert included[0]["attachment"] == {"body": {}, "title": file["title"], "id": file["id"]}


def test_whoever_is_of_a_kind_may_do_something_in_a_space(content: SiteContent) -> None:
    rows = read_all(content, f"{V2}/spaces/{content.spaces[0].id}/permissions")
    assert {row["principal"]["type"] for row in rows} == {"user", "group", "role", "access-class"}
    named = {row["principal"]["id"] for row in rows if row["principal"]["type"] == "access-class"}
    assert named == {"ALL_LICENSED_USERS", "ALL_PRODUCT_ADMINS"}
    assert len(set(ids(rows))) == len(rows)


def test_only_special_pages_say_what_they_are_made_from_or_that_they_are_live(content: SiteContent) -> None:
    rows = read_all(content, f"{V2}/pages?limit=250")
    for name, form in (("subtype", "live"), ("sourceTemplateEntityId", r"com\.atlassian\.[\w.-]+:[\w-]+")):
        values = [row[name] for row in rows if name in row]
        assert 0 < len(values) < len(rows) / 4
        assert all(re.fullmatch(form, value) for value in values)


def convert(content: SiteContent, given: list[Any]) -> Any:
    return json.loads(
        call(content, f"{V2}/content/convert-ids-to-types", "POST", {"contentIds": given}).body
    )["results"]


def test_ids_tell_their_kinds(content: SiteContent) -> None:
    kind = "ac:com.example.diagrams:diagram"
    expected = {
        read(content, f"{V2}/{path}{'&' if '?' in path else '?'}limit=1")["results"][0]["id"]: name
        for path, name in (
            ("pages", "page"),
            ("pages?status=trashed", "page"),
            ("blogposts", "blogpost"),
            ("attachments", "attachment"),
            ("footer-comments", "footer-comment"),
            ("inline-comments", "inline-comment"),
            (f"custom-content?type={kind}", kind),
        )
    }
    for space in content.spaces:
        home = content.homepage(space)
        assert home is not None
        below = read_all(content, f"{V2}/pages/{home.id}/descendants?depth=10&limit=250")
        expected |= {row["id"]: row["type"] for row in below if row["type"] != "page"}
    assert len(expected) <= 100
    assert {"page", "folder", "whiteboard", "database", "embed"} <= set(expected.values())
    assert convert(content, list(expected)) == expected


def test_ids_of_nothing_are_of_no_kind(content: SiteContent) -> None:
    page = read(content, f"{V2}/pages?limit=1")["results"][0]["id"]
    found = convert(content, [int(page), page, "987654321", "no id", 5])
    assert found == {page: "page", "987654321": None, "no id": None, "5": None}
    many = {"contentIds": [str(number) for number in range(101)]}
    assert call(content, f"{V2}/content/convert-ids-to-types", "POST", many).status == 400


@pytest.mark.parametrize("kind", ["footer", "inline"])
def test_all_comments_are_the_roots_and_what_answers_them(content: SiteContent, kind: str) -> None:
    everything = read_all(content, f"{V2}/{kind}-comments?limit=250")
    holders = ("page", "pageId"), ("blogpost", "blogPostId"), ("attachment", "attachmentId")
    holders = (*holders, ("custom-content", "customContentId"))
    found: list[str] = []
    deepest = 0
    for name, field in holders:
        plural = name if name == "custom-content" else f"{name}s"
        for owner in {row[field] for row in everything if field in row}:
            level = ids(read_all(content, f"{V2}/{plural}/{owner}/{kind}-comments?limit=250"))
            depth = 0
            while level:
                found += level
                depth += 1
                below = [read_all(content, f"{V2}/{kind}-comments/{one}/children") for one in level]
                assert all(row["parentCommentId"] in level for rows in below for row in rows)
                level = [row["id"] for rows in below for row in rows]
            deepest = max(deepest, depth)
    assert sorted(found) == sorted(ids(everything))
    assert deepest > 2


@pytest.mark.parametrize("path", ["pages", "blogposts", "attachments"])
def test_a_label_leads_to_what_carries_it(path: str) -> None:
    content = site()
    content.delete_page(read(content, f"{V2}/pages?limit=12")["results"][-1]["id"])
    carried: dict[str, list[str]] = {}
    for row in read_all(content, f"{V2}/{path}?limit=250&status=current"):
        for label in read_all(content, f"{V2}/{path}/{row['id']}/labels"):
            carried.setdefault(label["id"], []).append(row["id"])
    assert carried
    for label in read_all(content, f"{V2}/labels"):
        address = f"{V2}/labels/{label['id']}/{path}?limit=4"
        assert ids(read_all(content, address)) == carried.get(label["id"], [])
        newest = read_all(content, f"{address}&sort=-created-date")
        assert sorted(ids(newest)) == sorted(carried.get(label["id"], []))


def test_comments_by_date_follow_what_is_deleted() -> None:
    content = site()
    address = f"{V2}/footer-comments?limit=100&sort=-modified-date"
    before = read_all(content, address)
    gone = next(row["pageId"] for row in before if "pageId" in row)
    content.delete_page(gone)
    after = read_all(content, address)
    assert after
    assert gone not in {row.get("pageId") for row in after}
    times = [row["version"]["createdAt"] for row in after]
    assert times == sorted(times, reverse=True)


def test_tasks_of_spaces_are_all_tasks(content: SiteContent) -> None:
    everything = read_all(content, f"{V2}/tasks?limit=250")
    for space in content.spaces:
        rows = read_all(content, f"{V2}/tasks?limit=3&space-id={space.id}")
        assert ids(rows) == [row["id"] for row in everything if row["spaceId"] == space.id]


def test_custom_content_hangs_on_pages_and_posts_and_holds_more(content: SiteContent) -> None:
    kinds = ("ac:com.example.diagrams:diagram", "forge:6a1f0e5c:polls:static:poll")
    rows = [row for kind in kinds for row in read_all(content, f"{V2}/custom-content?type={kind}&limit=9")]
    assert all(("pageId" in row) != ("blogPostId" in row) for row in rows)
    assert {"pageId", "blogPostId"} < {name for row in rows for name in row}
    for row in rows:
        holder = f"pages/{row['pageId']}" if "pageId" in row else f"blogposts/{row['blogPostId']}"
        found = read_all(content, f"{V2}/{holder}/custom-content?type={row['type']}")
        assert ids(found) == [row["id"]]
    inner = {
        one["id"] for row in rows for one in read_all(content, f"{V2}/custom-content/{row['id']}/children")
    }
    assert inner
    assert inner < {row["id"] for row in rows}
    files = [one for row in rows for one in read_all(content, f"{V2}/custom-content/{row['id']}/attachments")]
    assert files
    assert {one["id"] for one in files} <= set(ids(read_all(content, f"{V2}/attachments?limit=250")))


def test_a_branch_goes_deeper_than_one_walk(content: SiteContent) -> None:
    deep = 0
    for space in content.spaces:
        home = content.homepage(space)
        assert home is not None
        rows = read_all(content, f"{V2}/pages/{home.id}/descendants?depth=10&limit=250")
        leaves = [row for row in rows if row["depth"] == 10 and row["type"] == "page"]
        deep += sum(bool(read_all(content, f"{V2}/pages/{row['id']}/direct-children")) for row in leaves)
    assert deep
