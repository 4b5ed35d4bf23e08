"""A pull of many lists: in order whatever comes first, a few at a time, whole after a break."""

from __future__ import annotations

import re
import signal
import threading
from collections import Counter

import pandas as pd
import pytest
from strange_cloud import Asked, Says, StrangeCloud, strange_cloud

from confluence_nb import ConfluenceNBError, NotPermitted, Unreachable
from confluence_nb.pull.pull import AT_ONCE

PAGES = [str(number) for number in range(100, 160)]
ORDER = pd.DataFrame({"id": PAGES, "type": "page"})
"""A frame that says what its ids are: nothing has to be asked about them."""


def likes(page: str, *, more: bool = False) -> Says:
    links = {"next": f"/wiki/api/v2/pages/{page}/likes/users?cursor=two"} if more else {}
    return Says({"results": [{"accountId": f"{page}-{'one' if more else 'two'}"}], "_links": links})


def page_of(asked: Asked) -> str:
    found = re.search(r"/pages/(\d+)/", asked.path)
    assert found is not None, asked.path
    return found[1]


def answered(cloud: StrangeCloud) -> Counter[tuple[str, str | None]]:
    return Counter((page_of(asked), asked["cursor"]) for asked in cloud.wiki_calls)


def test_rows_come_in_the_order_asked_for_whatever_answers_first() -> None:
    second = threading.Event()

    def script(asked: Asked) -> Says:
        page = page_of(asked)
        if page == PAGES[0]:
            assert second.wait(10), "the other lists are read meanwhile"
        elif page == PAGES[AT_ONCE - 1]:
            second.set()
        return likes(page, more=asked["cursor"] is None)

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().likes(ORDER)
    assert frame["page_id"].tolist() == [page for page in PAGES for _ in range(2)]
    assert frame["account_id"].tolist() == [f"{page}-{part}" for page in PAGES for part in ("one", "two")]
    assert frame.attrs["requests"] == 2 * len(PAGES)


def test_a_few_requests_at_a_time() -> None:
    under_way, most, guard = 0, 0, threading.Lock()
    crowd = threading.Barrier(2, timeout=10)

    def script(asked: Asked) -> Says:
        nonlocal under_way, most
        with guard:
            under_way += 1
            most = max(most, under_way)
        crowd.wait()  # nobody goes on alone
        with guard:
            under_way -= 1
        return likes(page_of(asked))

    with strange_cloud(script) as cloud:
        cloud.open_wiki().likes(ORDER)
    assert 2 <= most <= AT_ONCE


@pytest.mark.usefixtures("hurried")
def test_after_an_outage_only_what_was_under_way_is_asked_for_again() -> None:
    ill = {PAGES[20]}

    def script(asked: Asked) -> Says:
        page = page_of(asked)
        return Says({}, status=503) if page in ill else likes(page, more=asked["cursor"] is None)

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable) as caught:
            wiki.likes(ORDER)
        before = caught.value.frame
        assert before is not None
        read = before["page_id"].drop_duplicates().tolist()
        assert read == sorted(read)
        assert set(PAGES[:10]) <= set(read), "what others had said was kept"
        assert PAGES[20] not in read
        assert not before.attrs["complete"]
        assert wiki.partial is not None
        pd.testing.assert_frame_equal(wiki.partial, before)
        ill.clear()
        frame = wiki.resume()
        asked = answered(cloud)
    assert frame["account_id"].tolist() == [f"{page}-{part}" for page in PAGES for part in ("one", "two")]
    assert frame.attrs["complete"]
    again = [count for (page, _), count in asked.items() if page != PAGES[20] and count > 1]
    assert set(again) <= {2}
    assert len(again) < AT_ONCE


def test_after_an_interrupt_only_what_was_under_way_is_asked_for_again() -> None:
    reached, go_on = threading.Event(), threading.Event()

    def script(asked: Asked) -> Says:
        if page_of(asked) == PAGES[3] and not go_on.is_set():
            reached.set()
            go_on.wait(10)
        return likes(page_of(asked))

    def interrupt() -> None:
        reached.wait(10)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        usual = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            threading.Thread(target=interrupt, daemon=True).start()
            with pytest.raises(KeyboardInterrupt):
                wiki.likes(ORDER)
        finally:
            signal.signal(signal.SIGINT, usual)
        go_on.set()
        frame = wiki.resume()
        asked = answered(cloud)
    assert frame["page_id"].tolist() == PAGES
    assert sum(asked.values()) <= len(PAGES) + AT_ONCE


def test_an_account_without_confluence_is_an_error_and_no_skipped_page() -> None:
    with strange_cloud(
        lambda asked: Says({"message": "Current user not permitted to use Confluence"}, 403)
    ) as cloud:
        with pytest.raises(NotPermitted, match="cannot use Confluence"):
            cloud.open_wiki().likes(ORDER)
        assert len(cloud.wiki_calls) <= 2 * AT_ONCE + 1


def test_a_page_that_vanishes_in_the_middle_of_its_list_is_no_skipped_page() -> None:
    def script(asked: Asked) -> Says:
        if asked["cursor"]:
            return Says({"errors": [{"status": 404, "title": "Cannot find a page"}]}, 404)
        return likes(page_of(asked), more=True)

    with strange_cloud(script) as cloud, pytest.raises(ConfluenceNBError) as caught:
        cloud.open_wiki().likes(ORDER)
    assert caught.value.frame is not None
    assert f"{PAGES[0]}-one" in caught.value.frame["account_id"].tolist()


def test_rows_wanted_are_read_and_no_more() -> None:
    with strange_cloud(lambda asked: likes(page_of(asked), more=asked["cursor"] is None)) as cloud:
        frame = cloud.open_wiki().likes(ORDER, limit=5)
        assert len(cloud.wiki_calls) == 5
    assert len(frame) == 5
    assert frame.attrs["complete"]


def test_a_row_of_no_known_form_ends_no_pull() -> None:
    def script(asked: Asked) -> Says:
        return Says({"results": [None, "text", 7, {"accountId": None}], "_links": {}})

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().likes(ORDER.head(2))
    assert len(frame) == 8
