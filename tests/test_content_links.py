"""What a link leads to: every form of a wiki's addresses is read, and what has no id yet is led to all the same."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from confluence_nb import content

HERE = "https://acme.atlassian.net"


def facts(href: str) -> dict[str, str]:
    [link] = content.links(f'<p><a href="{href.replace("&", "&amp;")}">words</a></p>')
    said = {name: value for name, value in vars(link).items() if value is not None}
    assert said.pop("text") == "words"
    return said


@pytest.mark.parametrize("site", [HERE, ""])
@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/wiki/spaces/ENG/pages/5/A+Title", {"kind": "page", "space_key": "ENG", "target_id": "5"}),
        ("/wiki/spaces/ENG/pages/5", {"kind": "page", "space_key": "ENG", "target_id": "5"}),
        (
            "/wiki/spaces/ENG/pages/edit-v2/5?draftShareId=a",
            {"kind": "page", "space_key": "ENG", "target_id": "5"},
        ),
        ("/wiki/spaces/ENG/pages/edit/5", {"kind": "page", "space_key": "ENG", "target_id": "5"}),
        (
            "/wiki/spaces/~712020%3Aada/pages/5",
            {"kind": "page", "space_key": "~712020:ada", "target_id": "5"},
        ),
        (
            "/wiki/spaces/ENG/pages/5/T?focusedCommentId=9#comment-9",
            {"kind": "page", "space_key": "ENG", "target_id": "5", "anchor": "comment-9"},
        ),
        ("/wiki/pages/viewpage.action?pageId=5", {"kind": "page", "target_id": "5"}),
        ("/wiki/pages/diffpages.action?originalId=4&pageId=5", {"kind": "page", "target_id": "5"}),
        ("/wiki/spaces/flyingpdf/pdfpageexport.action?pageId=5", {"kind": "page", "target_id": "5"}),
        (
            "/wiki/pages/viewpage.action?spaceKey=ENG&title=Q%26A+now",
            {"kind": "page", "space_key": "ENG", "title": "Q&A now"},
        ),
        ("/wiki/display/ENG/Q%26A+now", {"kind": "page", "space_key": "ENG", "title": "Q&A now"}),
        ("/wiki/display/ENG/2024/01/31/News", {"kind": "blogpost", "space_key": "ENG", "title": "News"}),
        ("/wiki/display/ENG", {"kind": "space", "space_key": "ENG"}),
        ("/wiki/x/LIQHD", {"kind": "page", "target_id": "201819180"}),
        ("/wiki/pages/tinyurl.action?urlIdentifier=LIQHD", {"kind": "page", "target_id": "201819180"}),
        ("/wiki/x/YoA_/", {"kind": "page", "target_id": "4096098"}),
        ("/wiki/x/AAAA", {"kind": "url"}),
        (
            "/wiki/spaces/ENG/blog/2024/01/31/9/News",
            {"kind": "blogpost", "space_key": "ENG", "target_id": "9"},
        ),
        ("/wiki/spaces/ENG/blog/2024/1/3/9", {"kind": "blogpost", "space_key": "ENG", "target_id": "9"}),
        ("/wiki/spaces/ENG/folder/7", {"kind": "content", "space_key": "ENG", "target_id": "7"}),
        (
            "/wiki/spaces/ENG/whiteboard/7?focusedCommentId=1",
            {"kind": "content", "space_key": "ENG", "target_id": "7"},
        ),
        ("/wiki/spaces/ENG/database/7", {"kind": "content", "space_key": "ENG", "target_id": "7"}),
        ("/wiki/spaces/ENG/overview", {"kind": "space", "space_key": "ENG"}),
        ("/wiki/spaces/viewspace.action?key=ENG", {"kind": "space", "space_key": "ENG"}),
        ("/wiki/spaces/ENG/calendars/1", {"kind": "url"}),
        ("/wiki/people/712020:ada", {"kind": "user", "account_id": "712020:ada"}),
        (
            "/wiki/download/attachments/5/a%20b.txt?version=1&api=v2",
            {"kind": "attachment", "filename": "a b.txt"},
        ),
        ("/wiki/label/ENG/plan", {"kind": "url"}),
        ("/browse/ENG-1", {"kind": "url"}),
    ],
)
def test_an_address_of_a_wiki_is_read(site: str, path: str, meant: dict[str, str]) -> None:
    assert facts(site + path) == {**meant, "url": site + path}


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/?pageId=5",
        "https://example.com/spaces/ENG/pages/5",
        "https://en.wikipedia.org/wiki/Space",
        "mailto:ada@example.com",
        "https://acme.atlassian.net/wiki/spaces/ENG/pages/99999999999999999999999/T",
        "http://[",
        "page.html",
    ],
)
def test_other_addresses_stay_addresses(url: str) -> None:
    assert facts(url) == {"kind": "url", "url": url}


@pytest.mark.parametrize("title", ["Plan", "A/B & C?", "50% + x", "“Größe”; 計画", "a\\b#c", "(x) [y]"])
def test_a_page_without_an_id_is_led_to_by_its_space_and_title(title: str) -> None:
    named = title.replace("&", "&amp;")
    body = f'<p><ac:link><ri:page ri:space-key="ENG" ri:content-title="{named}"/></ac:link></p>'
    address = urlsplit(content.to_markdown(body).rpartition("](")[2].removesuffix(")"))
    assert address.path == "/wiki/pages/viewpage.action"
    assert parse_qs(address.query) == {"spaceKey": ["ENG"], "title": [title]}


def test_a_post_is_led_to_by_its_day_too() -> None:
    post = '<ac:link><ri:blog-post ri:space-key="ENG" ri:content-title="News"{}/></ac:link>'
    dated = content.to_markdown(post.format(' ri:posting-day="2024/01/31"'))
    assert dated.endswith("?spaceKey=ENG&title=News&postingDay=2024%2F01%2F31)")
    assert content.to_markdown(post.format("")) == "News", "several posts may have one title"


def test_titles_are_found_in_any_letter_case_and_by_address() -> None:
    pages = pd.DataFrame({"id": ["1", "2"], "title": ["On Call", "Home"], "space_key": ["OPS", "ENG"]})
    for body in (
        '<ac:link><ri:page ri:space-key="ops" ri:content-title="On call"/></ac:link>',
        f'<a href="{HERE}/wiki/display/OPS/On+call">x</a>',
        '<a href="/wiki/pages/viewpage.action?spaceKey=OPS&amp;title=on%20CALL">x</a>',
    ):
        assert [link.target_id for link in content.links(body, pages=pages)] == ["1"]


def test_a_title_in_another_space_is_not_the_page_of_that_title_here() -> None:
    """Of pages without `space_key` their addresses tell the space."""
    link = '<p><ac:link><ri:page ri:content-title="Plan"{}/></ac:link></p>'
    pages = pd.DataFrame(
        {
            "id": ["1", "2"],
            "title": ["Plan", "Start"],
            "url": [f"{HERE}/wiki/spaces/ENG/pages/{page}/T" for page in (1, 2)],
            "body": [link.format(' ri:space-key="OPS"'), link.format("")],
        }
    )
    for given in (pages, pages.assign(space_key="ENG")):
        assert content.links(given)["target_id"].fillna("").tolist() == ["", "1"]
    assert content.links(pages.drop(columns="url"))["target_id"].tolist() == ["1", "1"]


def test_titles_are_found_on_the_site_of_the_page_that_names_them() -> None:
    """Two sites have spaces and pages of one name, and pages of one id."""
    link = '<p><ac:link><ri:page ri:content-title="{}" ri:space-key="ENG"/></ac:link></p>'
    pages = pd.DataFrame(
        {
            "site": ["a.example", "a.example", "b.example", "b.example"],
            "id": ["1", "2", "1", "3"],
            "title": ["Home", "Plan", "Home", "Only there"],
            "space_key": "ENG",
            "body": [link.format(title) for title in ("Plan", "Only there", "Plan", "Home")],
        }
    )
    for given in (pages, pages.drop(columns="space_key")):
        assert content.links(given)["target_id"].fillna("").tolist() == ["2", "", "", "1"]
    assert content.links(pages, pages=pages.drop(columns="site").head(2))["target_id"].notna().sum() == 3
    # Of pages of several sites none is found for a body that does not tell its own.
    bodies = pages.drop(columns=["site", "title"])
    assert content.links(bodies, pages=pages)["target_id"].isna().all()
    assert content.links(bodies, pages=pages.head(2))["target_id"].fillna("").tolist() == ["2", "", "2", "1"]


def test_what_is_on_another_site_is_no_page_of_this_one() -> None:
    hrefs = [
        f"{HERE}/wiki/spaces/ENG/pages/5",
        "https://other.atlassian.net/wiki/spaces/ENG/pages/6",
        "/wiki/x/LIQHD",
    ]
    body = "".join(f'<p><a href="{href}">x</a></p>' for href in hrefs)
    pages = pd.DataFrame({"id": ["1"], "body": [body], "url": [f"{HERE}/wiki/spaces/ENG/pages/1"]})
    found = content.links(pages)
    assert found["kind"].tolist() == ["page", "url", "page"]
    assert found["target_id"].fillna("-").tolist() == ["5", "-", "201819180"]
    assert found["url"].tolist() == hrefs
    assert content.links(pages.drop(columns="url"))["kind"].tolist() == ["page"] * 3, (
        "which site it is of is not known"
    )


def test_the_words_of_a_link_are_one_line() -> None:
    body = '<a href="/x"><p>two</p><p>lines<br/>here</p></a>'
    assert [link.text for link in content.links(body)] == ["two lines here"]


@pytest.mark.parametrize("tag", ["ac:link", "ri:attachment", "ac:image"])
def test_links_in_links_to_any_depth_are_read(tag: str) -> None:
    body = f"{f'<{tag}>' * 3_000}<ri:page ri:content-title='T'/>{f'</{tag}>' * 3_000}"
    for read in (content.links, content.images, content.macros, content.to_text, content.to_markdown):
        assert read(body) is not None


OWN = '<p><ac:link><ri:page ri:content-title="Plan"/></ac:link></p>'
FULL = "[Plan](/wiki/pages/viewpage.action?spaceKey=ENG&title=Plan)"


@pytest.mark.parametrize(
    ("told", "markdown", "key"),
    [
        ({"space_key": ["ENG"]}, FULL, "ENG"),
        ({"url": ["https://acme.atlassian.net/wiki/spaces/ENG/pages/1/Home"]}, FULL, "ENG"),
        (
            {"space_key": [None], "url": ["https://acme.atlassian.net/wiki/spaces/OPS/pages/1/Home"]},
            "[Plan](Plan)",
            None,
        ),
        ({"url": [None]}, "[Plan](Plan)", None),
        ({"url": ["https://acme.atlassian.net/wiki/spaces/E%01NG/pages/1/Home"]}, "[Plan](Plan)", None),
        ({"space_key": ["A\0"]}, "[Plan](Plan)", None),
        ({}, "[Plan](Plan)", None),
    ],
)
def test_a_link_within_a_space_has_its_key_where_the_frame_tells(
    told: dict[str, list[str | None]], markdown: str, key: str | None
) -> None:
    pages = pd.DataFrame({"id": ["1"], "body": [OWN], **told})
    assert content.to_markdown(pages).tolist() == [markdown]
    assert content.links(pages)["space_key"].fillna("").tolist() == [key or ""]


def test_a_frame_with_two_columns_of_one_name_is_read() -> None:
    pages = pd.DataFrame({"id": ["1", "2"], "body": [OWN, OWN], "url": [None, None]})
    joined = pd.concat([pages, pages[["url"]]], axis=1)
    assert content.to_text(joined).tolist() == ["Plan", "Plan"]
    assert content.links(joined)["space_key"].isna().all()


IN_ENG, IN_OPS = (f'<ri:page ri:content-title="Plan" ri:space-key="{key}"/>' for key in ("ENG", "OPS"))


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ('<ri:space ri:space-key="ENG"/><ri:space ri:space-key="OPS"/>', "ENG, OPS"),
        ('<ri:attachment ri:filename="a.png"/> <ri:attachment ri:filename="b.png"/>', "a.png, b.png"),
        (
            '<ri:user ri:account-id="712020:ada"/><ri:user ri:account-id="712020:bo"/>',
            "712020:ada, 712020:bo",
        ),
        (f"<ac:link>{IN_ENG}</ac:link><ac:link>{IN_OPS}</ac:link>", "ENG:Plan, OPS:Plan"),
        ('<ri:attachment ri:filename="a.png"><ri:page ri:content-title="Plan"/></ri:attachment>', "a.png"),
    ],
)
def test_a_parameter_names_all_that_it_leads_to(named: str, said: str) -> None:
    parameter = f'<ac:parameter ac:name="of">{named}</ac:parameter>'
    [macro] = content.macros(f'<ac:structured-macro ac:name="x">{parameter}</ac:structured-macro>')
    assert macro.parameters == {"of": said}


def test_a_mark_shows_all_spaces_that_its_macro_names() -> None:
    spaces = '<ri:space ri:space-key="ENG"/><ri:space ri:space-key="OPS"/>'
    body = (
        '<ac:structured-macro ac:name="recently-updated">'
        f'<ac:parameter ac:name="spaces">{spaces}</ac:parameter></ac:structured-macro>'
    )
    assert content.to_text(body) == "[recently updated: ENG, OPS]"
