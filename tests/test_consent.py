"""Reading what was pasted, and writing the link: for every text, not only for those that somebody thought of."""

from __future__ import annotations

import hmac
import string
from html.entities import html5
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confluence_nb import Cloud, OAuthApp
from confluence_nb.errors import AppRejected, ConsentDenied, SignInError, Unreachable, WrongPaste
from confluence_nb.oauth.consent import MAX_PASTE, new_consent, read_paste
from confluence_nb.secret import Secret

STATE = "aB3-_state-of-this-very-sign-in-0123456789x"
CODES = st.text([chr(number) for number in range(0x20, 0x7F)], min_size=1, max_size=200)
"""All that RFC 6749 allows (A.11)."""
HOSTS = st.sampled_from(
    ["http://localhost:8765/callback", "https://h.example", "http://[::1]:9/x", "https://é.example/a/b"]
)


def paste(text: str) -> tuple[str, bool]:
    read = read_paste(Secret(text), Secret(STATE))
    return read.code.reveal(), read.state_checked


@given(code=CODES, host=HOSTS, order=st.permutations(["code", "state", "extra"]))
def test_any_code_comes_back_as_it_was(code: str, host: str, order: list[str]) -> None:
    values = {"code": code, "state": STATE, "extra": "a b&c=d"}
    query = urlencode([(name, values[name]) for name in order])
    assert paste(f"{host}?{query}") == (code, True)


@given(code=st.text(string.ascii_letters + string.digits + "-_.", min_size=6, max_size=200), data=st.data())
def test_blanks_and_line_breaks_anywhere_change_nothing(code: str, data: st.DataObject) -> None:
    address = f"http://localhost:8765/callback?state={STATE}&code={code}"
    cuts = sorted(data.draw(st.lists(st.integers(8, len(address)), max_size=6)))
    for cut in reversed(cuts):
        address = (
            address[:cut] + data.draw(st.sampled_from(["\n", "\r\n", " ", "\t", "\n  "])) + address[cut:]
        )
    assert paste(address) == (code, True)


@pytest.mark.parametrize("order", ["code={code}&state={state}", "state={state}&code={code}"])
@pytest.mark.parametrize(
    "form", ["[{0}]({0})", "[the page]({0})", "<{0}|{0}>", '<a href="{0}">{0}</a>', "{0}<{0}>"]
)
@pytest.mark.parametrize("host", ["http://localhost:8765/callback", "http://[::1]:8765/a(b)"])
def test_the_marks_around_a_link_are_no_part_of_it(host: str, form: str, order: str) -> None:
    """Whichever of code and state stands last, beside them."""
    address = f"{host}?{order.format(code='eyJr.eyJ0-_.sig', state=STATE)}"
    assert paste(form.format(address)) == ("eyJr.eyJ0-_.sig", True)


@pytest.mark.parametrize("code", ["a|b{c}^`~", "a[b]c!*'"])
def test_a_mark_that_browsers_leave_as_it_is_stays_in_the_code(code: str) -> None:
    for address in (f"code={code}&state={STATE}", f"state={STATE}&code={code}&x=1"):
        assert paste(f"http://h.example/?{address}") == (code, True)


@pytest.mark.parametrize("name", sorted(name for name in html5 if not name.endswith(";")))
def test_a_parameter_that_begins_like_an_entity_is_ignored_as_any_other(name: str) -> None:
    """RFC 6749 §4.1.2 lets a server add what it likes."""
    given = f"code=abcdefgh&{name}ion=1&state={STATE}&{name}=2"
    for address in (f"http://h.example/?{given}", f"http://h.example/?{given.replace('&', '&amp;')}"):
        assert paste(address) == ("abcdefgh", True)


def test_two_different_addresses_are_none() -> None:
    with pytest.raises(WrongPaste):
        paste(
            f"<http://h.example/?code=abcdefgh&state={STATE}|http://h.example/?code=ijklmnop&state={STATE}>"
        )


@given(text=st.text(max_size=400))
def test_no_text_at_all_makes_the_parser_fail_otherwise_than_in_words(text: str) -> None:
    said = "taken"
    try:
        paste(text)
    except SignInError as error:
        said = str(error)
    assert said


@given(
    text=st.text("://?#&=;%+. \n[]@\"'<>codestaterrhlp0\u200b", max_size=120),
    prefix=st.sampled_from(["", "http://", "http://h/?code=", "code=", "localhost:1?"]),
)
def test_texts_made_of_the_pieces_of_addresses(text: str, prefix: str) -> None:
    try:
        code, checked = paste(prefix + text)
    except SignInError:
        return
    assert code
    assert not checked or STATE in prefix + text


