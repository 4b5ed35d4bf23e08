"""The v1 API of the sandbox: CQL with all its oddities, people, groups, and the offset lists."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from confluence_nb.sandbox.accounts import ACCOUNTS
from confluence_nb.sandbox.rest import Answer, ApiRequest, Surroundings, answer
from confluence_nb.sandbox.rest.cql import CQLError, parse
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.order import Order
from confluence_nb.sandbox.wiki.pages import Page

V1 = "/wiki/rest/api"


def site(pages: int = 300) -> SiteContent:
    return SiteContent(
        site_url="https://acme.atlassian.net", accounts=ACCOUNTS, seed=7, spaces=6, pages=pages
    )


@pytest.fixture(scope="module")
def content() -> SiteContent:
    return site()


@pytest.fixture(scope="module")
def large() -> SiteContent:
    return site(pages=6_000)


def call(content: SiteContent, address: str) -> Answer:
    parts = urlsplit(address)
    return answer(
        content, ApiRequest("GET", parts.path, tuple(parse_qsl(parts.query)), b"", ACCOUNTS[0].account_id)
    )


def read(content: SiteContent, address: str) -> Any:
    found = call(content, address)
    assert found.status == 200, found.body
    return json.loads(found.body)


def search(content: SiteContent, cql: str, more: str = "&limit=100", path: str = "search") -> list[Any]:
    rows: list[Any] = []
    address: str | None = f"{V1}/{path}?cql={quote(cql)}{more}"
    while address:
        page = read(content, address)
        rows += page["results"]
        following = page["_links"].get("next")
        address = page["_links"]["context"] + following if following else None
    return rows


def titles(content: SiteContent, cql: str) -> list[str]:
    return [row["content"]["title"] for row in search(content, cql)]


def current(content: SiteContent) -> list[Page]:
    """What a search looks in unless it is told otherwise: the current pages of current spaces."""
    return [page for page in in_any_space(content) if content.spaces[page.space].status == "current"]


def in_any_space(content: SiteContent) -> list[Page]:
    return [page for page in content.pages.read(Order()) if page.status == "current"]


def test_search_finds_every_current_page_and_no_archived_one(content: SiteContent) -> None:
    found = [row["content"]["id"] for row in search(content, "type = page")]
    assert sorted(found, key=int) == [page.id for page in current(content)]
    assert len(found) == len(set(found)) < content.counts()["pages"]


@pytest.mark.parametrize("kind", ["page", "blogpost", "comment", "attachment"])
def test_what_is_in_archived_spaces_is_found_only_when_asked_for(content: SiteContent, kind: str) -> None:
    cql = f"type = {kind}"
    plain, both, archived = (
        [row["content"]["id"] for row in search(content, cql, f"&limit=40{more}")]
        for more in ("", "&includeArchivedSpaces=true", "&excludeCurrentSpaces=true")
    )
    assert sorted(plain + archived) == sorted(both)
    assert plain
    assert archived
    key = content.spaces[-1].key
    assert [row["content"]["id"] for row in search(content, f"{cql} and space = {key}")] == []
    inside = search(content, f"{cql} and space = {key}", "&includeArchivedSpaces=true")
    assert sorted(row["content"]["id"] for row in inside) == sorted(archived)


def test_the_number_of_archived_results_is_said_and_is_none(content: SiteContent) -> None:
    assert read(content, f"{V1}/search?cql=type%3Dpage&limit=1")["archivedResultCount"] == 0


def test_a_search_for_content_looks_in_current_spaces(content: SiteContent) -> None:
    rows = search(content, "type = page", "&limit=100&includeArchivedSpaces=true", "content/search")
    assert sorted((row["id"] for row in rows), key=int) == [page.id for page in current(content)]


def test_windows_come_short_and_totals_only_about_right(content: SiteContent) -> None:
    sizes, totals = [], set()
    address: str | None = f"{V1}/search?cql=type%3Dpage&limit=40"
    while address:
        page = read(content, address)
        sizes.append(page["size"])
        totals.add(page["totalSize"])
        assert page["limit"] == 40
        address = f"/wiki{page['_links']['next']}" if "next" in page["_links"] else None
    assert any(size < 40 for size in sizes[:-1])
    assert len(totals) > 1
    assert max(totals) > sum(sizes)


@pytest.mark.parametrize("space", ["", " and space = ENG", " and space in (ENG, OPS)"])
@pytest.mark.parametrize("kind", ["page", "blogpost", "comment", "attachment"])
def test_the_first_row_already_tells_about_how_many_there_are(
    large: SiteContent, kind: str, space: str
) -> None:
    found = len(
        search(large, f"type = {kind}{space} and id != 0")
    )  # another query: nothing is remembered of this one
    assert read(large, f"{V1}/search?cql={quote(f'type = {kind}{space}')}&limit=1")[
        "totalSize"
    ] == pytest.approx(found, rel=0.1, abs=6)


def test_next_is_relative_to_the_context_and_forgets_expand(content: SiteContent) -> None:
    page = read(content, f"{V1}/search?cql=type%3Dpage&limit=5&excerpt=none&expand=content.version")
    following = page["_links"]["next"]
    assert following.startswith("/rest/api/search?next=true&cursor=_t_")
    assert "excerpt" not in following
    assert "expand" not in following
    assert "version" in page["results"][0]["content"]
    assert page["_links"]["context"] == "/wiki"


def test_start_is_ignored_and_limits_are_peculiar(content: SiteContent) -> None:
    assert read(content, f"{V1}/search?cql=type%3Dpage&start=100001&limit=1")["size"] == 1
    assert read(content, f"{V1}/search?cql=type%3Dpage&limit=5000")["limit"] == 5000
    odd = call(content, f"{V1}/search?cql=type%3Dpage&limit=ten")
    assert (odd.status, odd.body) == (404, b"")
    assert call(content, f"{V1}/search?cql=type%3Dpage&limit=-1").status == 400


def test_titles_are_escaped_and_marked(content: SiteContent) -> None:
    rows = search(content, 'title ~ "Q&A"')
    assert rows
    for row in rows:
        plain = row["title"].replace("@@@hl@@@", "").replace("@@@endhl@@@", "")
        assert html.unescape(plain) == row["content"]["title"]
    assert any("&lt;" in row["title"] for row in rows)
    marked = search(content, 'title ~ "runbook" and type = page')
    assert marked
    assert all("@@@hl@@@Runbook@@@endhl@@@" in row["title"] for row in marked)


@pytest.mark.parametrize(
    ("asked", "repeated"),
    [
        ("type=page", "type = page"),
        ('  type in(page,blogpost)   and title~"a  b"', 'type in (page, blogpost) and title ~ "a  b"'),
        ('created>now("-30d") order by created', 'created > now("-30d") order by created'),
        ("not(type=page or(space=ENG))", "not (type = page or (space = ENG))"),
    ],
)
def test_a_query_is_repeated_with_one_space_between_its_words(
    content: SiteContent, asked: str, repeated: str
) -> None:
    assert read(content, f"{V1}/search?cql={quote(asked)}&limit=1")["cqlQuery"] == repeated


def test_a_search_tells_the_second_and_escapes_apostrophes_as_recorded(content: SiteContent) -> None:
    rows = search(content, "type in (page, blogpost)")
    assert all(row["lastModified"].endswith(".000Z") for row in rows)
    texts = [row["excerpt"] + row["title"] for row in rows]
    assert not any("&#x27;" in text or "'" in text for text in texts)
    assert any("&#39;" in text for text in texts)


def labels(site: SiteContent, page: Page) -> set[str]:
    return {label.name for label in site.labels_of(page.ref)}


def above(site: SiteContent, page: Page) -> set[str]:
    return {ref.id for ref in site.tree.ancestors(page.ref)}


def savers(site: SiteContent, page: Page) -> set[int]:
    return {site.pages.version(page, number).author for number in range(1, page.version.number + 1)}


def words(site: SiteContent, page: Page) -> str:
    return f"{page.title} {site.words(page)}".casefold()


@pytest.mark.parametrize(
    ("cql", "test"),
    [
        ("space = ENG", lambda site, page: page.space == 0),
        ("space in (eng, OPS)", lambda site, page: page.space in (0, 1)),
        ("not space = ENG", lambda site, page: page.space != 0),
        ("space not in (ENG)", lambda site, page: page.space != 0),
        ('(title ~ "ADR" or title ~ "RFC")', lambda site, page: "ADR" in page.title or "RFC" in page.title),
        ("creator = currentUser()", lambda site, page: page.author == 0),
        ("LABEL = runbook", lambda site, page: "runbook" in labels(site, page)),
        (
            'created >= "2025-01-01" AND created < "2025-07-01"',
            lambda site, page: 1735689600000 <= page.created < 1751328000000,
        ),
        ("parent = 32769", lambda site, page: page.parent is not None and page.parent.id == "32769"),
        ("ancestor = 32769", lambda site, page: "32769" in above(site, page)),
        ("id in (32769, 34657)", lambda site, page: page.id in ("32769", "34657")),
        ('text ~ "reversible"', lambda site, page: "reversible" in words(site, page)),
        (f'contributor = "{ACCOUNTS[5].account_id}"', lambda site, page: 5 in savers(site, page)),
    ],
)
def test_cql_means_what_it_says(
    content: SiteContent, cql: str, test: Callable[[SiteContent, Page], bool]
) -> None:
    expected = {page.title for page in current(content) if test(content, page)}
    assert expected
    assert set(titles(content, f"type = page and {cql}")) == expected


def test_recent_changes_are_found_after_an_edit() -> None:
    content = site(60)
    before = set(titles(content, 'type = page and lastmodified > now("-1h")'))
    page = current(content)[12]
    content.edit_page(page.id, title="Fresh")
    assert set(titles(content, 'type = page and lastmodified > now("-1h")')) - before == {"Fresh"}
    content.delete_page(page.id)
    assert "Fresh" not in titles(content, "type = page")


def test_order_by(content: SiteContent) -> None:
    found = titles(content, "type = page order by title desc")
    assert found == sorted(found, key=str.casefold, reverse=True)
    dates = [
        row["lastModified"]
        for row in search(content, "type in (page, blogpost) order by lastmodified, title")
    ]
    assert dates == sorted(dates)


def test_other_kinds_are_found_too(content: SiteContent) -> None:
    spaces = search(content, "type = space")
    assert {row["space"]["key"] for row in spaces} == {space.key for space in content.spaces[:-1]}
    assert [row["space"]["key"] for row in search(content, "type = space", "&excludeCurrentSpaces=true")] == [
        content.spaces[-1].key
    ]
    assert all("content" not in row for row in spaces)
    kinds = {row["content"]["type"] for row in search(content, "type != space and created > 2020-01-01")}
    assert kinds == {"page", "blogpost", "comment", "attachment", "folder", "whiteboard", "database", "embed"}


def test_a_site_search_between_two_clauses_is_dropped(content: SiteContent) -> None:
    dropped = titles(content, 'type = page and siteSearch ~ "zzzzzz" and space = ENG')
    assert dropped == titles(content, "type = page and space = ENG")
    assert titles(content, 'type = page and siteSearch ~ "zzzzzz"') == []


@pytest.mark.parametrize(
    ("cql", "status", "message"),
    [
        ("status = current", 400, "No field exists with the name: 'status' Did you mean one of : "),
        ("type = page and", 400, "Could not parse cql : type = page and"),
        ("type = page)", 400, "Could not parse cql"),
        ("title > 5", 400, "The operator '>' is not supported for the field 'title'"),
        ("created > soon()", 400, "No function exists with the name: 'soon'"),
        ('created > "tomorrow"', 400, "Unable to parse date"),
        ('created > now("x")', 400, "Invalid period"),
        ("type = spreadsheet", 400, "Unsupported value for the field 'type'"),
        ("type = page order by label", 400, "cannot be used in order by"),
        ('text ~ ""', 500, "NullPointerException"),
        ("", 400, "cql"),
    ],
)
def test_bad_queries_are_refused_in_the_services_words(
    content: SiteContent, cql: str, status: int, message: str
) -> None:
    found = call(content, f"{V1}/search?cql={quote(cql)}")
    assert found.status == status
    assert message in json.loads(found.body)["message"]


def test_a_foreign_cursor_is_refused(content: SiteContent) -> None:
    following = read(content, f"{V1}/search?cql=type%3Dpage&limit=5")["_links"]["next"]
    cursor = dict(parse_qsl(urlsplit(following).query))["cursor"]
    assert call(content, f"{V1}/search?cql=type%3Dblogpost&cursor={quote(cursor)}").status == 400
    assert call(content, f"{V1}/search?cql=type%3Dpage&cursor=nonsense").status == 400


def test_quotes_and_backslashes_can_be_escaped() -> None:
    clause = parse(r'title = "a \"quoted\" \\ word"').where
    assert clause.values == ('a "quoted" \\ word',)  # type: ignore[union-attr]
    with pytest.raises(CQLError):
        parse('title = "open')


def test_content_search_expands_bodies(content: SiteContent) -> None:
    found = call(content, f"{V1}/content/search?cql=type%3Dpage&limit=3&expand=body.storage,space,ancestors")
    rows = json.loads(found.body)["results"]
    assert all(row["body"]["storage"]["representation"] == "storage" for row in rows)
    assert rows[0]["space"]["key"] == "ENG"
    assert found.bodies == 3


def test_the_current_user_is_who_asks(content: SiteContent) -> None:
    me = read(content, f"{V1}/user/current")
    assert (me["accountId"], me["displayName"]) == (ACCOUNTS[0].account_id, ACCOUNTS[0].name)
    request = ApiRequest("GET", f"{V1}/user/current", (), b"", ACCOUNTS[2].account_id)
    assert json.loads(answer(content, request).body)["displayName"] == ACCOUNTS[2].name


def test_people_can_be_looked_up(content: SiteContent) -> None:
    named = "&".join(f"accountId={account.account_id}" for account in ACCOUNTS[:4])
    bulk = read(content, f"{V1}/user/bulk?{named}")
    assert [row["displayName"] for row in bulk["results"]] == [account.name for account in ACCOUNTS[:4]]
    many = "&".join(f"accountId={index}" for index in range(101))
    assert call(content, f"{V1}/user/bulk?{many}").status == 400
    assert call(content, f"{V1}/user?accountId=nobody").status == 404
    found = search(content, 'type = user and user.fullname ~ "ada"', path="search/user")
    assert ACCOUNTS[0].name in {row["user"]["displayName"] for row in found}


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("group", 2),
        ("audit", 500),
        ("template/page", 2),
        ("longtask", 2),
        ("space/ENG/label", 7),
        ("space/ENG/watch", 2),
    ],
)
def test_offset_lists_end_where_they_end(content: SiteContent, path: str, limit: int) -> None:
    whole = read(content, f"{V1}/{path}?limit=2000")["results"]
    rows: list[Any] = []
    address: str | None = f"{V1}/{path}?limit={limit}"
    while address:
        page = read(content, address)
        assert page["start"] == len(rows)
        rows += page["results"]
        address = f"/wiki{page['_links']['next']}" if "next" in page["_links"] else None
    assert len(rows) == len(whole) > limit
    if path != "audit":
        assert rows == whole


def test_groups_lead_to_their_members(content: SiteContent) -> None:
    for group in read(content, f"{V1}/group")["results"]:
        members = read(content, f"{V1}/group/{group['id']}/membersByGroupId")["results"]
        assert members
        mine = read(content, f"{V1}/user/memberof?accountId={members[0]['accountId']}")["results"]
        assert group["id"] in {row["id"] for row in mine}


def test_views_never_fall_below_viewers(content: SiteContent) -> None:
    for page in current(content)[:20]:
        views = read(content, f"{V1}/analytics/content/{page.id}/views")["count"]
        assert views >= read(content, f"{V1}/analytics/content/{page.id}/viewers")["count"]
        since = read(content, f"{V1}/analytics/content/{page.id}/views?fromDate=2026-01-01")["count"]
        assert since <= views


def test_restrictions_name_people_and_groups(content: SiteContent) -> None:
    restricted = [
        row
        for page in current(content)
        for row in read(content, f"{V1}/content/{page.id}/restriction")["results"]
        if row["restrictions"]["user"]["size"]
    ]
    assert {row["operation"] for row in restricted} == {"read", "update"}
    assert all(row["restrictions"]["group"]["results"][0]["name"] for row in restricted)


@pytest.mark.parametrize("kind", ["page", "blogpost", "comment", "attachment"])
@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d"])
def test_slices_by_date_make_the_whole(content: SiteContent, kind: str, form: str) -> None:
    query = f"(type = {kind} or (type = {kind} and space = ENG))"
    whole = [row["content"]["id"] for row in search(content, query)]
    cuts = [content.now() - timedelta(days=400 * back) for back in range(6, -2, -1)]
    parts = [
        row["content"]["id"]
        for first, last in pairwise(cuts)
        for row in search(
            content,
            f'{query} and created >= "{first.strftime(form)}" and created < "{last.strftime(form)}" '
            "order by created desc",
        )
    ]
    assert sorted(parts) == sorted(whole)
    assert whole


def test_people_have_no_date_to_search_by(content: SiteContent) -> None:
    cql = quote('user.fullname ~ "a" and created >= "2024-01-01"')
    assert call(content, f"{V1}/search/user?cql={cql}").status == 400


def test_cursors_grow_when_they_are_told_to(content: SiteContent) -> None:
    def window(address: str) -> Any:
        parts = urlsplit(address)
        around = Surroundings(cursor_grows=1_000)
        found = answer(content, ApiRequest("GET", parts.path, tuple(parse_qsl(parts.query)), around=around))
        return json.loads(found.body)

    address = f"{V1}/search?cql=type%3Dpage&limit=50"
    lengths, found = [], []
    while address:
        page = window(address)
        found += [row["content"]["id"] for row in page["results"]]
        address = f"/wiki{page['_links']['next']}" if "next" in page["_links"] else ""
        lengths.append(len(address))
    assert found == [row["content"]["id"] for row in search(content, "type=page")]
    growth = [later - sooner for sooner, later in pairwise(lengths[:-1])]
    assert growth
    assert all(900 < step < 1_200 for step in growth)


def test_a_space_has_templates_of_its_own(content: SiteContent) -> None:
    everywhere = read(content, f"{V1}/template/page")["results"]
    here = read(content, f"{V1}/template/page?spaceKey=ENG")["results"]
    assert not {row["templateId"] for row in everywhere} & {row["templateId"] for row in here}
    assert {row["space"]["key"] for row in here} == {"ENG"}
    for row in (*everywhere, *here, *read(content, f"{V1}/template/blueprint?spaceKey=ENG")["results"]):
        assert read(content, f"{V1}/template/{row['templateId']}")["name"] == row["name"]
    assert call(content, f"{V1}/template/page?spaceKey=NOSUCH").status == 404


def test_the_audit_log_stands_still_and_can_be_searched(content: SiteContent) -> None:
    rows = read(content, f"{V1}/audit?limit=2000")["results"]
    assert rows == read(content, f"{V1}/audit?limit=2000")["results"]
    times = [row["creationDate"] for row in rows]
    assert times == sorted(times, reverse=True)
    between = read(content, f"{V1}/audit?startDate={times[40]}&endDate={times[10]}")["results"]
    assert between == rows[10:41]
    person = rows[0]["author"]["displayName"]
    found = read(content, f"{V1}/audit?limit=2000&searchString={quote(person)}")["results"]
    assert found == [row for row in rows if row["author"]["displayName"] == person]


@pytest.mark.parametrize("moment", ["9" * 16, "9" * 400, "9" * 5_000, "whenever", "0001-01-01", "²"])
def test_a_moment_that_no_date_has_is_a_bad_request(content: SiteContent, moment: str) -> None:
    assert call(content, f"{V1}/audit?startDate={quote(moment)}").status in (200, 400)
    assert call(content, f"{V1}/audit?startDate=2025-01-01&endDate={quote(moment)}").status in (200, 400)


def test_posts_are_told_about_as_pages_are(content: SiteContent) -> None:
    post = next(post for post in content.blogposts.read(Order()) if post.status == "current")
    assert read(content, f"{V1}/analytics/content/{post.id}/views")["id"] == int(post.id)
    assert len(read(content, f"{V1}/content/{post.id}/restriction")["results"]) == 2
    assert read(content, f"{V1}/content/{post.id}/notification/created")["size"] >= 0
    assert call(content, f"{V1}/analytics/content/987654321/views").status == 404


def post(content: SiteContent, address: str, body: Any) -> Any:
    found = answer(
        content, ApiRequest("POST", address, (), json.dumps(body).encode(), ACCOUNTS[0].account_id)
    )
    assert found.status == 200, found.body
    return json.loads(found.body)


def test_a_restriction_is_for_those_it_names(content: SiteContent) -> None:
    seen = set()
    for page in current(content)[:80]:
        one = f"{V1}/content/{page.id}/restriction/byOperation/update"
        told = read(content, one)["restrictions"]
        people = {user["accountId"] for user in told["user"]["results"]}
        groups = {group["id"] for group in told["group"]["results"]}
        for account in ACCOUNTS[:5]:
            asked = quote(account.account_id)
            assert read(content, f"{one}/user?accountId={asked}") == (account.account_id in people)
        for group in read(content, f"{V1}/group")["results"]:
            assert read(content, f"{one}/byGroupId/{group['id']}") == (group["id"] in groups)
        seen.add(bool(people))
    assert seen == {True, False}
    assert call(content, f"{V1}/content/{page.id}/restriction/byOperation/copy/user").status == 400


def test_permissions_are_checked_by_restrictions(content: SiteContent) -> None:
    found = set()
    for page in current(content)[:80]:
        told = read(content, f"{V1}/content/{page.id}/restriction/byOperation/read")["restrictions"]
        for account in ACCOUNTS[:12]:
            subject = {"type": "user", "identifier": account.account_id}
            may = post(
                content, f"{V1}/content/{page.id}/permission/check", {"subject": subject, "operation": "read"}
            )
            if not told["user"]["results"]:
                assert may["hasPermission"]
            assert may["hasPermission"] == (not may["errors"])
            found.add(may["hasPermission"])
    assert found == {True, False}
    stranger = {"subject": {"type": "user", "identifier": "nobody"}, "operation": "read"}
    refused = post(content, f"{V1}/content/{page.id}/permission/check", stranger)
    assert refused["errors"][0]["translation"] == "User is not allowed to use Confluence"
    path = f"{V1}/content/{page.id}/permission/check"
    assert answer(content, ApiRequest("POST", path, (), b"{}", ACCOUNTS[0].account_id)).status == 400


def test_who_watches_is_told_alike_from_both_sides(content: SiteContent) -> None:
    for page in current(content)[:20]:
        rows = read(content, f"{V1}/content/{page.id}/notification/child-created")["results"]
        watching = {row["watcher"]["accountId"] for row in rows}
        for account in ACCOUNTS[:6]:
            told = read(content, f"{V1}/user/watch/content/{page.id}?accountId={quote(account.account_id)}")
            assert told == {"watching": account.account_id in watching}
    key = content.spaces[0].key
    watchers = [row["watcher"]["accountId"] for row in read(content, f"{V1}/space/{key}/watch")["results"]]
    assert read(content, f"{V1}/user/watch/space/{key}")["watching"] == (ACCOUNTS[0].account_id in watchers)
    assert call(content, f"{V1}/user/watch/label/no-such-label").status == 404


def test_relations_are_told_alike_from_both_sides(content: SiteContent) -> None:
    rows = read(content, f"{V1}/relation/sandbox-reviews/from/user/current/to/content?limit=200")["results"]
    for row in rows[:9]:
        page = row["target"]["id"]
        people = read(content, f"{V1}/relation/sandbox-reviews/to/content/{page}/from/user")["results"]
        assert row["source"] in [one["source"] for one in people]
        assert read(content, f"{V1}/relation/sandbox-reviews/from/user/current/to/content/{page}") == row
    assert call(content, f"{V1}/relation/unheard-of/from/user/current/to/content/{page}").status == 404


def test_what_is_below_is_a_map_of_kinds(content: SiteContent) -> None:
    home = content.homepage(content.spaces[0])
    assert home is not None
    bare = read(content, f"{V1}/content/{home.id}/descendant")
    assert bare["_expandable"]["page"] == f"/rest/api/content/{home.id}/descendant/page"
    found = read(content, f"{V1}/content/{home.id}/descendant?expand=page,comment")
    assert {"page", "comment"} <= found.keys()
    listed = read(content, f"{V1}/content/{home.id}/descendant/page?limit=25")["results"]
    assert found["page"]["results"] == listed
    direct = read(content, f"{V1}/content/{home.id}/descendant/page?depth=root&limit=200")["results"]
    assert 0 < len(direct) < content.counts()["pages"]
    assert {row["id"] for row in direct} == {
        row["id"] for row in search(content, f"parent = {home.id}", path="content/search")
    }
    assert call(content, f"{V1}/content/{home.id}/descendant/page?depth=101").status == 400


def test_settings_of_the_site_and_its_spaces(content: SiteContent) -> None:
    selected = read(content, f"{V1}/settings/theme/selected")
    assert read(content, f"{V1}/settings/theme/{selected['themeKey']}") == selected
    own = [
        key
        for key in (space.key for space in content.spaces)
        if call(content, f"{V1}/space/{key}/theme").status == 200
    ]
    for space in content.spaces:
        look = read(content, f"{V1}/settings/lookandfeel?spaceKey={quote(space.key)}")
        assert look["selected"] == ("custom" if space.key in own else "global")
        assert read(content, f"{V1}/space/{quote(space.key)}/settings")["spaceKey"] == space.key
    for task in read(content, f"{V1}/longtask")["results"]:
        assert task.items() <= read(content, f"{V1}/longtask/{task['id']}").items()
    assert call(content, f"{V1}/longtask/99").status == 404


@pytest.mark.parametrize("kind", ["folder", "whiteboard", "database", "embed"])
def test_what_is_in_the_tree_beside_pages_is_found_by_its_type(content: SiteContent, kind: str) -> None:
    rows = search(content, f"type = {kind}", "&limit=50&includeArchivedSpaces=true")
    assert rows
    for row in rows:
        node = read(content, f"/wiki/api/v2/{kind}s/{row['content']['id']}")
        assert (row["content"]["type"], row["content"]["title"]) == (kind, node["title"])
        assert row["url"] == node["_links"]["webui"]
    one = read(content, f"/wiki/api/v2/{kind}s/{rows[0]['content']['id']}")
    beside = search(content, f"parent = {one['parentId']}", "&includeArchivedSpaces=true")
    assert one["id"] in [row["content"]["id"] for row in beside]


def test_what_somebody_starred_or_watches_is_found(content: SiteContent) -> None:
    mine = {row["content"]["id"] for row in search(content, "type = page and favourite = currentUser()")}
    assert mine
    for page in current(content)[:60]:
        told = read(content, f"/wiki/api/v2/pages/{page.id}?include-favorited-by-current-user-status=true")
        assert told["isFavoritedByCurrentUser"] == (page.id in mine)
    who = ACCOUNTS[4].account_id
    watched = {row["content"]["id"] for row in search(content, f'type = page and watcher = "{who}"')}
    assert watched
    for page in current(content)[:60]:
        told = read(content, f"{V1}/user/watch/content/{page.id}?accountId={quote(who)}")
        assert told["watching"] == (page.id in watched)
    owned = search(content, "type = page and owner = currentUser()")
    assert {row["content"]["id"] for row in owned} == {
        page.id for page in current(content) if page.owner == 0
    }


def test_pages_are_found_by_a_macro_in_them(content: SiteContent) -> None:
    for name in ("jira", "code"):
        found = {row["content"]["id"] for row in search(content, f"type = page and macro = {name}")}
        assert found == {
            page.id
            for page in current(content)
            if f'ac:name="{name}"' in json.loads(content.body(page, "storage"))
        }
        assert found
    assert search(content, "macro = no-such-macro") == []


def test_functions_stand_for_spaces_and_pages(content: SiteContent) -> None:
    me = quote(ACCOUNTS[0].account_id)
    starred = {
        row["key"]
        for row in read(content, f"/wiki/api/v2/spaces?favorited-by={me}")["results"]
        if row["status"] == "current"
    }
    found = search(content, "type = space and space in favouriteSpaces()")
    assert {row["space"]["key"] for row in found} == starred
    both = search(content, 'type = space and space in (favouriteSpaces(), "ENG")')
    assert {row["space"]["key"] for row in both} == starred | {"ENG"}
    everything = "&includeArchivedSpaces=true"
    recent = [row["content"]["id"] for row in search(content, "id in recentlyViewedContent(10)", everything)]
    older = [
        row["content"]["id"] for row in search(content, "id in recentlyViewedContent(10, 10)", everything)
    ]
    assert (len(recent), len(older)) == (10, 10)
    assert not set(recent) & set(older)
    visited = search(content, "type = space and space in recentlyViewedSpaces(2)", everything)
    assert len(visited) == 2


def test_the_current_space_is_that_of_the_context(content: SiteContent) -> None:
    context = "&cqlcontext=" + quote('{"spaceKey": "ENG"}')
    here = search(content, "type = page and space = currentSpace()", f"&limit=40{context}", "content/search")
    there = search(content, "type = page and space = ENG", "&limit=250", "content/search")
    assert [row["id"] for row in here] == [row["id"] for row in there]
    nowhere = call(content, f"{V1}/search?cql={quote('space = currentSpace()')}")
    assert nowhere.status == 400
    assert "currentSpace" in json.loads(nowhere.body)["message"]
    assert call(content, f"{V1}/search?cql=type%3Dpage&cqlcontext=ENG").status == 400


@pytest.mark.parametrize(
    "cql",
    [
        "title in favouriteSpaces()",
        "space = favouriteSpaces()",
        "space in recentlyViewedContent(5)",
        "id in recentlyViewedContent(many)",
        "type in page",
        "macro ~ jira",
        "favourite > currentUser()",
    ],
)
def test_functions_and_fields_where_they_cannot_stand(content: SiteContent, cql: str) -> None:
    assert call(content, f"{V1}/search?cql={quote(cql)}").status == 400
