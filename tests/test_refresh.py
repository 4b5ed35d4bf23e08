"""A sign-in that renews itself: early, once for all, and never where it cannot help."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import app_of, open_wiki
from renewals import age, keeper_of, old_in_hand, refreshes, signed_in, token_calls

from confluence_nb import Wiki
from confluence_nb.api.portal import portal
from confluence_nb.errors import (
    MissingScope,
    NotFound,
    NotPermitted,
    SignInRequired,
)
from confluence_nb.oauth.grant import Grant
from confluence_nb.oauth.keeper import GrantKeeper
from confluence_nb.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("hurried")


def test_a_token_with_time_left_is_not_renewed(sandbox: Sandbox, wiki: Wiki) -> None:
    age(wiki, 3_400)
    wiki.spaces()
    assert refreshes(sandbox) == 0


def test_renewed_before_its_end_by_a_margin(sandbox: Sandbox, wiki: Wiki) -> None:
    age(wiki, 3_500)
    wiki.spaces()
    assert refreshes(sandbox) == 1
    routes = sandbox.counts()["routes"]
    assert not any("401" in map(str, outcomes) for outcomes in routes.values()), (
        "no request was refused first"
    )


def test_the_margin_of_a_short_life_is_a_tenth_of_it(sandbox: Sandbox) -> None:
    sandbox.set(token_lifetime=10.0)
    wiki = signed_in(sandbox)
    wiki.spaces()
    assert refreshes(sandbox) == 0
    age(wiki, 9.5)
    wiki.spaces()
    assert refreshes(sandbox) == 1


def test_renewed_after_a_401(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.expire_tokens()
    assert len(wiki.spaces()) == 3
    assert refreshes(sandbox) == 1
    assert wiki.status().signed_in


def test_a_new_token_that_is_refused_too_is_not_renewed_again(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(token_lifetime=0.0)
    sandbox.expire_tokens()
    with pytest.raises(SignInRequired):
        wiki.get("/spaces")
    assert refreshes(sandbox) == 1


def test_a_new_token_that_died_before_it_was_used_is_renewed_again(
    sandbox: Sandbox, wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lid was closed between the renewal and the second try."""
    renew = GrantKeeper.after_rejection

    async def slept(keeper: GrantKeeper, rejected: Grant) -> Grant:
        await renew(keeper, rejected)
        if refreshes(sandbox) == 1:
            sandbox.advance_clock(3_700)
            old_in_hand(wiki, 3_700)
        return keeper.grant

    monkeypatch.setattr(GrantKeeper, "after_rejection", slept)
    sandbox.expire_tokens()
    assert len(wiki.spaces()) == 3
    assert refreshes(sandbox) == 2


def test_a_token_of_another_process_that_is_dead_too_is_renewed(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = signed_in(sandbox, store=tmp_path / "kept.json")
    other = open_wiki(sandbox, store=tmp_path / "kept.json")
    sandbox.expire_tokens()
    other.spaces()
    sandbox.expire_tokens()

    async def too_early(keeper: GrantKeeper, rejected: Grant) -> None:
        return None

    # What the other one renewed is found under the lock only, as when it is stored at that very moment.
    monkeypatch.setattr(GrantKeeper, "adopted", too_early)
    assert len(one.spaces()) == 3
    assert refreshes(sandbox) == 2


@pytest.mark.parametrize("path", ["/spaces", "/wiki/rest/api/user/current"])
def test_an_expiry_that_hides_as_404_or_403_is_seen_past_the_tokens_time(
    sandbox: Sandbox, wiki: Wiki, path: str
) -> None:
    sandbox.set(expired_status="hidden", latency=0.6)
    sandbox.expire_tokens()
    keeper = keeper_of(wiki)
    # Good when the request leaves, past its time when the refusal comes back.
    keeper.grant = replace(keeper.grant, obtained_at=time.time(), lifetime=0.5)
    assert wiki.get(path)
    assert refreshes(sandbox) == 1


def test_a_404_or_403_before_the_tokens_time_is_what_it_says(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(expired_status="hidden")
    sandbox.expire_tokens()
    with pytest.raises(NotFound):
        wiki.get("/spaces")
    with pytest.raises(NotPermitted):
        wiki.get("/wiki/rest/api/user/current")
    assert refreshes(sandbox) == 0


def test_a_page_that_is_not_there_renews_nothing(sandbox: Sandbox, wiki: Wiki) -> None:
    with pytest.raises(NotFound):
        wiki.get("/pages/999999999")
    assert refreshes(sandbox) == 0


def test_a_scope_that_is_missing_renews_nothing(sandbox: Sandbox) -> None:
    app = app_of(sandbox, scopes="read:page:confluence read:space:confluence")
    wiki = signed_in(sandbox, app=app)
    calls = token_calls(sandbox)
    with pytest.raises(MissingScope):
        wiki.search("type = page")
    age(wiki, 3_490)  # near its end the renewal comes before the request, and still only that one
    with pytest.raises(MissingScope):
        wiki.search("type = page")
    assert token_calls(sandbox) == calls + 1


# --------------------------------------------------------------------------- once


def test_a_thousand_requests_over_an_expiring_token_renew_once(sandbox: Sandbox, wiki: Wiki) -> None:
    age(wiki, 3_500)

    async def all_at_once() -> int:
        answers = await asyncio.gather(
            *(wiki._client.ask(site, "GET", "/wiki/api/v2/spaces") for _ in range(1_000))
        )
        return sum(bool(answer.said["results"]) for answer in answers)

    site = wiki.site
    assert site is not None
    assert portal.run(all_at_once()) == 1_000
    assert refreshes(sandbox) == 1


def test_many_requests_refused_together_renew_once(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.expire_tokens()

    async def all_at_once() -> None:
        await asyncio.gather(*(wiki._client.ask(site, "GET", "/wiki/api/v2/spaces") for _ in range(200)))

    site = wiki.site
    assert site is not None
    portal.run(all_at_once())
    assert refreshes(sandbox) == 1


def test_many_threads_renew_once(sandbox: Sandbox, wiki: Wiki) -> None:
    age(wiki, 3_500)
    with ThreadPoolExecutor(8) as threads:
        frames = list(threads.map(lambda _: wiki.spaces(), range(24)))
    assert {len(frame) for frame in frames} == {3}
    assert refreshes(sandbox) == 1


def test_two_wikis_of_one_store_renew_once(sandbox: Sandbox, tmp_path: Path) -> None:
    one = signed_in(sandbox, store=tmp_path / "kept.json")
    other = open_wiki(sandbox, store=tmp_path / "kept.json")
    sandbox.expire_tokens()
    with ThreadPoolExecutor(2) as threads:
        assert [len(frame) for frame in threads.map(lambda wiki: wiki.spaces(), [one, other])] == [3, 3]
    assert refreshes(sandbox) == 1


def test_what_another_process_renewed_is_taken_over_not_renewed_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    one = signed_in(sandbox, store=tmp_path / "kept.json")
    other = open_wiki(sandbox, store=tmp_path / "kept.json")
    age(one, 3_500)
    one.spaces()
    sandbox.advance_clock(700)  # past the leeway: the pair that `other` holds is dead on the server
    assert len(other.spaces()) == 3
    assert refreshes(sandbox) == 1
