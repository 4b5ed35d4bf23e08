"""Which page somebody means: an id, or any of the addresses that a browser shows for it."""

from __future__ import annotations

from base64 import b64encode

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confluence_nb import ConfluenceNBError, Site
from confluence_nb.page import Address, Named, address_of

HERE = "https://acme.atlassian.net"
SITE = Site(id="11111111-2222-3333-4444-555555555555", name="acme", url=HERE)


def short_link(number: int) -> str:
    """As Confluence makes them: the id's bytes, lowest first, in an alphabet of its own, without what is zero."""
    code = b64encode(number.to_bytes(8, "little")).decode().translate(str.maketrans("+/", "_-"))
    return f"{HERE}/wiki/x/{code.rstrip('=').rstrip('A')}"


@pytest.mark.parametrize(
    ("given_", "meant"),
    [
        ("123", Address("123")),
        (" 123 ", Address("123")),
        ("\u200b123\u00a0", Address("123")),
        (123, Address("123")),
        (pd.Series([123]).iloc[0], Address("123")),
        (f"{HERE}/wiki/spaces/ENG/pages/123/A+Title", Address("123", "page")),
        (f"{HERE}/wiki/spaces/ENG/pages/123", Address("123", "page")),
        (f"{HERE}/wiki/spaces/~712020abc/pages/123/T#Heading", Address("123", "page")),
        (f"{HERE}/wiki/spaces/ENG/pages/123/T?focusedCommentId=9", Address("123", "page")),
        ("HTTPS://ACME.atlassian.net/wiki/spaces/ENG/pages/123/2024+plans", Address("123", "page")),
        ("acme.atlassian.net/wiki/spaces/ENG/pages/123", Address("123", "page")),
        ("/wiki/spaces/ENG/pages/123/T", Address("123", "page")),
        ("/spaces/ENG/pages/123/T", Address("123", "page")),
        (f"{HERE}/wiki/spaces/ENG/pages/edit-v2/123?draftShareId=a", Address("123", "page", is_draft=True)),
        (f"{HERE}/wiki/spaces/ENG/pages/edit/123", Address("123", "page", is_draft=True)),
        (f"{HERE}/wiki/spaces/ENG/blog/2024/05/06/123/News", Address("123", "blogpost")),
        (f"{HERE}/wiki/spaces/ENG/blog/123", Address("123", "blogpost")),
        (f"{HERE}/wiki/spaces/ENG/blog/edit-v2/123", Address("123", "blogpost", is_draft=True)),
        (f"{HERE}/wiki/pages/viewpage.action?pageId=123", Address("123")),
        (f"{HERE}/wiki/pages/viewpage.action?pageId=123&pageVersion=4", Address("123", version=4)),
        (f"{HERE}/wiki/pages/viewpageattachments.action?pageId=123&preview=%2F123%2F9", Address("123")),
        (f"{HERE}/wiki/pages/resumedraft.action?draftId=123&draftShareId=a", Address("123", is_draft=True)),
        (f"{HERE}/wiki/spaces/ENG/overview?homepageId=123", Address("123")),
        (f"{HERE}/wiki/api/v2/pages/123", Address("123", "page")),
        (f"{HERE}/wiki/api/v2/blogposts/123", Address("123", "blogpost")),
        (f"https://api.atlassian.com/ex/confluence/{SITE.id}/wiki/api/v2/pages/123", Address("123", "page")),
        (f"{HERE}/wiki/rest/api/content/123", Address("123")),
        (f"{HERE}/wiki/x/LIQHD", Address("201819180")),
        ("/wiki/x/LIQHD", Address("201819180")),
        (f"{HERE}/wiki/x/LIQHD/", Address("201819180")),
        (f"{HERE}/wiki/pages/tinyurl.action?urlIdentifier=LIQHD", Address("201819180")),
        (f"<{HERE}/wiki/spaces/ENG/pages/123>,", Address("123", "page")),
        (f"“{HERE}/wiki/pages/viewpage.action?pageId=123”", Address("123")),
        (f"{HERE}:443/wiki/spaces/ENG/pages/123/T?a=b&c#d", Address("123", "page")),
        ("http://acme.atlassian.net/wiki/spaces/ENG/pages/123/T", Address("123", "page")),
        (f"{HERE}/wiki/display/ENG/Who+is+who%3F", Named("ENG", "Who is who?")),
        (f"{HERE}/wiki/pages/viewpage.action?spaceKey=ENG&title=Q%26A+now", Named("ENG", "Q&A now")),
        (f"{HERE}/wiki/display/ENG/Plan+(draft)", Named("ENG", "Plan (draft)")),
        (f"({HERE}/wiki/display/ENG/Plan+(draft)),", Named("ENG", "Plan (draft)")),
        (f"({HERE}/wiki/display/ENG/Plan)", Named("ENG", "Plan")),
        (f"{HERE}/wiki/pages/viewpage.action?spaceKey=ENG&title=Plan+(2+(b))", Named("ENG", "Plan (2 (b))")),
        (f"{HERE}/wiki/spaces/ENG/overview", Named("ENG", None)),
        (f"{HERE}/wiki/spaces/ENG", Named("ENG", None)),
        (f"{HERE}/wiki/spaces/~712020%3Aada/overview?x=1", Named("~712020:ada", None)),
        (f"{HERE}/wiki/spaces/viewspace.action?key=ENG", Named("ENG", None)),
    ],
)
def test_every_form_of_an_address(given_: object, meant: Address | Named) -> None:
    assert address_of(given_, SITE) == meant


