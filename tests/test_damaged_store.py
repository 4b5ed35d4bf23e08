"""A store that is damaged, or was written by nobody of ours, is no sign-in: said in words, and mended by the next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_strict_sign_in import CLIENT_ID, StrictServer, open_wiki, strict

from confluence_nb.errors import SignInRequired
from confluence_nb.oauth.grant import Grant
from confluence_nb.secret import Secret

__all__ = ["strict"]

GRANT: dict[str, Any] = {
    "access_token": "access-canary",
    "refresh_token": "refresh-canary",
    "scopes": ["read:page:confluence"],
    "obtained_at": 1.7e9,
    "lifetime": 3600.0,
    "consent": "c",
}

NO_GRANTS = {
    **{f"{name} {value:.20}": f'"{name}": {value}' for name in ("obtained_at", "lifetime")
       for value in ("1e999", "-1e999", "NaN", "1" + "0" * 400, "1e300", "-1e300", "1e12", "null", '"soon"', "[]")},
    **{f"{name} {value}": f'"{name}": {value}' for name in ("access_token", "refresh_token")
       for value in (r'"canary\ud800"', r'"canary\u00e9"', r'"canary\nX: y"', '"canary canary"', '""', "7",
                     '["canary"]', '{"canary": 1}', "true")},
    "access_token null": '"access_token": null',
    "scopes of no kind": '"scopes": 7',
}  # fmt: skip


@pytest.mark.parametrize("damage", NO_GRANTS.values(), ids=NO_GRANTS.keys())
def test_a_damaged_grant_is_no_sign_in_and_is_mended_by_the_next(
    strict: StrictServer, tmp_path: Path, damage: str
) -> None:
    store = tmp_path / "sign-in.json"
    wiki = open_wiki(strict, store)
    wiki.sign_in(strict.consent(wiki.consent_url))
    ((name, text),) = json.loads(store.read_text()).items()
    kept = json.loads(text)
    kept["sign_ins"][CLIENT_ID]["grant"] = "DAMAGED"
    grant = json.dumps(GRANT)[:-1] + f", {damage}}}"  # of two values under one name, the last one counts
    store.write_text(json.dumps({name: json.dumps(kept).replace('"DAMAGED"', grant)}))

    asked = len(strict.calls)
    other = open_wiki(strict, store)
    assert not other.signed_in
    assert "Not signed in" in repr(other.status())
    with pytest.raises(SignInRequired):
        other.pages()
    assert len(strict.calls) == asked, "no damaged token is sent"
    other.sign_in(strict.consent(other.consent_url))
    assert len(open_wiki(strict, store).pages()) == 3


def test_what_is_whole_is_read_back() -> None:
    assert Grant.from_json(GRANT) is not None
    without = Grant.from_json({**GRANT, "refresh_token": None})
    assert without is not None
    assert without.refresh_token is None


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"sign_ins":' * 50_000, "7", "null", "", "{", '{"sign_ins": [1]}']
)
def test_a_record_of_any_form_is_no_sign_in(strict: StrictServer, tmp_path: Path, text: str) -> None:
    store = tmp_path / "sign-in.json"
    wiki = open_wiki(strict, store)
    wiki.sign_in(strict.consent(wiki.consent_url))
    (name,) = json.loads(store.read_text())
    store.write_text(json.dumps({name: text}))
    assert not open_wiki(strict, store).signed_in


def test_a_notebook_that_runs_goes_on_and_writes_over_the_damage(
    strict: StrictServer, tmp_path: Path
) -> None:
    store = tmp_path / "sign-in.json"
    wiki = open_wiki(strict, store)
    wiki.sign_in(strict.consent(wiki.consent_url))
    (name,) = json.loads(store.read_text())
    store.write_text(json.dumps({name: "[" * 100_000}))
    strict.expire()
    assert len(wiki.pages()) == 3
    assert len(open_wiki(strict, store).pages()) == 3


def test_what_cannot_be_renewed_lives_to_its_end() -> None:
    lasting = Grant(Secret("a"), None, (), obtained_at=1000.0, lifetime=3600.0)
    assert not lasting.wants_renewal(4599.0)
    assert lasting.wants_renewal(4600.0)
    renewable = Grant(Secret("a"), Secret("r"), (), obtained_at=1000.0, lifetime=3600.0)
    assert not renewable.wants_renewal(4479.0)
    assert renewable.wants_renewal(4480.0)
