"""One JupyterLab and one Chromium for the whole run, a fresh page per test, a screenshot where one fails."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from lab_server import LabServer, lab_server
from notebook_page import NotebookPage
from playwright.sync_api import Browser, sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chromium's own sandbox cannot start for root or in most containers; the rest keeps it quiet and local.
CHROMIUM_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
SCREENSHOTS = Path(__file__).resolve().parents[2] / "demo-output" / "failed"


def lab_python() -> str:
    """The interpreter whose JupyterLab and kernel are tested; the tests themselves always run in this one."""
    return str(Path(os.environ.get("LAB_PYTHON") or sys.executable).absolute())


def pytest_report_header() -> str:
    return f"JupyterLab of {lab_python()}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Playwright keeps a loop running in the main thread, where asyncio.run() of any other test would fail.
    here = Path(__file__).parent
    if all(here in item.path.parents for item in items):
        return
    alone = pytest.mark.skip(reason="browser tests need a process of their own: pytest tests/browser -n 0")
    for item in items:
        if here in item.path.parents:
            item.add_marker(alone)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; without one the browser tests are skipped, and say so."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        pytest.skip(
            f"no Chromium here: none of {', '.join(CHROMIUM_NAMES)} is on the PATH. "
            "Install one (Debian: apt-get install chromium) or name it in CHROMIUM"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., LabServer]]:
    """`lab_at("/user/ada/")`: the JupyterLab under that base URL, started when first asked for."""
    running: dict[tuple[str, str], LabServer] = {}
    with ExitStack() as stack:

        def get(base_url: str, front_end: str = "jupyterlab") -> LabServer:
            key = (base_url, front_end)
            if key not in running:
                # What a hub tells the server it starts; a kernel inherits it.
                environment = {} if base_url == "/" else {"JUPYTERHUB_SERVICE_PREFIX": base_url}
                home = tmp_path_factory.mktemp("lab")
                server = lab_server(
                    lab_python(), home, base_url=base_url, front_end=front_end, environment=environment
                )
                running[key] = stack.enter_context(server)
            return running[key]

        yield get


@pytest.fixture
def open_notebook(
    chromium: Browser, lab_at: Callable[..., LabServer], request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookPage]]:
    """`open_notebook("1 + 1", ...)`: a page with a notebook of these cells, none of them run yet."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 1000}, permissions=["clipboard-read", "clipboard-write"]
    )
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    servers: list[LabServer] = []

    def open_(
        *sources: str, base_url: str = "/", front_end: str = "jupyterlab", save_widget_state: bool = False
    ) -> NotebookPage:
        server = lab_at(base_url, front_end)
        server.prefer("@jupyter-widgets/jupyterlab-manager:plugin", saveState=save_widget_state)
        servers.append(server)
        return NotebookPage(context.new_page(), server, f"{name}.ipynb", list(sources))

    yield open_
    if request.node.stash.get(FAILED, False):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(context.pages, 1):
            page.screenshot(path=SCREENSHOTS / f"{name}-{number}.png")
    context.close()
    for server in servers:
        server.stop_kernels()
