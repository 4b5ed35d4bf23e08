"""Every helper on answers whose fields are left out, null or of another kind: a frame or a sentence, nothing else."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import app_of, open_wiki
from frame_calls import CALLS, MORE_SCOPES

from confluence_nb import ConfluenceNBError, Wiki, _patience
from confluence_nb._http import httpx
from confluence_nb.oauth.app import DEFAULT_SCOPES
from confluence_nb.sandbox import Sandbox

ROUNDS = int(os.environ.get("TORN_ROUNDS", "3"))
"""Of every helper; `TORN_ROUNDS=300` takes some minutes."""

SCOPES = (*DEFAULT_SCOPES, *MORE_SCOPES, "read:space.permission:confluence")

ODD: list[Any] = [
    *(
        None,
        "",
        0,
        -1,
        True,
        1.5,
        "7",
        [],
        {},
        [None],
        [[]],
        {"a": None},
        "\ud83d",
        "x" * 50,
        10**30,
        1e308,
        "NaN",
    ),
    *([{"id": None}], {"results": None}, {"results": [None]}),
    *("2024-13-99T99:99:99Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00+14:00"),
]

KEPT: list[set[str]] = [set(), {"results", "_links", "next"}, {"id"}, {"id", "results", "_links", "next"}]
"""Fields that stay: where all is torn, nothing is read far."""


class Tearing:
    """Tears one field in five, in twenty or in a hundred of each answer."""

    def __init__(self, seed: str) -> None:
        self.dice = random.Random(seed)
        self.share, self.kept = self.dice.choice([0.01, 0.05, 0.2]), self.dice.choice(KEPT)

    def torn(self, said: Any) -> Any:
        if isinstance(said, dict):
            return {
                name: self.dice.choice(ODD) if name not in self.kept and self.hits() else self.torn(value)
                for name, value in said.items()
                if name in self.kept or not self.hits(0.5)
            }
        if isinstance(said, list):
            return [self.dice.choice(ODD) if self.hits(0.5) else self.torn(one) for one in said]
        if isinstance(said, str) and said.isdigit() and self.hits():
            return int(said)
        return str(said) if type(said) is int and self.hits() else said

    def hits(self, times: float = 1.0) -> bool:
        return self.dice.random() < self.share * times


@pytest.fixture(scope="module")
def wiki() -> Iterator[Wiki]:
    with Sandbox(pages=12, spaces=2, app_scopes=SCOPES) as sandbox:
        opened = open_wiki(sandbox, app=app_of(sandbox, scopes=SCOPES))
        opened.sign_in(sandbox.approve(opened.consent_url))
        yield opened.use("acme")


@pytest.fixture(scope="module")
def pages(wiki: Wiki) -> pd.DataFrame:
    return wiki.pages()


@pytest.mark.usefixtures("hurried")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*CALLS, "sync"])
def test_a_helper_on_torn_answers(
    wiki: Wiki, pages: pd.DataFrame, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _patience._answer
    for turn in range(ROUNDS):
        tearing = Tearing(seed := f"{name} {turn}")

        async def answer(
            http: httpx.AsyncClient,
            request: httpx.Request,
            auth: httpx.Auth | None,
            tearing: Tearing = tearing,
        ) -> _patience.Reply:
            reply = await whole(http, request, auth)
            if (
                "/wiki/" not in request.url.path
                or reply.status != 200
                or not reply.body.startswith((b"{", b"["))
            ):
                return reply
            return replace(reply, body=json.dumps(tearing.torn(json.loads(reply.body))).encode())

        monkeypatch.setattr(_patience, "_answer", answer)
        try:
            if name == "sync":
                wiki.sync(tmp_path / str(turn), collections=["spaces", "pages", "comments", "labels"])
            else:
                repr(CALLS[name](wiki, pages.head(4), tmp_path / str(turn)))
        except ConfluenceNBError:
            pass
        except Exception as error:
            raise AssertionError(f"{seed!r} ends in {type(error).__name__}") from error
        finally:
            monkeypatch.setattr(_patience, "_answer", whole)
