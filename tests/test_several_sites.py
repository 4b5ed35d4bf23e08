"""Several sites at once: wikis of one sign-in, whose frames go into one and join, each row knowing its site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import app_of, open_wiki
from strange_cloud import Says, strange_cloud

from confluence_nb import DEFAULT_SCOPES, ConfluenceNBError, SignInRequired, SiteNotFound, Wiki
from confluence_nb.errors import Unreachable
from confluence_nb.sandbox import Sandbox

MORE_SCOPES = (
    "read:audit-log:confluence",
    "read:confluence-content.all",
    "read:confluence-content.summary",
    "read:confluence-groups",
    "read:template:confluence",
)
ACME, GLOBEX = "acme.atlassian.net", "globex.atlassian.net"


@pytest.fixture
def both(sandbox: Sandbox) -> tuple[Wiki, Wiki]:
    wiki = open_wiki(sandbox, app=app_of(sandbox, scopes=[*DEFAULT_SCOPES, *MORE_SCOPES]))
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    return wiki.at("acme", site_column=True), wiki.at("globex", site_column=True)


def test_another_site_of_the_same_sign_in(sandbox: Sandbox, wiki: Wiki) -> None:
    globex = wiki.at("globex")
    assert (str(wiki.site), str(globex.site)) == (ACME, GLOBEX)
    assert globex.pages(limit=1).attrs["site"] == GLOBEX
    assert wiki.pages(limit=1).attrs["site"] == ACME
    assert repr(globex).endswith(GLOBEX)
    assert sandbox.counts()["codes_issued"] == 1
    for frame in (wiki.pages(limit=1), globex.pages(limit=1), globex.sites()):
        assert "site" not in frame.columns


def test_one_renewal_serves_both_and_they_share_the_points(sandbox: Sandbox, wiki: Wiki) -> None:
    globex = wiki.at("globex")
    for first, second in ((wiki, globex), (globex, wiki)):
        sandbox.reset_counts()
        sandbox.expire_tokens()
        assert len(first.spaces()) > 0
        assert len(second.spaces()) > 0
        assert sandbox.counts()["refreshes"] == 1
    assert wiki.quota().used == globex.quota().used > 0


def test_a_sign_out_or_a_new_sign_in_is_for_both(sandbox: Sandbox, wiki: Wiki) -> None:
    globex = wiki.at("globex")
    globex.sign_out()
    assert not wiki.signed_in
    for either in (wiki, globex):
        with pytest.raises(SignInRequired):
            either.spaces()
    globex.sign_in(sandbox.approve(wiki.consent_url))
    assert wiki.signed_in
    assert globex.spaces().attrs["site"] == GLOBEX
    assert wiki.use("acme").spaces().attrs["site"] == ACME


def test_a_new_sign_in_without_that_site_does_not_read_another(sandbox: Sandbox) -> None:
    sandbox = Sandbox(pages=20, grant_type="resource")
    with sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        globex = wiki.at("globex")
        wiki.sign_out()
        wiki.sign_in(sandbox.approve(wiki.consent_url, sites=["acme"]))
        with pytest.raises(SiteNotFound, match="does not cover"):
            globex.spaces()
        assert len(wiki.spaces()) > 0


def test_the_profile_remembers_the_first_site(sandbox: Sandbox, tmp_path: Path) -> None:
    store = tmp_path / "kept.json"
    wiki = open_wiki(sandbox, store=store)
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    wiki.at("globex").use("globex")
    assert str(open_wiki(sandbox, store=store).site) == ACME


def test_which_site_is_meant_is_as_exact_as_ever(wiki: Wiki) -> None:
    with pytest.raises(SiteNotFound, match="globex"):
        wiki.at("globx")
    with pytest.raises(TypeError, match=r"^at takes"):
        wiki.at(None)  # type: ignore[arg-type]
    with pytest.raises(ConfluenceNBError, match="empty"):
        wiki.at(" ")
    assert str(wiki.site) == ACME
    globex = wiki.sites().set_index("name").loc["globex"]
    assert str(wiki.at(globex["url"]).site) == GLOBEX


def test_frames_of_two_sites_go_into_one_and_join(both: tuple[Wiki, Wiki]) -> None:
    pages = pd.concat([each.pages() for each in both], ignore_index=True)
    assert pages["site"].value_counts().to_dict() == {
        str(each.site): len(each.pages(limit=None)) for each in both
    }
    assert not pages["id"].is_unique, "the ids of one site are those of another, or this shows nothing"
    assert not pages.duplicated(["site", "id"]).any()
    files = pd.concat([each.attachments() for each in both], ignore_index=True)
    joined = files.merge(pages, left_on=["site", "page_id"], right_on=["site", "id"], validate="m:1")
    on_pages = files["page_id"].isin(pages["id"])
    assert len(joined) == on_pages.sum() > 0
    assert [
        url.startswith(f"https://{site}/") for url, site in zip(joined["url_y"], joined["site"], strict=True)
    ]


CALLS = [
    "spaces", "pages", "blogposts", "tasks", "comments", "attachments", "labels", "versions", "properties", "likes",
    "children", "descendants", "ancestors", "users", "groups", "permissions", "restrictions", "templates", "audit",
]  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_every_helper_that_gives_rows_tells_the_site(
    sandbox: Sandbox, both: tuple[Wiki, Wiki], name: str
) -> None:
    acme, _ = both
    plain = acme.at("acme")
    page = list(plain.pages(limit=2)["id"])
    about = {
        **dict.fromkeys(("versions", "properties", "likes", "children", "descendants", "ancestors"), (page,)),
        "restrictions": (page,),
        "users": (list(plain.pages(limit=2)["author_id"]),),
    }.get(name, ())
    given = {"limit": 3} if name in ("users", "audit", "groups", "pages", "spaces", "tasks") else {}
    for rows in (3, 0):
        asked = {**given, "limit": 0} if rows == 0 else given
        told, untold = getattr(acme, name)(*about, **asked), getattr(plain, name)(*about, **asked)
        assert told.columns[0] == "site"
        assert told["site"].dtype == "string"
        assert set(told["site"]) <= {ACME}
        assert rows or told.empty
        pd.testing.assert_frame_equal(told.drop(columns="site"), untold)
        assert told.attrs["endpoint"] == untold.attrs["endpoint"]


def test_any_list_and_every_search_too(both: tuple[Wiki, Wiki]) -> None:
    acme, globex = both
    assert set(acme.table("/spaces", limit=2)["site"]) == {ACME}
    found = pd.concat([each.search("type = page", limit=3) for each in both])
    assert found["site"].tolist() == [ACME] * 3 + [GLOBEX] * 3
    assert found["site"].dtype == "string"
    named = globex.pages(limit=2, names=True)
    assert {"space_key", "author"} <= set(named.columns)
    assert named.columns[0] == "site"


def test_saved_files_tell_it(both: tuple[Wiki, Wiki], tmp_path: Path) -> None:
    acme, _ = both
    files = acme.attachments(limit=2)
    for given in (files, files.iloc[:0]):
        saved = acme.download(given, tmp_path)
        assert saved.columns[0] == "site"
        assert saved["site"].tolist() == [ACME] * len(given)


def test_rows_of_a_pull_that_broke_off_tell_it(
    sandbox: Sandbox, both: tuple[Wiki, Wiki], monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, _ = both
    sandbox.set(rows_per_list=600)
    ask, answers = acme._client.ask, iter(range(9))

    async def failing(*given: Any, **named: Any) -> Any:
        if next(answers) == 1:
            raise Unreachable("The network is away. Try again.")
        return await ask(*given, **named)

    monkeypatch.setattr(acme._client, "ask", failing)
    with pytest.raises(Unreachable) as caught:
        acme.table("/spaces")
    assert acme.partial is not None
    for rows in (acme.partial, caught.value.frame):
        assert set(rows["site"]) == {ACME}
    whole = acme.resume()
    assert (len(whole), set(whole["site"])) == (600, {ACME})


def test_rows_of_another_site_are_never_asked_about_here(both: tuple[Wiki, Wiki]) -> None:
    acme, globex = both
    pages = pd.concat([each.pages(limit=3) for each in both], ignore_index=True)
    with pytest.raises(ConfluenceNBError, match=GLOBEX):
        acme.labels(pages)
    for each in (acme, globex):
        own = pages[pages["site"] == str(each.site)]
        assert set(each.versions(own)["page_id"]) == set(own["id"])
    of_my_own = acme.pages(limit=2).assign(site="Berlin")
    assert len(acme.versions(of_my_own)) > 0


def test_the_column_is_wanted_or_not_and_nothing_between(wiki: Wiki) -> None:
    for given in ("no", [], 0, None):
        with pytest.raises(TypeError, match=r"site_column is a .*True or False"):
            wiki.at("globex", site_column=given)  # type: ignore[arg-type]


def test_a_field_of_that_name_keeps_its_values() -> None:
    rows = [{"id": "1", "title": "a", "site": "mine"}]
    with strange_cloud(lambda asked: Says({"results": rows, "_links": {}})) as cloud:
        wiki = cloud.open_wiki()
        frame = wiki.at("strange", site_column=True).pages()
        plain = wiki.pages()
    assert frame["site"].tolist() == ["strange.atlassian.net"]
    assert frame["site_2"].tolist() == plain["site"].tolist() == ["mine"]


def test_a_mirror_is_of_one_site_and_has_no_such_column(both: tuple[Wiki, Wiki], tmp_path: Path) -> None:
    acme, _ = both
    mirror = acme.sync(tmp_path / "wiki", collections=["spaces", "pages"])
    assert "site" not in mirror.pages().columns
    assert len(mirror.pages()) == len(acme.pages())
