"""Runs a sandbox on a loopback socket in a thread of its own, so that a notebook or a test can talk to it."""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

import uvicorn

from confluence_nb.sandbox.application import Application
from confluence_nb.sandbox.connections import DroppableConnection
from confluence_nb.sandbox.control import Control
from confluence_nb.sandbox.options import Options
from confluence_nb.sandbox.signin.visitor import visit_consent_page
from confluence_nb.sandbox.state import State

T = TypeVar("T")

_START_SECONDS = 30.0


class Sandbox:
    """An embedded Confluence Cloud with its own sign-in, on 127.0.0.1.

    Parameters
    ----------
    options:
        All knobs at once; or give them by keyword, `Sandbox(pages=600, latency=0.05)`.

    Attributes
    ----------
    url:
        Origin of the sign-in and of the API gateway alike; known before the sandbox starts.
    client_id, client_secret, redirect_uri:
        The one registered app.
    """

    def __init__(self, options: Options | None = None, **knobs: Any) -> None:
        if not isinstance(options, Options | None):
            raise TypeError(
                f"options is a {type(options).__name__}. Give Options(...), or the knobs by keyword."
            )
        if options is not None and knobs:
            raise TypeError("Give the knobs either as Options or by keyword, not both.")
        options = Options(**knobs) if options is None else options
        self._socket = _loopback_socket(options.port)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.client_id = options.client_id
        self.client_secret = options.client_secret or secrets.token_urlsafe(48)
        self.redirect_uri = options.redirect_uri or f"{self.url}/callback"
        registered = replace(options, client_secret=self.client_secret, redirect_uri=self.redirect_uri)
        state = State(registered, self.url)
        self._control = Control(state)
        self._application = Application(state, self._control)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<Sandbox {self.url} {'running' if self._server else 'not running'}>"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> Self:
        """Serve until `close`; a second call changes nothing.

        Raises
        ------
        RuntimeError
            When the sandbox was closed before, or its thread did not come up.
        """
        if self._server is not None:
            return self
        if self._socket.fileno() == -1:
            raise RuntimeError("This sandbox was closed. Make a new one.")
        server = _Server(
            uvicorn.Config(
                self._application,
                http=DroppableConnection,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                access_log=False,
                # A test that drops connections on purpose is no news; a defect is: it answers 500.
                log_level="critical",
                server_header=False,
                timeout_keep_alive=60,
            )
        )
        thread = threading.Thread(
            target=server.serve_until_closed, args=(self._socket,), name="confluence-sandbox", daemon=True
        )
        thread.start()
        if not server.ready.wait(_START_SECONDS) or server.loop is None:
            raise RuntimeError(f"The sandbox did not start on {self.url}. Try another port.")
        self._server, self._thread = server, thread
        return self

    def close(self) -> None:
        """Stop serving, at once, whatever is still under way; harmless when not running."""
        if self._server is not None and self._thread is not None:
            self._server.force_exit = True
            self._server.should_exit = True
            self._thread.join(_START_SECONDS)
        self._socket.close()
        self._server = self._thread = None

    def wait(self) -> None:
        """Serve until the thread ends or Ctrl-C."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(1.0)

    def approve(
        self,
        consent_url: str,
        *,
        account: str | None = None,
        sites: Sequence[str] | None = None,
        deny: bool = False,
    ) -> str:
        """Open the consent page over HTTP and answer it as a person would.

        Parameters
        ----------
        consent_url:
            The link that somebody would click.
        account:
            Name, email or account id of one of the accounts offered; None takes the one already chosen.
        sites:
            Names, hosts or ids of the sites to tick; None leaves them as the page has them: all.
        deny:
            Click Deny instead of Accept.

        Returns
        -------
        str
            The callback address to paste, with its code and state, or with `error=access_denied`.

        Raises
        ------
        ValueError
            When the page is an error page, or offers no such account or site; the message has its words.
        """
        return visit_consent_page(consent_url, account=account, sites=sites, deny=deny)

    def counts(self) -> dict[str, Any]:
        """What was asked and answered since the start or `reset_counts`; see `Control.counts`."""
        return self._on_loop(self._control.counts)

    def reset_counts(self) -> None:
        """Begin counting anew."""
        self._on_loop(self._control.reset_counts)

    def contents(self) -> dict[str, dict[str, int]]:
        """The true number of pages, spaces, … of each Confluence site, by host; slow on very large ones."""
        # Counting reads only, and on the loop it would hold up every request.
        return self._control.contents()

    def log(self, last: int = 100) -> list[dict[str, Any]]:
        """The `last` requests, oldest first: method, path, query, whether signed, status, milliseconds."""
        return self._on_loop(lambda: self._control.log(last))

    def set(self, **knobs: Any) -> dict[str, Any]:
        """Change live `knobs`, such as `latency=0.05` or `throttle_every=5`; returns all live knobs."""
        return self._on_loop(lambda: self._control.set(knobs))

    def advance_clock(self, seconds: float) -> float:
        """Move the sandbox's time forward by `seconds`; returns the new time, seconds since 1970."""
        return self._on_loop(lambda: self._control.advance_clock(seconds))

    def expire_tokens(self) -> int:
        """Let every access token expire now, refresh tokens stay; returns how many were alive."""
        return self._on_loop(self._control.expire_tokens)

    def revoke(self, account: str | None = None) -> int:
        """Withdraw the consent of one `account` (id), or of all; returns how many grants ended."""
        return self._on_loop(lambda: self._control.revoke(account))

    def add_page(
        self, space_id: str, title: str, body: str, *, parent_id: str | None = None, site: str | None = None
    ) -> str:
        """Add a page and return its id.

        Parameters
        ----------
        space_id, title, body, parent_id:
            Where it is, what it is called, its storage format, and what it hangs under; None is the top of the space.
        site:
            Host, name or id; None is the first.
        """
        return self._on_loop(lambda: self._control.add_page(site, space_id, title, body, parent_id))

    def edit_page(
        self,
        page_id: str,
        *,
        title: str | None = None,
        body: str | None = None,
        parent_id: str | None = None,
        space_id: str | None = None,
        site: str | None = None,
    ) -> int:
        """Change a page and return its new version number.

        Parameters
        ----------
        title, body, parent_id, space_id:
            What it is to have; None leaves a thing as it is.
        page_id, site:
            Which page, and where as of `add_page`.
        """
        changes = {"title": title, "body": body, "parent_id": parent_id, "space_id": space_id}
        return self._on_loop(lambda: self._control.edit_page(site, page_id, changes))

    def delete_page(self, page_id: str, *, site: str | None = None) -> None:
        """Move the page `page_id` to the trash; `site` is as of `add_page`."""
        self._on_loop(lambda: self._control.delete_page(site, page_id))

    def edit_attachment(
        self,
        attachment_id: str,
        *,
        title: str | None = None,
        size: int | None = None,
        site: str | None = None,
    ) -> None:
        """Give a file (`attachment_id`) any `title`, or a `size` in bytes; None leaves it. `site`: as of `add_page`."""
        changes = {"title": title, "size": size}
        self._on_loop(lambda: self._control.edit_attachment(site, attachment_id, changes))

    def file_bytes(self, attachment_id: str, version: int | None = None, *, site: str | None = None) -> bytes:
        """The true bytes of a file (`attachment_id`), of its latest `version` unless another is named, on a `site`."""
        return self._control.file_bytes(site, attachment_id, version)

    def _on_loop(self, work: Callable[[], T]) -> T:
        """Do it between two requests, so that nothing of the sandbox needs a lock."""
        if self._server is None or self._server.loop is None:
            return work()

        async def step() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(step(), self._server.loop).result(_START_SECONDS)


class _Server(uvicorn.Server):
    """uvicorn that says when it listens and on which loop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def serve_until_closed(self, listener: socket.socket) -> None:
        """Serve on a loop of its own; `asyncio.run` may have been replaced in a kernel by nest_asyncio."""
        loop = asyncio.new_event_loop()
        # The loop would end its own in a new thread, which Python 3.12 refuses to a script that is at its end.
        workers = ThreadPoolExecutor(thread_name_prefix="confluence-sandbox")
        loop.set_default_executor(workers)
        try:
            loop.run_until_complete(self._serve_and_tidy(listener))
        finally:
            workers.shutdown()
            loop.close()

    async def _serve_and_tidy(self, listener: socket.socket) -> None:
        await self.serve([listener])
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.ready.set()


def _loopback_socket(port: int) -> socket.socket:
    # asyncio switches Nagle's delay off (40 ms an answer here) only where the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise OSError(
            f"Port {port} on 127.0.0.1 cannot be had ({error.strerror}). Choose another, or 0."
        ) from error
    return listener
