"""Whatever the environment says of proxies, passwords and certificates, the token reaches the API origin alone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from company_proxy import API_HOST, AUTH_HOST, CompanyProxy, company_proxy, tls_cloud
from strange_cloud import SITE, Asked, Says, StrangeCloud, strange_cloud
from strange_media import listed

import confluence_nb
from confluence_nb import Cloud, OAuthApp, Unreachable, Wiki

pytestmark = pytest.mark.usefixtures("hurried")

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
SECRETS = ("strange-access", "strange-refresh", "strange-secret", "strange-code")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of this machine's own."""
    for name in (*PROXIES, "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[StrangeCloud]:
    """Behind TLS, with one page."""
    with tls_cloud(
        lambda asked: Says({"results": [{"id": "1", "title": "One"}], "_links": {}}), tmp_path
    ) as running:
        yield running


@pytest.fixture
def proxy(cloud: StrangeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CompanyProxy]:
    """Before that cloud, and named by the environment for all that is asked."""
    with company_proxy(cloud) as running:
        for name in PROXIES:
            monkeypatch.setenv(name, running.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
        yield running


def open_wiki(cloud: Cloud) -> Wiki:
    app = OAuthApp("StrangeApp0001", "strange-secret", "http://127.0.0.1/callback", SITE["scopes"])
    return confluence_nb.connect(app=app, store="memory", profile=uuid4().hex, cloud=cloud)


def far(**changes: str) -> Cloud:
    return Cloud(**{"auth_url": f"https://{AUTH_HOST}", "api_url": f"https://{API_HOST}"} | changes)


def test_a_companys_proxy_carries_what_it_cannot_read(cloud: StrangeCloud, proxy: CompanyProxy) -> None:
    wiki = open_wiki(far()).sign_in("strange-code-0001")
    assert list(wiki.pages()["id"]) == ["1"]
    assert {asked.headers["Authorization"] for asked in cloud.wiki_calls} == {"Bearer strange-access"}
    assert {head.split()[1] for head in proxy.heads} == {
        f"{AUTH_HOST}:443".encode(),
        f"{API_HOST}:443".encode(),
    }
    for head in proxy.heads:
        assert head.startswith(b"CONNECT ")
        assert b"authorization" not in head.lower()
    assert not [secret for secret in SECRETS if secret.encode() in proxy.bytes]


def test_who_answers_in_the_clouds_name_without_its_certificate_gets_nothing(
    cloud: StrangeCloud, proxy: CompanyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Unreachable, match=r"does not trust its certificate.*SSL_CERT_FILE"):
        open_wiki(far()).sign_in("strange-code-0001")
    assert proxy.heads
    assert cloud.asked == []


def test_an_api_on_this_machine_is_spoken_to_directly_though_the_sign_in_is_far_away(
    proxy: CompanyProxy,
) -> None:
    """Plain http to a proxy would show it the token."""
    with strange_cloud(lambda asked: Says({"results": []})) as here:
        wiki = open_wiki(far(api_url=here.url)).sign_in("strange-code-0001")
        assert wiki.get("/pages") == {"results": []}
        assert here.wiki_calls[0].headers["Authorization"] == "Bearer strange-access"
    assert {head.split()[1] for head in proxy.heads} == {f"{AUTH_HOST}:443".encode()}
    assert b"strange-access" not in proxy.bytes


@pytest.mark.parametrize("to", ["{thief}/wiki", "http:{host}/x", "http://169.254.169.254/latest/meta-data/"])
def test_no_redirect_leads_from_https_to_http(
    cloud: StrangeCloud, proxy: CompanyProxy, tmp_path: Path, to: str
) -> None:
    with strange_cloud(lambda asked: Says(b"bytes")) as thief:
        lead = to.format(thief=thief.url, host=thief.url.removeprefix("http:"))
        cloud.script = lambda asked: Says(b"", 302, {"Location": lead})
        wiki = open_wiki(far()).sign_in("strange-code-0001")
        with pytest.raises(Unreachable, match="sent the request elsewhere"):
            wiki.pages()
        with pytest.raises(Unreachable):
            wiki.download(listed(), tmp_path / "files")
        assert thief.asked == []
    assert all(head.startswith(b"CONNECT ") for head in proxy.heads)


@pytest.mark.parametrize("name", PROXIES)
def test_a_cloud_on_this_machine_is_spoken_to_directly(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with (
        strange_cloud(lambda asked: Says({})) as thief,
        strange_cloud(lambda asked: Says({"ok": True})) as cloud,
    ):
        monkeypatch.setenv(name, thief.url)
        assert cloud.open_wiki().get("/pages") == {"ok": True}
        assert thief.asked == []


@pytest.mark.parametrize("named", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_a_cloud_on_this_machine_may_have_a_certificate_of_its_own(
    cloud: StrangeCloud, proxy: CompanyProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    here = cloud.url.replace("http://127.0.0.1", "https://localhost")
    with monkeypatch.context() as patch:
        patch.delenv("SSL_CERT_FILE")
        with pytest.raises(Unreachable, match="does not trust its certificate"):
            open_wiki(Cloud(here, here)).sign_in("strange-code-0001")
        patch.setenv(
            named, str(_folder_of(tmp_path / "trusted.pem") if "DIR" in named else tmp_path / "trusted.pem")
        )
        assert list(open_wiki(Cloud(here, here)).sign_in("strange-code-0001").pages()["id"]) == ["1"]
    assert proxy.heads == []


def _folder_of(certificate: Path) -> Path:
    """A folder as OpenSSL looks certificates up: by the hash of their subject."""
    folder = certificate.parent / "trusted"
    folder.mkdir()
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which names such files, is not here")
    shown = subprocess.run(
        [openssl, "x509", "-in", certificate, "-noout", "-subject_hash"],
        check=True,
        capture_output=True,
        text=True,
    )
    shutil.copy(certificate, folder / f"{shown.stdout.strip()}.0")
    return folder


def test_nor_is_one_behind_tls_left_to_a_proxy(cloud: StrangeCloud, proxy: CompanyProxy) -> None:
    here = f"https://127.0.0.1:{proxy.port_behind}"
    with pytest.raises(Unreachable, match="certificate"):  # it is for other names
        open_wiki(Cloud(here, here)).sign_in("strange-code-0001")
    assert proxy.heads == []


NO_HOSTS = [
    "localhost,127.0.0.1,::1,[::1]", "fd07:b51a:cc66:f0::/64", "127.0.0.0/8,fe80::/10", "[2001:db8::1]:443", "[::",
    "[]", "münchen.test", "http://[", "a b", ",,", "10.*,.svc,<local>",
]  # fmt: skip


@pytest.mark.parametrize("told", NO_HOSTS)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_what_is_no_host_in_no_proxy_is_passed_over(
    cloud: StrangeCloud, proxy: CompanyProxy, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    """Containers bring ranges of IPv6 along, and addresses in brackets."""
    monkeypatch.setenv(name, told)
    assert list(open_wiki(far()).sign_in("strange-code-0001").pages()["id"]) == ["1"]
    assert len(proxy.heads) >= 2


DIRECT = [
    AUTH_HOST, AUTH_HOST.upper(), f" {AUTH_HOST} ", "cloud.test", ".cloud.test", "*.cloud.test",
    f"https://{AUTH_HOST}", "*", f"[::1],{AUTH_HOST}", "fe80::/10, *",
]  # fmt: skip


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("told", DIRECT)
def test_a_host_of_no_proxy_is_gone_to_directly(
    proxy: CompanyProxy, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("NO_PROXY", told)
    with pytest.raises(Unreachable, match="no connection"):
        open_wiki(far()).sign_in("strange-code-0001")
    assert proxy.heads == []


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    "told", ["h.cloud.test", "xcloud.test", "uth.cloud.test", f"{AUTH_HOST}:444", "test:80"]
)
def test_another_host_of_no_proxy_is_another(
    proxy: CompanyProxy, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("NO_PROXY", told)
    open_wiki(far()).sign_in("strange-code-0001")
    assert proxy.heads


def test_a_proxy_may_be_named_without_its_scheme(
    cloud: StrangeCloud, proxy: CompanyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, proxy.url.removeprefix("http://"))
    assert list(open_wiki(far()).sign_in("strange-code-0001").pages()["id"]) == ["1"]
    assert proxy.heads


@pytest.mark.parametrize("scheme", ["Basic", "Digest", "Negotiate", "Bearer"])
def test_no_challenge_gets_what_a_netrc_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(
        "machine 127.0.0.1 login ada password netrc-password\ndefault login ada password netrc-password\n"
    )
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    challenge = {"WWW-Authenticate": f'{scheme} realm="wiki", nonce="1", error="invalid_token"'}

    def script(asked: Asked) -> Says:
        return Says({"code": 401, "message": "Unauthorized"}, 401, challenge)

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(confluence_nb.SignInRequired):
            wiki.get("/pages")
        assert {asked.headers["Authorization"] for asked in cloud.wiki_calls} == {"Bearer strange-access"}
        others = [asked.headers for asked in cloud.asked if not asked.path.startswith(("/ex/", "/me"))]
        assert not [told for told in others if "Basic" in str(told) or "netrc" in str(told)]
        assert len(cloud.asked) < 15


@pytest.mark.parametrize("value", ["/nowhere/pass-word.pem", "/dev/null"])
def test_certificates_that_cannot_be_read_do_not_concern_plain_http_to_this_machine(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", value)
    with strange_cloud(lambda asked: Says({"ok": True})) as here:
        assert here.open_wiki().get("/pages") == {"ok": True}


UNUSABLE = [
    ("ALL_PROXY", "socks5://ada:pass-word@127.0.0.1:1080"), ("HTTPS_PROXY", "ftp://ada:pass-word@proxy.test"),
    ("HTTPS_PROXY", "http://ada:pass-word@[::"),
    ("SSL_CERT_FILE", "/nowhere/pass-word.pem"), ("SSL_CERT_FILE", "/dev/null"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), UNUSABLE)
def test_an_environment_that_cannot_be_used_is_a_sentence_without_its_passwords(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Unreachable) as found:
        open_wiki(far()).sign_in("strange-code-0001")
    assert "pass-word" not in str(found.value)
    assert str(found.value).endswith(".")
