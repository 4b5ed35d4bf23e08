"""A sandbox with several windows of everything, and the other clients, signed in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sandbox_caller import Caller

from confluence_nb.oauth.app import DEFAULT_SCOPES
from confluence_nb.sandbox import Sandbox

from .other_client import HERE, OtherClient, interpreter


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """More spaces, pages, posts, comments, files and tasks than one window holds, and points enough to read all."""
    with Sandbox(pages=2_400, spaces=260, body_bytes=1_500, hourly_points=10_000_000) as running:
        yield running


@pytest.fixture(scope="session")
def client(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], OtherClient]:
    """`client(environment, script)`: another client with a token of its own and no more scopes than ours."""
    caller = Caller(sandbox).sign_in(" ".join(DEFAULT_SCOPES))

    def of(environment: str, script: str) -> OtherClient:
        return OtherClient(
            python=interpreter(environment),
            script=HERE / script,
            folder=tmp_path_factory.mktemp(environment),
            gateway=f"{sandbox.url}/ex/confluence/{caller.site_id('acme')}",
            client_id=sandbox.client_id,
            token=caller.pair["access_token"],
        )

    return of


@pytest.fixture(scope="session")
def atlassian(client: Callable[[str, str], OtherClient]) -> OtherClient:
    return client("atlassian", "read_with_atlassian_python_api.py")


@pytest.fixture(scope="session")
def dlt(client: Callable[[str, str], OtherClient]) -> OtherClient:
    return client("dlt", "read_with_dlt.py")


@pytest.fixture
def windows(sandbox: Sandbox) -> Callable[[str], int]:
    """`windows(path)`: how many windows of a list were answered since the test began."""
    sandbox.reset_counts()
    return partial(_windows, sandbox)


def _windows(sandbox: Sandbox, path: str) -> int:
    return int(sandbox.counts()["routes"].get(f"GET {path}", {}).get("200", 0))
