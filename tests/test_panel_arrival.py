"""The panel where browser and kernel share a machine: the answer comes by itself, and pasting works beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import ipywidgets as widgets
import pytest
from loopback_hands import Waiting, free_port
from panel_hands import (
    ACME,
    ADDRESS,
    GLOBEX,
    STATE,
    KnownStatus,
    SessionInMemory,
    eventually,
    everything_kept,
    paste,
    settle,
    text_of,
)

from confluence_nb.errors import WrongPaste
from confluence_nb.oauth import loopback
from confluence_nb.panel import nearness, words
from confluence_nb.panel.nearness import browser_is_near
from confluence_nb.panel.sign_in import SignInPanel


class Near(Waiting):
    """A panel whose browser is on its machine, and that browser."""

    def __init__(self, session: SessionInMemory, port: int) -> None:
        self.session = session
        self.port, self.authority = port, f"localhost:{port}"
        self.panel = SignInPanel(session)

    @property
    def is_open(self) -> bool:
        return self.panel._arrival.is_open

    def close(self) -> None:
        self.panel.close()
        eventually(lambda: not self.is_open)

    def accept(self) -> int:
        """What the consent page does on Accept."""
        return self.get(f"/callback?code=code-canary-7Wp&state={STATE}")[0]


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Near]]:
    widgets.Widget.close_all()
    monkeypatch.setattr("confluence_nb.panel.sign_in.browser_is_near", lambda: True)
    made: list[Near] = []

    def make(port: int | None = None) -> Near:
        port = port or free_port()
        session = SessionInMemory(ACME, redirect_uri=f"http://localhost:{port}/callback")
        made.append(Near(session, port))
        return made[-1]

    yield make
    for one in made:
        one.close()
    assert not loopback._open


def test_the_answer_signs_in_by_itself_and_the_box_says_so_before(near: Callable[..., Near]) -> None:
    one = near()
    assert words.HOW_IT_ARRIVES in one.panel.message.value
    assert one.panel.paste.placeholder == words.IN_THE_BOX_UNNEEDED
    assert one.accept() == 200
    eventually(lambda: "acme.atlassian.net" in text_of(one.panel))
    address = f"http://{one.authority}/callback?code=code-canary-7Wp&state={STATE}"
    assert one.session.calls == [("sign_in", address)]
    assert not one.is_open
    assert "code-canary" not in everything_kept(one.panel)


def test_pasting_works_beside_it_and_ends_the_listening(near: Callable[..., Near]) -> None:
    one = near()
    paste(one.panel, ADDRESS)
    assert "acme.atlassian.net" in text_of(one.panel)
    assert not one.is_open
    assert one.session.count("sign_in") == 1


def test_an_answer_that_did_not_sign_in_is_explained_and_another_is_waited_for(
    near: Callable[..., Near],
) -> None:
    one = near()
    one.session.failing["sign_in"] = WrongPaste("The code has been used.")
    assert one.accept() == 200
    eventually(lambda: "The code has been used." in one.panel.message.value)
    one.session.failing.clear()
    assert one.accept() == 200
    eventually(lambda: "acme.atlassian.net" in text_of(one.panel))


def test_after_its_time_the_panel_asks_for_the_address(
    near: Callable[..., Near], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loopback, "LISTENING_SECONDS", 0.1)
    one = near()
    eventually(lambda: one.panel.paste.placeholder == words.IN_THE_BOX)
    settle(one.panel)
    assert words.HOW_TO_PASTE in one.panel.message.value
    assert not one.is_open
    paste(one.panel, ADDRESS)
    assert "acme.atlassian.net" in text_of(one.panel)


def test_the_newest_panel_has_the_port_and_the_older_one_says_to_paste(near: Callable[..., Near]) -> None:
    older = near()
    newer = near(port=older.port)
    eventually(lambda: older.panel.paste.placeholder == words.IN_THE_BOX)
    settle(older.panel)
    assert newer.is_open
    assert not older.is_open
    older.panel.finish.click()
    settle(older.panel)
    assert newer.is_open, "they do not take it from each other"


def test_a_panel_with_another_app_or_no_sign_in_under_way_listens_no_more(near: Callable[..., Near]) -> None:
    one = near()
    one.panel.other_app.click()
    settle(one.panel)
    assert not one.is_open
    one.panel.register.back.click()
    settle(one.panel)
    assert one.is_open
    one.session.known = KnownStatus(signed_in=True, account="Ada", site=GLOBEX)
    one.panel.show_state()
    assert not one.is_open


def test_where_the_browser_is_elsewhere_nothing_listens() -> None:
    session = SessionInMemory(ACME, redirect_uri=f"http://localhost:{free_port()}/callback")
    panel = SignInPanel(session)
    assert not panel._arrival.is_open
    assert words.HOW_TO_PASTE in panel.message.value
    assert panel.paste.placeholder == words.IN_THE_BOX


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """A kernel that a Jupyter server on this machine started, for this machine alone; its environment."""
    monkeypatch.setattr(nearness, "running_cell", lambda: 1)
    monkeypatch.setattr(nearness, "CONTAINER_MARKS", (str(tmp_path / "mark"),))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "jpserver-42.json").write_text(json.dumps({"hostname": "localhost", "token": "t"}))
    return {"JPY_PARENT_PID": "42"}


def test_a_browser_is_near_a_kernel_of_a_local_server(at_home: dict[str, str]) -> None:
    assert browser_is_near(at_home)
    assert browser_is_near({}), "no server is known: a desktop program started the kernel"


@pytest.mark.parametrize("name", nearness.SIGNS_OF_ELSEWHERE)
def test_a_hub_a_hosted_notebook_and_a_remote_shell_are_elsewhere(at_home: dict[str, str], name: str) -> None:
    assert not browser_is_near(at_home | {name: "/user/ada/"})
    assert browser_is_near(at_home | {name: ""})


def test_a_container_is_elsewhere(at_home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "mark").touch()
    assert not browser_is_near(at_home)


@pytest.mark.parametrize("host", ["0.0.0.0", "", "10.1.2.3", "jupyter.example.com", "::"])
def test_a_server_that_others_reach_is_elsewhere(at_home: dict[str, str], tmp_path: Path, host: str) -> None:
    (tmp_path / "jpserver-42.json").write_text(json.dumps({"hostname": host}))
    assert not browser_is_near(at_home)


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"hostname": 7}', "\x00"])
def test_a_note_of_the_server_that_says_nothing_is_no_reason(
    at_home: dict[str, str], tmp_path: Path, note: str
) -> None:
    (tmp_path / "jpserver-42.json").write_text(note)
    assert browser_is_near(at_home)


def test_outside_a_notebook_there_is_no_panel_to_look_at(
    at_home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearness, "running_cell", lambda: None)
    assert not browser_is_near(at_home)