@given(state=st.text(min_size=1, max_size=60).filter(lambda state: state.strip() != STATE))
def test_no_other_state_passes(state: str) -> None:
    with pytest.raises(WrongPaste):
        paste("http://h.example/?code=abcdefgh&state=" + quote(state, safe=""))


def test_two_states_have_both_to_be_ours() -> None:
    with pytest.raises(WrongPaste, match="another sign-in"):
        paste(f"http://h.example/?code=abcdefgh&state={STATE}&state=other")


def test_the_state_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def watched(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", watched)
    with pytest.raises(WrongPaste):
        paste("http://h.example/?code=abcdefgh&state=guess")
    assert compared == [(b"guess", STATE.encode())]


def test_an_error_without_our_state_is_still_read() -> None:
    with pytest.raises(ConsentDenied):
        paste("http://h.example/?error=access_denied")


@pytest.mark.parametrize("error", ["server_error", "temporarily_unavailable"])
def test_a_server_in_trouble_is_not_the_apps_fault(error: str) -> None:
    """RFC 6749 §4.1.2.1: what would be a 500 or a 503 where there is no redirect."""
    with pytest.raises(Unreachable, match=rf"\({error}\)\. Atlassian says: Come later\..*a minute") as caught:
        paste(f"http://h.example/?error={error}&error_description=Come+later&state={STATE}")
    assert "console" not in str(caught.value)


def test_an_error_of_another_sign_in_is_a_stale_address() -> None:
    with pytest.raises(WrongPaste, match="another sign-in"):
        paste("http://h.example/?error=access_denied&state=other")


def test_what_the_server_says_is_bounded_and_on_one_line() -> None:
    said = urlencode(
        {"error": "invalid_scope", "error_description": "line\nbreak " + "x" * 5_000, "state": STATE}
    )
    with pytest.raises(AppRejected) as caught:
        paste("http://h.example/?" + said)
    assert len(str(caught.value)) < 800
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "SECRETCODE0123 SECRETCODE0123",
        "http://h.example/?state=other&code=SECRETCODE0123",
        f"http://h.example/?state={STATE}&code=SECRETCODE0123&code=SECRETCODE4567",
        f"http://h.example/?state={STATE}&code=SECRETCODE0123%00",
        "SECRETCODE0123" * (MAX_PASTE // 10),
    ],
)
def test_no_message_repeats_what_was_pasted(text: str) -> None:
    with pytest.raises(WrongPaste) as caught:
        paste(text)
    assert "SECRETCODE" not in str(caught.value)
    assert STATE not in str(caught.value)
    assert caught.value.__cause__ is None


@given(
    redirect=st.sampled_from(
        ["http://localhost:8765/callback", "https://h.example/a?b=c&d=é", "http://127.0.0.1"]
    ),
    scopes=st.lists(st.from_regex(r"[a-z:.\-]{1,30}", fullmatch=True), min_size=1, max_size=30),
)
def test_the_link_reads_back(redirect: str, scopes: list[str]) -> None:
    app = OAuthApp("ClientId0001", "hidden", redirect, scopes)
    consent = new_consent(Cloud(), app)
    parts = urlsplit(consent.url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    assert parts.netloc == "auth.atlassian.com"
    assert query["redirect_uri"] == redirect
    assert query["scope"].split(" ") == list(dict.fromkeys(["offline_access", *scopes]))
    assert query["state"] == consent.state.reveal()
    assert "hidden" not in consent.url


@pytest.mark.parametrize(
    ("api", "audience"),
    [
        ("https://api.atlassian.com", "api.atlassian.com"),
        ("https://api.atlassian-us-gov-mod.com", "api.atlassian-us-gov-mod.com"),
        ("https://API.atlassian-us-gov-mod.com:443/", "api.atlassian-us-gov-mod.com"),
        ("https://gateway.example", "api.atlassian.com"),
        ("http://127.0.0.1:8765", "api.atlassian.com"),
    ],
)
def test_the_link_asks_for_the_api_of_its_own_cloud(api: str, audience: str) -> None:
    """The Government Cloud is one by itself; a stand-in plays Atlassian's."""
    link = new_consent(Cloud(api_url=api), OAuthApp("ClientId0001", "hidden")).url
    assert dict(parse_qsl(urlsplit(link).query))["audience"] == audience


@pytest.mark.parametrize(
    "first", ["error=invalid_scope&error_description=Try%20again", "error_description=x&error=invalid_scope"]
)
def test_two_addresses_in_one_show_no_code(first: str) -> None:
    both = f"http://h.example/?state={STATE}&{first} http://h.example/?code=THE-CODE-OF-TODAY&state={STATE}"
    with pytest.raises(AppRejected) as caught:
        paste(both)
    assert "THE-CODE-OF-TODAY" not in str(caught.value)
