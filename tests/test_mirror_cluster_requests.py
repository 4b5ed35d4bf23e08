"""What a worker of a cluster sends is what the notebook itself would: to the same place, packed in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from company_proxy import tls_cloud
from strange_cloud import Asked, Says, StrangeCloud, strange_cloud

distributed = pytest.importorskip("distributed")

from confluence_nb.mirror.cluster import Parcel, _worker_client, carried_out  # noqa: E402


@pytest.fixture
def cloud() -> Iterator[StrangeCloud]:
    space = {"id": "7", "key": "ENG", "name": "Engineering"}
    with strange_cloud(lambda asked: Says({"results": [space] * asked.path.endswith("/spaces")})) as running:
        yield running


@pytest.fixture
def workers() -> Iterator[Any]:
    """One worker, a thread of this process."""
    with distributed.Client(
        processes=False, n_workers=1, dashboard_address=None, set_as_default=False, silence_logs=50
    ) as opened:
        yield opened


def test_answers_are_packed_as_they_can_be_unpacked(
    cloud: StrangeCloud, workers: Any, tmp_path: Path
) -> None:
    """httpx alone would take deflate, brotli and zstandard as well, where they are installed."""
    cloud.open_wiki().sync(tmp_path / "mirror", collections=["pages"], client=workers)
    assert [asked for asked in cloud.wiki_calls if not asked.path.endswith("/spaces")], "the workers asked"
    named = [{name.lower(): value for name, value in asked.headers.items()} for asked in cloud.wiki_calls]
    assert {headers["accept-encoding"] for headers in named} == {"gzip"}


def test_no_cookie_is_kept(workers: Any, tmp_path: Path) -> None:
    def baked(asked: Asked) -> Says:
        space = {"id": "7", "key": "ENG", "name": "Engineering"}
        cookie = {"Set-Cookie": "session=strange-cookie; Path=/"}
        return Says({"results": [space] * asked.path.endswith("/spaces")}, headers=cookie)

    with strange_cloud(baked) as cloud:
        cloud.open_wiki().sync(tmp_path / "mirror", collections=["pages", "blogposts"], client=workers)
        assert len(cloud.wiki_calls) > 2
        assert not [asked.path for asked in cloud.asked if "Cookie" in asked.headers]


@pytest.mark.parametrize("is_local", [True, False], ids=["all on this machine", "a sign-in far away"])
def test_plain_http_goes_through_no_proxy_of_a_worker(
    cloud: StrangeCloud, monkeypatch: pytest.MonkeyPatch, is_local: bool
) -> None:
    with strange_cloud(lambda asked: Says({})) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        _worker_client.cache_clear()
        try:
            signed = (("authorization", "Bearer canary"),)
            reply = carried_out(Parcel("GET", f"{cloud.url}/wiki/api/v2/pages", signed, b"", is_local))
        finally:
            _worker_client.cache_clear()
        assert reply.status == 200
        assert proxy.asked == []
    assert [asked.path for asked in cloud.asked] == ["/wiki/api/v2/pages"]


def test_what_is_no_host_in_a_workers_no_proxy_is_passed_over(
    cloud: StrangeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "[::1],fd07:b51a:cc66:f0::/64")
    _worker_client.cache_clear()
    try:
        reply = carried_out(Parcel("GET", f"{cloud.url}/wiki/api/v2/pages", (), b"", False))
    finally:
        _worker_client.cache_clear()
    assert reply.status == 200


def test_a_cloud_on_this_machine_may_have_a_certificate_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_cloud(lambda asked: Says({}), tmp_path) as cloud:
        here = cloud.url.replace("http://127.0.0.1", "https://localhost")
        for named, status in (("", 0), (str(tmp_path / "trusted.pem"), 200)):
            monkeypatch.setenv("SSL_CERT_FILE", named)
            _worker_client.cache_clear()
            try:
                reply = carried_out(Parcel("GET", f"{here}/wiki/api/v2/pages", (), b"", True))
            finally:
                _worker_client.cache_clear()
            assert reply.status == status
