"""Files of the sandbox: the redirect to the media address, its ticket, ranges, faults and names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from sandbox_caller import SCOPES, Caller

from confluence_nb.sandbox import Sandbox
from confluence_nb.sandbox.media.file_bytes import read_bytes
from confluence_nb.sandbox.media.serving import disposition

FILE_SCOPES = f"{SCOPES} read:attachment:confluence readonly:content.attachment:confluence"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(pages=60, spaces=3) as running:
        yield running


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[Caller]:
    caller = Caller(sandbox).sign_in(FILE_SCOPES)
    yield caller
    caller.http.close()


def files(caller: Caller) -> list[dict[str, Any]]:
    return list(caller.wiki("/wiki/api/v2/attachments", params={"limit": 250}).json()["results"])


def owner(file: dict[str, Any]) -> str:
    return str(file.get("pageId") or file.get("blogPostId") or file.get("customContentId"))


def redirect(caller: Caller, file: dict[str, Any], **query: Any) -> httpx.Response:
    path = f"/wiki/rest/api/content/{owner(file)}/child/attachment/{file['id']}/download"
    return caller.wiki(path, params=query)


def address(caller: Caller, file: dict[str, Any], **query: Any) -> str:
    answer = redirect(caller, file, **query)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def fetch(where: str, **headers: str) -> httpx.Response:
    return httpx.get(where, headers=headers, trust_env=False)


def small(sandbox: Sandbox, caller: Caller, size: int = 5_000) -> dict[str, Any]:
    file = files(caller)[0]
    sandbox.edit_attachment(file["id"], size=size)
    return file | {"fileSize": size}


def test_a_download_is_redirected_off_the_gateway(sandbox: Sandbox, caller: Caller) -> None:
    where = urlsplit(address(caller, files(caller)[0]))
    assert f"{where.scheme}://{where.netloc}" == sandbox.url
    assert where.path.startswith("/media/file/")
    assert {"token", "client"} <= parse_qs(where.query).keys()


def test_every_file_has_as_many_bytes_as_is_said(sandbox: Sandbox, caller: Caller) -> None:
    for file in files(caller)[:5]:
        found = fetch(address(caller, file))
        assert found.status_code == 200
        assert len(found.content) == file["fileSize"] == int(found.headers["content-length"])
        assert found.content == sandbox.file_bytes(file["id"])
        assert found.headers["content-type"] == file["mediaType"]


def test_versions_differ(sandbox: Sandbox, caller: Caller) -> None:
    file = next(one for one in files(caller) if one["version"]["number"] > 1)
    first = fetch(address(caller, file, version=1)).content
    assert first == sandbox.file_bytes(file["id"], 1) != sandbox.file_bytes(file["id"])
    for wrong in (0, file["version"]["number"] + 1, "last"):
        assert redirect(caller, file, version=wrong).status_code == 400


def test_a_file_is_found_only_where_it_hangs(caller: Caller) -> None:
    one = files(caller)[0]
    other = next(file for file in files(caller) if owner(file) != owner(one))
    assert redirect(caller, one | {"pageId": owner(other)}).status_code == 404
    assert redirect(caller, one | {"id": "att1"}).status_code == 404


def test_a_token_does_not_open_it_without_its_scope(sandbox: Sandbox, caller: Caller) -> None:
    file = files(caller)[0]
    for scope, status in (
        ("readonly:content.attachment:confluence", 302),
        ("read:attachment:confluence", 302),
        ("read:page:confluence", 401),
    ):
        assert redirect(Caller(sandbox).sign_in(scope), file).status_code == status


def test_a_token_that_leaks_is_refused_and_counted(sandbox: Sandbox, caller: Caller) -> None:
    where = address(caller, small(sandbox, caller))
    assert fetch(where, Authorization="Bearer anything").status_code == 400
    assert sandbox.counts()["leaked_tokens"] == 1
    sandbox.reset_counts()
    assert fetch(where).status_code == 200
    assert sandbox.counts()["leaked_tokens"] == 0
    assert sandbox.counts()["routes"]["GET /media/file/{id}/binary"] == {"200": 1}
    assert "token=%2A" in sandbox.log(1)[0]["query"] or "token=***" in sandbox.log(1)[0]["query"]


def test_an_address_lives_for_a_while(sandbox: Sandbox, caller: Caller) -> None:
    where = address(caller, small(sandbox, caller))
    sandbox.advance_clock(590)
    assert fetch(where).status_code == 200
    sandbox.advance_clock(20)
    assert fetch(where).status_code == 403
    assert fetch(where.replace("token=", "token=x")).status_code == 403


def test_ranges(sandbox: Sandbox, caller: Caller) -> None:
    file = small(sandbox, caller, 200_000)
    where, whole = address(caller, file), sandbox.file_bytes(file["id"])
    for asked, first, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=65530-131080", 65_530, 131_081),
        ("bytes=199999-", 199_999, 200_000),
        ("bytes=150000-999999", 150_000, 200_000),
        ("bytes=-500", 199_500, 200_000),
    ):
        found = fetch(where, Range=asked)
        assert found.status_code == 206
        assert found.content == whole[first:end]
        assert found.headers["content-range"] == f"bytes {first}-{end - 1}/200000"
    beyond = fetch(where, Range="bytes=200000-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */200000")
    for odd in ("bytes=5-2", "bytes=0-1,5-6", "lines=1-2"):
        assert fetch(where, Range=odd).content == whole


def test_a_range_of_another_version_gives_the_whole(sandbox: Sandbox, caller: Caller) -> None:
    where = address(caller, small(sandbox, caller))
    tag = fetch(where).headers["etag"]
    assert fetch(where, **{"Range": "bytes=10-", "If-Range": tag}).status_code == 206
    assert fetch(where, **{"Range": "bytes=10-", "If-Range": '"another"'}).status_code == 200


def test_an_empty_file(sandbox: Sandbox, caller: Caller) -> None:
    where = address(caller, small(sandbox, caller, 0))
    assert fetch(where).content == b""
    assert fetch(where, Range="bytes=0-").status_code == 416


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", 'a"; filename="b.txt', "a\r\nSet-Cookie: x=y", "报告 ü.pdf", "."]
)
def test_any_name_travels_safely(sandbox: Sandbox, caller: Caller, name: str) -> None:
    file = small(sandbox, caller)
    sandbox.edit_attachment(file["id"], title=name)
    assert files(caller)[0]["title"] == name
    found = fetch(address(caller, file))
    assert "set-cookie" not in found.headers
    said = found.headers["content-disposition"]
    assert said == disposition(name)
    assert unquote(said.partition("filename*=UTF-8''")[2]) == name
    assert said.count('"') == 2


def until_it_breaks(where: str) -> bytes:
    received = b""
    try:
        with httpx.stream("GET", where, trust_env=False) as broken:
            for piece in broken.iter_bytes():
                received += piece
    except httpx.RemoteProtocolError:
        return received
    raise AssertionError("it did not break")


def test_faults_on_files_leave_the_wiki_alone(sandbox: Sandbox, caller: Caller) -> None:
    file = small(sandbox, caller, 1_000_000)
    sandbox.set(faults_on="media", drop_every=1, drop_at="middle", fault_limit=1)
    received = until_it_breaks(address(caller, file))
    assert 0 < len(received) <= 500_000
    assert sandbox.file_bytes(file["id"]).startswith(received)
    rest = fetch(address(caller, file), Range=f"bytes={len(received)}-")
    assert received + rest.content == sandbox.file_bytes(file["id"])
    sandbox.set(drop_every=0, throttle_every=1, fault_limit=0)
    assert fetch(address(caller, file)).status_code == 429


def test_a_large_file_is_made_while_it_is_sent(sandbox: Sandbox, caller: Caller) -> None:
    file = small(sandbox, caller, 10**12)
    end = fetch(address(caller, file), Range="bytes=999999999990-")
    assert (end.status_code, len(end.content)) == (206, 10)
    with httpx.stream("GET", address(caller, file), trust_env=False) as whole:
        assert whole.headers["content-length"] == str(10**12)
        assert len(next(whole.iter_bytes(100_000))) == 100_000
    assert files(caller)[0]["fileSize"] == 10**12


def test_bytes_do_not_depend_on_how_they_are_cut() -> None:
    whole = b"".join(read_bytes("att1", 1, 0, 300_000))
    assert whole != b"".join(read_bytes("att1", 2, 0, 300_000))
    assert b"".join(read_bytes("att1", 1, 70_000, 70_001)) == whole[70_000:70_001]
    assert b"".join(read_bytes("att1", 1, 65_536, 131_072)) == whole[65_536:131_072]
    assert len(set(whole)) == 256


def test_what_cannot_be_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(KeyError, match="no attachment"):
        sandbox.edit_attachment("att1", title="x")
    with pytest.raises(KeyError, match="no attachment"):
        sandbox.file_bytes("att1")


def test_the_small_picture_of_a_picture_is_had_the_same_way(sandbox: Sandbox, caller: Caller) -> None:
    for picture in (True, False):
        file = next(file for file in files(caller) if file["mediaType"].startswith("image/") == picture)
        sandbox.edit_attachment(file["id"], size=2_000)
        path = f"/wiki/api/v2/attachments/{file['id']}/thumbnail/download"
        answer = caller.wiki(path, params={"width": 100})
        assert answer.status_code == (302 if picture else 404)
        if picture:
            got = fetch(answer.headers["location"])
            assert (got.status_code, got.headers["content-type"]) == (200, file["mediaType"])
        assert caller.wiki(path, params={"width": "wide"}).status_code == 400
