"""Which site is meant: never the first of many, never a near miss, and what a site lacks is said at once."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from conftest import open_wiki
from hypothesis import given
from hypothesis import strategies as st
from panel_hands import settle, text_of

from confluence_nb import Wiki
from confluence_nb.errors import AmbiguousSite, ConfluenceNBError, SiteNotFound, Unreachable
from confluence_nb.notices import ConfluenceNBWarning
from confluence_nb.oauth.sites import Site, confluence_sites, find_site, missing_scopes, only_site
from confluence_nb.sandbox import Sandbox

ACME_ID = "11111111-2222-3333-4444-555555555555"
SITES = (
    Site(ACME_ID, "Acme", "https://acme.atlassian.net", ("read:page:confluence",)),
    Site("id-acme-labs", "Acme Labs", "https://acme-labs.atlassian.net"),
    Site("id-wiki", "Wiki", "https://wiki.example.com:8443/wiki"),
)


@pytest.mark.parametrize(
    "wanted",
    [
        "acme.atlassian.net", "ACME.Atlassian.NET", "https://acme.atlassian.net", "http://acme.atlassian.net/",
        "https://acme.atlassian.net/wiki/spaces/ENG/pages/123/A+title?x=1#there", "acme.atlassian.net/wiki",
        "acme.atlassian.net:443", " acme.atlassian.net. ", "Acme", "acme", " ACME ", ACME_ID, ACME_ID.upper(),
    ],
)  # fmt: skip
def test_every_exact_way_to_name_a_site(wanted: str) -> None:
    assert find_site(SITES, wanted).id == ACME_ID


@pytest.mark.parametrize(
    "wanted",
    ["acm", "acme.atlassian.com", "acme.atlassian.net.evil.example", "xacme.atlassian.net", "acme.", "net",
     "https://evil.example/acme.atlassian.net", "https://acme.atlassian.net@evil.example/", ACME_ID[:8],
     "wiki.example.com", "https://[broken", "acme.atlassian.net:99999"],
)  # fmt: skip
def test_a_near_miss_is_a_miss(wanted: str) -> None:
    with pytest.raises(SiteNotFound) as caught:
        find_site(SITES, wanted)
    assert caught.value.sites == SITES


@given(wanted=st.text(max_size=60))
def test_no_text_makes_the_search_fail_otherwise(wanted: str) -> None:
    try:
        found = find_site(SITES, wanted)
    except SiteNotFound:
        return
    assert found in SITES


def test_the_first_label_of_a_host_is_a_name_unless_it_is_anothers() -> None:
    assert find_site(SITES, "acme-labs").id == "id-acme-labs"
    rival = Site("id-rival", "acme-labs", "https://rival.atlassian.net")
    with pytest.raises(AmbiguousSite):
        find_site((*SITES, rival), "Acme-Labs")


def test_the_nearest_is_named() -> None:
    with pytest.raises(SiteNotFound, match=r"Did you mean acme\.atlassian\.net\?"):
        find_site(SITES, "acne.atlassian.net")


def test_two_sites_of_one_name_are_a_question() -> None:
    twins = (Site("a", "Docs", "https://a.example"), Site("b", "docs", "https://b.example"))
    with pytest.raises(AmbiguousSite, match="host or cloudId") as caught:
        find_site(twins, "Docs")
    assert caught.value.sites == twins
    assert find_site(twins, "b.example").id == "b"


def test_one_is_taken_none_and_many_are_not() -> None:
    assert only_site(SITES[:1]) == SITES[0]
    with pytest.raises(AmbiguousSite, match="3 sites"):
        only_site(SITES)
    with pytest.raises(SiteNotFound, match="no Confluence site"):
        only_site(())


def test_entries_of_one_id_are_one_site_with_all_its_scopes() -> None:
    entry = {"id": "x", "name": "X", "url": "https://x.example"}
    listed = [
        entry | {"scopes": ["read:jira-work"], "avatarUrl": "https://x.example/jira.png"},
        entry | {"scopes": ["read:page:confluence", "search:confluence"], "avatarUrl": None},
        entry | {"scopes": ["search:confluence", "read:space:confluence"]},
        {"id": "jira-only", "name": "J", "url": "https://j.example", "scopes": ["read:jira-work"]},
        {"id": "null", "name": None, "url": None, "scopes": None},
        "not an entry",
    ]
    (site,) = confluence_sites(listed)
    assert site.id == "x"
    assert site.scopes == ("read:page:confluence", "search:confluence", "read:space:confluence")


def test_what_a_second_entry_of_a_site_leaves_out_stays() -> None:
    whole = {
        "id": "x", "name": "X", "url": "https://x.example", "avatarUrl": "https://x.example/a.png",
        "scopes": ["read:page:confluence"],
    }  # fmt: skip
    for bare in (dict.fromkeys(("name", "url", "avatarUrl")), {}, {"name": "", "url": 7, "avatarUrl": ""}):
        other = {"id": "x", "scopes": ["search:confluence"], **bare}
        for listed in ([whole, other], [other, whole]):
            (site,) = confluence_sites(listed)
            assert (site.name, site.url, site.avatar_url) == (
                "X",
                "https://x.example",
                "https://x.example/a.png",
            )
            assert set(site.scopes) == {"read:page:confluence", "search:confluence"}


@pytest.mark.parametrize("said", [None, {}, "sites", {"error": "x"}])
def test_an_unknown_form_is_not_an_empty_list(said: object) -> None:
    with pytest.raises(Unreachable, match="not known"):
        confluence_sites(said)


def test_only_scopes_of_confluence_can_be_missing_on_a_site() -> None:
    asked = ("offline_access", "read:me", "read:page:confluence", "search:confluence")
    assert missing_scopes(SITES[0], asked) == ("search:confluence",)


# ------------------------------------------------------------------------- over HTTP


def consented(
    sandbox: Sandbox, sites: list[str] | None = None, site: str | None = None, **changes: object
) -> Wiki:
    wiki = open_wiki(sandbox, site, **changes)
    return wiki.sign_in(sandbox.approve(wiki.consent_url, sites=sites))


def test_the_frame_of_sites(sandbox: Sandbox) -> None:
    frame = consented(sandbox).sites()
    assert list(frame.columns) == ["id", "name", "url", "scopes", "avatar_url"]
    assert sorted(frame["name"]) == ["acme", "globex", "initech"], "the Jira-only one is not a wiki"
    assert frame["id"].is_unique
    assert str(frame.dtypes["id"]) == "string"
    acme = frame.set_index("name").loc["acme"]
    assert "read:page:confluence" in acme["scopes"]
    assert all("jira" not in scope for scope in acme["scopes"])


def test_the_only_site_is_taken(sandbox: Sandbox) -> None:
    wiki = consented(sandbox, ["globex"])
    assert wiki.site is not None
    assert wiki.site.host == "globex.atlassian.net"


def test_several_are_asked_for_never_guessed(sandbox: Sandbox) -> None:
    wiki = consented(sandbox)
    assert wiki.site is None
    with pytest.raises(AmbiguousSite, match=r"wiki\.use") as caught:
        wiki.pages()
    assert len(caught.value.sites) == 3
    assert wiki.use("HTTPS://ACME.atlassian.net/wiki/x").site == caught.value.sites[0]
    assert len(wiki.spaces()) == 3


def test_no_site_at_all(sandbox: Sandbox) -> None:
    wiki = consented(sandbox, ["hooli-tracker"])
    with pytest.raises(SiteNotFound, match="no Confluence site"):
        wiki.pages()
    assert wiki.sites().empty
    assert wiki.signed_in


def test_an_unknown_site_leaves_the_chosen_one(sandbox: Sandbox) -> None:
    wiki = consented(sandbox).use("acme")
    with pytest.raises(SiteNotFound, match=r"globex\.atlassian\.net"):
        wiki.use("globx")
    assert wiki.site is not None
    assert wiki.site.name == "acme"


def test_the_site_given_to_connect_is_chosen_by_signing_in(sandbox: Sandbox) -> None:
    wiki = consented(sandbox, site="https://globex.atlassian.net/wiki/home")
    assert wiki.site is not None
    assert wiki.site.name == "globex"


def test_a_wrong_site_given_to_connect_keeps_the_sign_in(sandbox: Sandbox) -> None:
    wiki = open_wiki(sandbox, "nowhere.atlassian.net")
    with pytest.raises(SiteNotFound, match=r"nowhere\.atlassian\.net"):
        wiki.sign_in(sandbox.approve(wiki.consent_url))
    assert wiki.signed_in
    with pytest.raises(SiteNotFound):
        wiki.pages()
    wiki.use("acme")
    assert len(wiki.spaces()) == 3


def test_the_choice_is_remembered_with_the_profile(sandbox: Sandbox, tmp_path: Path) -> None:
    store = tmp_path / "kept.json"
    consented(sandbox, store=store).use("globex")
    again = open_wiki(sandbox, store=store)
    assert again.site is not None
    assert again.site.name == "globex"
    assert open_wiki(sandbox, "acme.atlassian.net", store=store).site.name == "acme"  # type: ignore[union-attr]
    with pytest.raises(SiteNotFound):
        open_wiki(sandbox, "nowhere.example", store=store)
    assert open_wiki(sandbox, store=store, profile="other").site is None


def test_a_site_added_on_a_later_consent_is_found(sandbox: Sandbox) -> None:
    wiki = consented(sandbox, ["globex"])
    with pytest.raises(SiteNotFound) as caught:
        wiki.use("acme")
    assert caught.value.__context__ is None, "a traceback says it once"
    consented(sandbox, ["acme"])  # one grant for each account collects the sites of every consent
    assert wiki.use("acme").site is not None


def test_what_a_site_lacks_is_named_at_once(sandbox: Sandbox) -> None:
    wiki = consented(sandbox)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ConfluenceNBWarning)
        wiki.use("initech")
        wiki.at("initech")
        wiki.spaces()
    told = [warning for warning in told if warning.category is ConfluenceNBWarning]
    assert all("search:confluence" in str(warning.message) for warning in told)
    assert [warning.filename for warning in told] == [__file__] * 2, "once for a choice, at its line"
    missing = wiki.status().missing_scopes
    assert "search:confluence" in missing
    assert "read:page:confluence" not in missing
    assert "search:confluence" in repr(wiki.status())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wiki.use("acme")
    assert wiki.status().missing_scopes == ()


def test_what_the_panel_has_told_no_call_tells_again(sandbox: Sandbox) -> None:
    wiki = open_wiki(sandbox)
    panel = wiki.panel
    panel.paste.value = sandbox.approve(wiki.consent_url, sites=["initech"])
    settle(panel)
    assert "search:confluence" in text_of(panel)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConfluenceNBWarning)
        wiki.spaces()


def test_frames_come_from_the_site_in_use(sandbox: Sandbox) -> None:
    wiki = consented(sandbox).use("acme")
    assert wiki.pages(limit=1).attrs["site"] == "acme.atlassian.net"
    wiki.use("globex")
    assert wiki.pages(limit=1).attrs["site"] == "globex.atlassian.net"


@pytest.mark.parametrize("wanted", [None, 3, ["acme"]])
def test_use_takes_a_text(wiki: Wiki, wanted: object) -> None:
    with pytest.raises(TypeError, match="string"):
        wiki.use(wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("wanted", ["", "  "])
def test_an_empty_name_is_no_site(wiki: Wiki, wanted: str) -> None:
    with pytest.raises(ConfluenceNBError):
        wiki.use(wanted)
