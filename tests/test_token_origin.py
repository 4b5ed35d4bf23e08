"""The token goes to the API origin and nowhere else, whatever an answer, an address or a redirect says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from strange_cloud import SITE, Asked, Says, StrangeCloud, strange_cloud
from strange_media import listed

from confluence_nb import Cloud, ConfluenceNBError, Wiki
from confluence_nb._http import httpx
from confluence_nb.api.portal import portal

pytestmark = pytest.mark.usefixtures("hurried")

SIGNED = {"Bearer strange-access"}
SIGN_IN = {"/oauth/token", "/oauth/token/accessible-resources", "/me"}


@pytest.fixture
def thief() -> Iterator[StrangeCloud]:
    """Another server of this machine, which would answer anybody; no test may bring it a token."""
    with strange_cloud(lambda asked: Says({"results": [{"id": "9"}]})) as running:
        yield running
        assert not [
            asked for asked in running.asked if "strange" in str(asked.headers | {"query": asked.raw_query})
        ]


# -------------------------------------------------------------------- where an answer may lead

LEADS = {
    "absolute": "{url}/wiki/api/v2/pages?cursor=two&start=1",
    "gateway": "{url}/ex/confluence/cloud-1/wiki/api/v2/pages?cursor=two&start=1",
    "no scheme": "//{host}/wiki?cursor=two&start=1",
    "three slashes": "///{host}/wiki?cursor=two&start=1",
    "backslashes": "\\\\{host}\\wiki?cursor=two&start=1",
    "mixed slashes": "/\\{host}/wiki?cursor=two&start=1",
    "scheme alone": "http:{host}?cursor=two&start=1",
    "user info": "@{host}/wiki?cursor=two&start=1",
    "our name as a user": "http://127.0.0.1:1@{host}/wiki?cursor=two&start=1",
    "encoded slashes": "%2f%2f{host}%2fwiki?cursor=two&start=1",
    "climbing": "/../../../..//{host}/wiki?cursor=two&start=1",
    "control characters": "\t\r\n//{host}/wiki?cursor=two&start=1",
    "metadata": "http://169.254.169.254/latest/meta-data/?cursor=two&start=1",
    "a file": "file:///etc/passwd?cursor=two&start=1",
    "no address": "http://[::?cursor=two&start=1",
    "a script": "javascript:fetch('{url}')?cursor=two&start=1",
}  # fmt: skip

CALLS: dict[str, Callable[[Wiki], object]] = {
    "by cursor": lambda wiki: wiki.pages(),
    "by CQL": lambda wiki: wiki.search("type = page"),
    "by offset": lambda wiki: wiki.table("/wiki/rest/api/group"),
    "raw": lambda wiki: wiki.get("/pages"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS)
def test_no_link_of_an_answer_leads_away(
    thief: StrangeCloud, lead: str, call: Callable[[Wiki], object]
) -> None:
    link = lead.format(url=thief.url, host=thief.url.removeprefix("http://"))
    folded = " ".join(link.split())

    def script(asked: Asked) -> Says:
        row = {
            "id": "2" if asked["cursor"] or asked["start"] else "1",
            "title": "x",
            "_links": {"webui": link},
        }
        links = dict.fromkeys(("next", "base", "context", "self", "collection", "download"), link)
        if row["id"] == "2":
            return Says({"results": [row], "_links": links | {"next": None}, "limit": 5})
        following = f'<{folded}>; rel="next", <{thief.url}>; rel="base"'
        return Says({"results": [row], "_links": links, "limit": 1}, headers={"Link": following})

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with suppress(ConfluenceNBError):  # a list may be said to be broken
            call(wiki)
        assert cloud.wiki_calls
        assert all(asked.path.startswith("/ex/confluence/cloud-1/wiki/") for asked in cloud.wiki_calls)
        assert {asked.headers["Authorization"] for asked in cloud.wiki_calls} == SIGNED
    assert thief.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["/oauth/token", "/oauth/token/accessible-resources", "/me", "/wiki/"])
def test_no_redirect_is_followed_with_what_is_secret(thief: StrangeCloud, where: str, status: int) -> None:
    """A 307 would send the client secret and the refresh token along, in the body."""
    with strange_cloud(lambda asked: Says({"results": []})) as cloud:
        usual = cloud.answer
        away = Says(b"", status, {"Location": f"{thief.url}{where}"})
        cloud.answer = lambda asked: away if where in asked.path else usual(asked)  # type: ignore[method-assign]
        with suppress(ConfluenceNBError):
            cloud.open_wiki().pages()
        assert any(where in asked.path for asked in cloud.asked)
    assert thief.asked == []


@pytest.mark.parametrize(
    "to", ["", "?", "/wiki/api/v2/pages", "{own}/ex/confluence/cloud-1/wiki/api/v2/pages"]
)
def test_a_redirect_to_itself_is_no_loop(to: str) -> None:
    with strange_cloud(lambda asked: Says(b"", 302, {"Location": to.format(own=cloud.url)})) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(ConfluenceNBError):
            wiki.pages()
        assert len(cloud.wiki_calls) == 1


@pytest.mark.filterwarnings("ignore:.*left out")
@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS)
def test_no_download_brings_a_host_of_files_the_token(thief: StrangeCloud, lead: str, tmp_path: Path) -> None:
    """It may be asked, for its bytes; it is told nothing."""
    away = Says(b"", 302, {
        "Location": " ".join(lead.format(url=thief.url, host=thief.url.removeprefix("http://")).split()),
        "Set-Cookie": "session=strange-cookie; Path=/",
    })  # fmt: skip
    with strange_cloud(lambda asked: away if "/download" in asked.path else Says({}, 404)) as cloud:
        wiki = cloud.open_wiki()
        with suppress(ConfluenceNBError):
            wiki.download(listed(), tmp_path)
        signed = [asked for asked in cloud.asked if "Authorization" in asked.headers]
        assert all(asked.path.endswith(("/download", "/me", "/accessible-resources")) for asked in signed)
    for asked in thief.asked:
        assert not {"authorization", "cookie", "referer"} & {name.lower() for name in asked.headers}


def test_no_cookie_goes_from_one_sign_in_to_the_next() -> None:
    """A server's session may be one account's, whatever token comes with it."""

    class Baker(StrangeCloud):
        def answer(self, asked: Asked) -> Says:
            said = super().answer(asked)
            return replace(said, headers={**said.headers, "Set-Cookie": "session=strange-cookie; Path=/"})

    with strange_cloud(lambda asked: Says({"results": []}), Baker) as cloud:
        wiki = cloud.open_wiki()
        for code in ("strange-code-0002", "strange-code-0003"):
            wiki.get("/pages")
            wiki.pages()
            wiki.sign_out()
            wiki.sign_in(code)
        assert len(cloud.asked) > 10
        assert not [asked.path for asked in cloud.asked if "Cookie" in asked.headers]


def test_the_signature_is_for_one_origin_only(thief: StrangeCloud) -> None:
    """Should anything ask another origin with it all the same, it signs nothing."""
    with strange_cloud(lambda asked: Says({"ok": True})) as cloud:
        wiki = cloud.open_wiki()
        bearer = wiki._session.bearer()

        async def ask(url: str) -> None:
            async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
                await client.get(url, auth=bearer, headers={"Authorization": "Bearer strange-access"})

        for url in (f"{thief.url}/x", thief.url.replace("127.0.0.1", "localhost")):
            portal.run(ask(url))
        portal.run(ask(f"{cloud.url}/wiki/x"))
        assert cloud.wiki_calls[-1].headers["Authorization"] == "Bearer strange-access"
    assert len(thief.asked) == 2
    assert not any("Authorization" in asked.headers for asked in thief.asked)


# ------------------------------------------------------------------------- what a person may give


def test_no_address_of_elsewhere_is_asked(thief: StrangeCloud) -> None:
    host = thief.url.removeprefix("http://")
    doors: list[Callable[[Wiki, str], object]] = [
        lambda wiki, given: wiki.get(given),
        lambda wiki, given: wiki.request("POST", given, json={"secret": 1}),
        lambda wiki, given: wiki.table(given),
        lambda wiki, given: wiki.page(given),
        lambda wiki, given: wiki.use(given),
    ]
    given = [
        thief.url, f"{thief.url}/wiki/spaces/ENG/pages/7", f"//{host}/wiki", f"\\\\{host}\\wiki", f"@{host}/wiki",
        f"http:{host}", f"https://strange.atlassian.net@{host}/wiki/pages/7", f"https://strange.atlassian.net.{host}/wiki",
        f"/../../..//{host}/wiki", "/wiki/../../oauth/token", "/wiki/..%2f..%2f..%2fme", "/wiki/%2e%2e/%2E%2E/me",
        "/wiki/..\\..\\me", "file:///etc/passwd", "http://169.254.169.254/latest", "gopher://127.0.0.1/x",
    ]  # fmt: skip
    with strange_cloud(lambda asked: Says({"results": []})) as cloud:
        wiki = cloud.open_wiki()
        for door in doors:
            for address in given:
                with suppress(
                    ConfluenceNBError
                ):  # what reads as a path of the API is asked as one, and its answer is none
                    door(wiki, address)
        assert all(asked.path.startswith("/ex/confluence/cloud-1/wiki/api/v2/") for asked in cloud.wiki_calls)
        assert {asked.path for asked in cloud.asked} - {asked.path for asked in cloud.wiki_calls} == SIGN_IN
    assert thief.asked == []


@pytest.mark.parametrize(
    "climb", ["..", "../../../../me", "..%2f..%2fme", "1/../../../../me", "//evil.example/1", "1?x=/#"]
)
def test_no_id_climbs_out_of_its_path(climb: str) -> None:
    with strange_cloud(lambda asked: Says({"results": []})) as cloud:
        wiki = cloud.open_wiki()
        for call in (
            lambda: wiki.children(climb),
            lambda: wiki.comments(climb),
            lambda: wiki.page(climb),
            lambda: wiki.properties(climb),
            lambda: wiki.table("/pages/{id}/versions", id=climb),
            lambda: wiki.table("/wiki/rest/api/group/{groupId}/membersByGroupId", groupId=climb),
        ):
            with suppress(ConfluenceNBError):
                call()
        assert {
            asked.path for asked in cloud.asked if not asked.path.startswith("/ex/confluence/cloud-1/wiki/")
        } == SIGN_IN


@pytest.mark.parametrize(
    "cloud_id", ["..", "../..", "@{host}", "//{host}/", "/\\{host}", "?x", "#", "\u202e", "%2e%2e%2f"]
)
def test_no_site_of_a_hostile_list_leads_away(thief: StrangeCloud, cloud_id: str) -> None:
    host = thief.url.removeprefix("http://")
    entry = SITE | {"id": cloud_id.format(host=host), "url": thief.url, "avatarUrl": thief.url}
    with strange_cloud(lambda asked: Says({"results": [{"id": "1", "_links": {"webui": "/x"}}]})) as cloud:
        usual = cloud.answer
        listed = Says([entry])
        cloud.answer = lambda asked: listed if "accessible" in asked.path else usual(asked)  # type: ignore[method-assign]
        wiki = cloud.open_wiki()
        with suppress(ConfluenceNBError):
            wiki.pages()
    assert thief.asked == []


# ------------------------------------------------------------------------------ plain http

HERE = [
    "http://localhost:8000",
    "http://127.0.0.1",
    "http://127.8.9.10:1",
    "http://[::1]:80",
    "HTTP://LOCALHOST:1",
]
AWAY = [
    "http://api.atlassian.com", "http://localhost.evil.example", "http://127.0.0.1.nip.io", "http://evil.example/localhost",
    "http://localhost@evil.example", "http://127.0.0.1:80@evil.example", "http://127.0.0.1\\@evil.example",
    "http://evil.example#@localhost", "http://evil.example?@127.0.0.1", "http://localhost%2eevil.example",
    "http://localhost\t.evil.example", "http://[::ffff:169.254.169.254]", "http://[fe80::1]", "http://0.0.0.0",
    "http://169.254.169.254", "http://10.0.0.1", "http://127.1", "http://2130706433", "http://0x7f000001", "http://0",
    "http://\u2460\u2461\u2466.0.0.1", "http://localhost.", "http://", "http:localhost", "//localhost", "localhost",
    "file:///etc/passwd", "ftp://localhost", "javascript:alert(1)", "http://localhost:0x50", "http://localhost/../x",
]  # fmt: skip
ODD = [
    "https://api.atlassian.com/ex", "https://user:pw@api.atlassian.com", "https://api.atlassian.com\\.evil.example",
    "https://api.atlassian.com?", "https://api.atlassian.com#", "https://api.atlassian.com:443:1", "https://",
    "https://api.atlassian.com%2f.evil.example", "https://[v1.x]", "https://api.atlassian.com;evil.example",
]  # fmt: skip


@pytest.mark.parametrize("name", ["auth_url", "api_url"])
def test_plain_http_is_for_this_machine(name: str) -> None:
    for url in HERE:
        assert getattr(Cloud(**{name: url}), name) == url
    for url in (*AWAY, *ODD):
        with pytest.raises(ConfluenceNBError) as found:
            Cloud(**{name: url})
        assert name in str(found.value), url
        with pytest.raises(ConfluenceNBError):
            Cloud.from_environment({f"CONFLUENCE_{name.upper()}": url})