@given(st.integers(1, 2**63 - 1))
def test_short_links_hold_the_id(number: int) -> None:
    assert address_of(short_link(number), SITE) == Address(str(number))


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ("Handbook", "wiki.pages(title=…)"),
        ("", "neither a page's id nor its address"),
        ("12a", "neither"),
        ("att123", "neither"),
        ("1" * 20, "neither"),
        ("-5", "neither"),
        (None, "NoneType"),
        (True, "bool"),
        (1.5, "float"),
        (b"123", "bytes"),
        (["123"], "wiki.pages()"),
        ("https://other.atlassian.net/wiki/spaces/ENG/pages/123/T", "wiki.use('other.atlassian.net')"),
        (
            "https://acme.atlassian.net.evil.example/wiki/spaces/ENG/pages/123",
            "is on acme.atlassian.net.evil.example",
        ),
        ("https://acme.atlassian.net@evil.example/wiki/spaces/ENG/pages/123", "is on evil.example"),
        ("https://api.atlassian.com/ex/confluence/another/wiki/api/v2/pages/123", "is on api.atlassian.com"),
        ("//evil.example/wiki/spaces/ENG/pages/123", "is on evil.example"),
        ("https://[acme/wiki", "no address"),
        (
            f"{HERE}/wiki/spaces/ENG/folder/123",
            'is a folder, which has no text of its own. wiki.children("123")',
        ),
        (f"{HERE}/wiki/spaces/ENG/whiteboard/123", "whiteboard"),
        (f"{HERE}/wiki/spaces/ENG/database/123", "database"),
        (f"{HERE}/wiki/display/ENG/2024/01/31/Who+is", "wiki.blogposts(space='ENG', title='Who is')"),
        (f"{HERE}/wiki/spaces/ENG/blog", "wiki.blogposts(space='ENG')"),
        (f"{HERE}/wiki/spaces/ENG/pages", "wiki.pages(space='ENG')"),
        (f"{HERE}/wiki/spaces/ENG/calendars/1", "no address of a page"),
        (f"{HERE}/l/cp/Ab12Cd34", "open the page in the browser"),
        (f"{HERE}/wiki/pages/tinyurl.action?urlIdentifier=%00", "no address of a page"),
        (f"{HERE}/wiki/x/", "no address of a page"),
        (f"{HERE}/wiki/x/AAAAAAAAAAA", "no short link"),
        (f"{HERE}/wiki/x/___________", "no short link"),
        (f"{HERE}/wiki/home", "no address of a page"),
        (f"{HERE}/wiki/spaces/ENG/pages/none/T", "no address of a page"),
        (f"{HERE}/wiki/pages/viewpage.action?pageId=a", "no address of a page"),
    ],
)
def test_what_is_no_page_is_refused_with_advice(given_: object, said: str) -> None:
    with pytest.raises(ConfluenceNBError) as caught:
        address_of(given_, SITE)
    assert said in str(caught.value)
