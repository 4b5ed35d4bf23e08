"""A day in a notebook: what its cells do, again and again, and what the kernel holds afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ipywidgets as widgets
from ipywidgets.widgets.widget import _instances as widgets_open

import confluence_nb as cnb
from confluence_nb import Cloud, OAuthApp, Wiki, charts
from confluence_nb.api.portal import portal
from confluence_nb.sandbox.signin.visitor import visit_consent_page

PATIENCE = 60.0
"""Seconds for what happens beside a cell."""


class Day:
    """One notebook on a profile that is remembered in a file.

    Parameters
    ----------
    told:
        `url`, `client_id`, `client_secret`, `redirect_uri` of the sandbox, `store` and a `folder` for what is kept.
    """

    def __init__(self, told: dict[str, str]) -> None:
        self._told = told
        self.folder = Path(told["folder"])
        self.wiki = self._connected()
        if not self.wiki.signed_in:
            self.wiki.sign_in(self._consented()).use("acme")
        self._came: list[int] = []
        # Made once: what ipywidgets itself leaves behind of a button is not what is measured.
        self._button = widgets.Button(description="Read")
        self._button.on_click(lambda _: self._came.append(len(self.wiki.spaces())))
        self.acts: dict[str, Callable[[], None]] = {
            "lists": self.lists,
            "a page": self.a_page,
            "charts": self.draws,
            "connect() again": self.connects_again,
            "sign-out and sign-in": self.signs_out_and_in,
            "explorer": self.explores,
            "callback": self.calls_back,
            "threads": self.threads,
            "files": self.files,
            "mirror": self.mirrors,
            "fork": self.forks,
        }

    def pull(self) -> None:
        """What is interrupted: a list with bodies, slowly, whatever was left of the one before."""
        self.wiki.pages(body="storage")

    def resumes(self) -> None:
        """Whatever the interrupt left is whole in the end."""
        partial = self.wiki.partial
        frame = self.wiki.pages() if partial is None else self.wiki.resume()
        assert frame.attrs["complete"]
        assert frame["id"].is_unique

    # ------------------------------------------------------------------ the cells

    def lists(self) -> None:
        pages = self.wiki.pages(names=True)
        self.wiki.search("type = page order by created", limit=50)
        self.wiki.comments(pages.head(20))
        self.wiki.versions(pages.head(20))
        with contextlib.suppress(cnb.NotFound):
            self.wiki.get("/pages/999999999")

    def a_page(self) -> None:
        page = self.wiki.page(self.wiki.pages(limit=1)["id"].iloc[0])
        assert "<" in page._repr_html_()

    def draws(self) -> None:
        pages = self.wiki.pages(body="storage")
        for draw in (charts.activity, charts.contributors, charts.tree, charts.links, charts.size):
            draw(pages)

    def connects_again(self) -> None:
        """The first cell is run again: its panel takes the place of the one before."""
        self.wiki.panel.close()
        self.wiki = self._connected()
        assert len(self.wiki.spaces()) > 0

    def signs_out_and_in(self) -> None:
        panel = self.wiki.panel
        panel.sign_out_button.click()
        _until(lambda: not self.wiki.signed_in, "signed out")
        pasted = self._consented()
        _until(lambda: not panel.finish.disabled, "the panel is ready")
        panel.paste.value = pasted
        _until(lambda: self.wiki.signed_in, "signed in")
        _until(lambda: len(panel.site.options) > 1 and not panel.choose.disabled, "sites are offered")
        self.wiki.use("acme")

    def explores(self) -> None:
        explorer = self.wiki.explore("ENG")

        async def chosen() -> bool:
            # On the loop that shows the lines: between two of its steps the first one is there or is not.
            if explorer.rows.options:
                explorer.rows.index = 0
            return bool(explorer.rows.options)

        _until(lambda: portal.run(chosen()), "the tree is there")
        _until(lambda: explorer._looked_at is not None, "a page is looked at")
        explorer.search.value = "the"
        _until(lambda: explorer._found is not None and explorer._found.was_read, "something was found")
        explorer.close()

    def calls_back(self) -> None:
        """A button of the user's own, whose callback reads."""
        self._came.clear()
        self._button.click()
        _until(lambda: bool(self._came), "the callback has read")

    def threads(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            assert len({len(frame) for frame in pool.map(lambda _: self.wiki.spaces(), range(8))}) == 1

    def files(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.wiki.download(self.wiki.attachments(limit=6), folder)

    def mirrors(self) -> None:
        mirror = self.wiki.sync(self.folder / "mirror", collections=["spaces", "pages"])
        assert len(mirror.sql("select id from pages")) == len(mirror.pages())

    def forks(self) -> None:
        """A child reads by the wiki of its parent, and the parent by it afterwards."""
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if len(self.wiki.spaces()) > 0 else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert len(self.wiki.spaces()) > 0

    # ------------------------------------------------------------------ the means

    def _connected(self) -> Wiki:
        told = self._told
        return cnb.connect(
            app=OAuthApp(told["client_id"], told["client_secret"], told["redirect_uri"]),
            store=told["store"],
            cloud=Cloud(told["url"], told["url"]),
        )

    def _consented(self) -> str:
        return visit_consent_page(self.wiki.consent_url, account=None, sites=None, deny=False)


def census() -> dict[str, float]:
    """What this process holds: the more of it after the same work, the worse."""
    gc.collect()
    files = Counter(map(_kind_of, _open_files()))
    return {
        "threads": threading.active_count(),
        "tasks": portal.run(_tasks()),
        "sockets": files["socket"],
        "files": files["file"],
        "other descriptors": files["other"],
        "temporary files": sum(len(names) for _, _, names in os.walk(tempfile.gettempdir())),
        "widgets": len(widgets_open),
        "our objects": sum(map(_is_ours, gc.get_objects())),
        "all objects": len(gc.get_objects()),
        "native threads": len(os.listdir("/proc/self/task")),
        "MB": resident(),
    }


def held() -> float:
    """MB that are resident when the C library has given back what it had kept for later."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
    return resident()


def resident() -> float:
    """MB of this process that are in memory."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return round(int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def _is_ours(thing: object) -> bool:
    """Of this library, the sandbox apart: in a test it lives in the same process."""
    module = str(getattr(type(thing), "__module__", ""))
    return module.startswith("confluence_nb.") and not module.startswith("confluence_nb.sandbox.")


async def _tasks() -> int:
    return len(asyncio.all_tasks()) - 1


def _open_files() -> list[str]:
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            continue  # the listing's own
    return found


def _kind_of(target: str) -> str:
    if target.startswith("socket:"):
        return "socket"
    return "file" if target.startswith("/") and not target.startswith("/dev/") else "other"


def _until(true: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > ends:
            raise TimeoutError(f"Waited {PATIENCE:g} s in vain until {what}.")
        time.sleep(0.01)


def tell(*, gives_back: bool) -> None:
    """The census as a line for who runs the kernel.

    Parameters
    ----------
    gives_back:
        Whether to say what is held, too: what the C library keeps for later is given back for that.
    """
    print("census " + json.dumps(census() | ({"MB held": held()} if gives_back else {})))
