"""What Atlassian announces the end of is said once for each endpoint, in words, and hostile words do no harm."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import httpx
import pandas as pd
import pytest
from conftest import open_wiki
from strange_cloud import Asked, Says, strange_cloud

import confluence_nb as cnb
from confluence_nb import ConfluenceNBWarning, DeprecatedByAtlassian, Wiki
from confluence_nb.api import deprecations
from confluence_nb.api.deprecations import MOST_WARNINGS, hear_deprecation, say_deprecations
from confluence_nb.sandbox import Sandbox

CHANGE = "https://developer.atlassian.com/cloud/confluence/changelog/#CHANGE-2026"
DEPRECATED = {"Warning": '299 - "Deprecated: see CHANGE-2026"', "Link": f'<{CHANGE}>; rel="deprecation"'}


@pytest.fixture(autouse=True)
def _nothing_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecations, "_heard", set())
    monkeypatch.setattr(deprecations, "_unsaid", [])


def said() -> list[str]:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        say_deprecations()
    return [str(warning.message) for warning in heard if warning.category is DeprecatedByAtlassian]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (DEPRECATED, ["It says: “Deprecated: see CHANGE-2026”.", f"See {CHANGE}"]),
        ({"Link": f'<https://a.example/wiki>; rel="base", <{CHANGE}>; rel=deprecation'}, [f"See {CHANGE}"]),
        ({"Link": f'<{CHANGE}>; type="text/html"; rel="help deprecation"'}, [f"See {CHANGE}"]),
        ({"Warning": '110 - "Stale", 299 gateway "Gone \\"soon\\""'}, ['“Gone \\"soon\\"”']),
        ({"Deprecation": "@1767225600"}, ["announces the end of GET /wiki/api/v2/things/{id}, or of a part"]),
        ({"Sunset": "Thu, 31 Dec 2026 23:59:59 GMT"}, [", for 31 December 2026."]),
        ({"Sunset": "some day"}, ["or of a part of it."]),
    ],
)  # fmt: skip
def test_every_way_of_saying_it_becomes_a_sentence(headers: dict[str, str], words: list[str]) -> None:
    hear_deprecation("GET", "/wiki/api/v2/things/7", httpx.Headers(headers))
    (sentence,) = said()
    for part in [*words, "Update confluence_nb"]:
        assert part in sentence


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Warning": '110 - "Response is stale"'},
        {"Link": '<https://a.example/2>; rel="next"'},
        {"Link": f'<{CHANGE}>; rel="next"; title="deprecation"'},
    ],
)
def test_nothing_is_said_of_what_stays(headers: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    hear_deprecation("GET", "/wiki/api/v2/things", httpx.Headers(headers))
    assert said() == []
    assert not caplog.records


@pytest.mark.parametrize(
    ("paths", "endpoint"),
    [
        (["/wiki/api/v2/pages/1/children", "/wiki/api/v2/pages/22/children"], "/wiki/api/v2/pages/{id}/children"),
        (["/wiki/api/v2/pages/1/attachments/att7"], "/wiki/api/v2/pages/{id}/attachments/{id}"),
        (["/wiki/rest/api/space/ENG/state", "/wiki/rest/api/space/~7ab/state"], "/wiki/rest/api/space/{id}/state"),
    ],
)  # fmt: skip
def test_an_id_makes_no_new_endpoint(paths: list[str], endpoint: str) -> None:
    for path in [*paths, *paths]:
        hear_deprecation("GET", path, httpx.Headers(DEPRECATED))
    (sentence,) = said()
    assert f" GET {endpoint}," in sentence


def test_each_endpoint_has_its_own_and_not_without_end() -> None:
    for number in range(MOST_WARNINGS * 2):
        name = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        hear_deprecation("GET", f"/wiki/api/v2/{name}", httpx.Headers(DEPRECATED))
    assert len(set(said())) == MOST_WARNINGS


HOSTILE = [
    {"Warning": '299 - "\x1b[31mred\x1b[0m \x9b2J ‮evil\x07"'},
    {"Warning": '299 - "' + "x" * 60_000 + '"'},
    {"Warning": '299 - "' + "\\" * 60_001},
    {"Warning": ", ".join(['299 - "a"'] * 5_000)},
    {"Warning": "299 - " + '"' * 60_001},
    {"Link": "<" * 60_000 + '>; rel="deprecation"'},
    {"Link": "<a>" * 20_000 + '; rel="deprecation"'},
    {"Link": '<javascript:alert(1)>; rel="deprecation"'},
    {"Link": '<https://atlassian.com.evil.example/>; rel="deprecation"'},
    {"Link": '<https://developer.atlassian.com@evil.example/>; rel="deprecation"'},
    {"Link": '<https://me@developer.atlassian.com/>; rel="deprecation"'},
    {"Link": '<https://[developer.atlassian.com/>; rel="deprecation"'},
    {"Sunset": "Thu, 31 Dec 99999999999 23:59:59 GMT"},
    {"Sunset": "31 Dec 0001 23:59:59 +9999"},
    {"Sunset": "\x00" * 9_000, "Deprecation": "\x1b]0;title\x07"},
]


@pytest.mark.parametrize("headers", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_headers_are_bounded_and_harmless(headers: dict[str, str]) -> None:
    encoded = [(name.encode(), text.encode("utf-8", "replace")) for name, text in headers.items()]
    began = time.process_time()
    hear_deprecation("GET", f"/wiki/api/v2/{'thing' * 999}", httpx.Headers(encoded))
    sentences = said()
    assert time.process_time() - began < 5
    assert len(sentences) <= 1
    for sentence in sentences:
        assert sentence.isprintable()
        assert len(sentence) < 2_000
        assert "evil.example" not in sentence
        assert "javascript" not in sentence
        assert "me@" not in sentence


def test_the_warning_is_at_the_line_that_called_and_comes_once(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(deprecates="/wiki/api/v2/spaces")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        first = wiki.spaces()
        again = wiki.spaces()
        wiki.pages(limit=1)
    # Other tests of this process may leave warnings of their own behind.
    (told,) = (warning for warning in heard if issubclass(warning.category, ConfluenceNBWarning))
    assert told.category is DeprecatedByAtlassian
    assert Path(told.filename) == Path(__file__)
    assert "GET /wiki/api/v2/spaces," in str(told.message)
    assert "CHANGE-2026" in str(told.message)
    pd.testing.assert_frame_equal(first, again)


def test_another_wiki_of_the_process_says_it_no_more(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(deprecates="/wiki/api/v2/spaces")
    with pytest.warns(DeprecatedByAtlassian, match="spaces"):
        wiki.spaces()
    other = open_wiki(sandbox)
    other.sign_in(sandbox.approve(other.consent_url)).use("globex")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "results" in other.get("/spaces")


def test_who_makes_errors_of_warnings_keeps_the_rows(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(deprecates="/wiki/api/v2/spaces")
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecatedByAtlassian)
        with pytest.raises(DeprecatedByAtlassian, match="spaces"):
            wiki.spaces()
    assert wiki.partial is not None
    assert len(wiki.resume()) == len(wiki.spaces()) > 0


def test_what_this_version_provides_for_is_in_the_log_alone(
    wiki: Wiki, caplog: pytest.LogCaptureFixture
) -> None:
    with warnings.catch_warnings(), caplog.at_level(logging.INFO, logger="confluence_nb"):
        warnings.simplefilter("error")
        talk = wiki.table("/inline-comments", limit=5)
    assert "CHANGE-1411" in caplog.text
    assert {"properties_inline_marker_ref", "properties_inline_original_selection"} <= set(talk.columns)


def test_both_spellings_of_what_is_provided_for_are_read_alike() -> None:
    old = {"inline-marker-ref": "m", "inline-original-selection": "words"}
    new = {"inlineMarkerRef": "m", "inlineOriginalSelection": "words"}

    def answer(asked: Asked) -> Says:
        rows = [
            {"id": str(number), "status": "current", "pageId": "7", "properties": fields}
            for number, fields in enumerate((old, new, old | new))
        ]
        return Says({"results": rows, "_links": {}})

    with strange_cloud(answer) as cloud:
        talk = cloud.open_wiki().table("/inline-comments")
    assert talk["properties_inline_marker_ref"].tolist() == ["m"] * 3
    assert talk["properties_inline_original_selection"].tolist() == ["words"] * 3
    assert [name for name in talk.columns if "inline" in name] == [
        "properties_inline_marker_ref",
        "properties_inline_original_selection",
    ]


def test_it_is_logged_too_and_not_printed_where_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    hear_deprecation("GET", "/wiki/api/v2/things", httpx.Headers(DEPRECATED))
    assert [(record.name, record.levelname) for record in caplog.records] == [("confluence_nb", "WARNING")]
    code = (
        "import httpx; from confluence_nb.api.deprecations import hear_deprecation as hear;"
        """hear("GET", "/x", httpx.Headers({"Warning": '299 - "Gone soon"'}))"""
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_handler_of_the_log_may_read_the_wiki_itself() -> None:
    class Asking(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            hear_deprecation("GET", "/wiki/api/v2/others", httpx.Headers(DEPRECATED))

    log, asking = logging.getLogger("confluence_nb"), Asking()
    log.addHandler(asking)
    try:
        hearing = threading.Thread(
            target=hear_deprecation,
            args=("GET", "/wiki/api/v2/things", httpx.Headers(DEPRECATED)),
            daemon=True,
        )
        hearing.start()
        hearing.join(30)
        assert not hearing.is_alive()
    finally:
        log.removeHandler(asking)
    assert len(said()) == 2


def test_the_category_is_ours_and_shown_to_everybody() -> None:
    assert issubclass(
        cnb.DeprecatedByAtlassian, FutureWarning
    )  # Python hides a DeprecationWarning of a library
