"""A whole session with failures inside a notebook's kernel, and everything that could be left lying about after it."""

from __future__ import annotations

import faulthandler
import io
import json
import logging
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from IPython import get_ipython

import confluence_nb
from confluence_nb import Cloud, Wiki
from confluence_nb.sandbox import Sandbox

CELLS = [
    "%xmode Verbose\nfrom leaky_session import begun, told\nwiki, sandbox = begun()",
    "wiki.panel",
    "told.register()",
    "told.paste()\nwiki.use('acme')",
    "wiki.status()",
    "wiki.sign_in(told())  # used already",
    "wiki.sign_in(told().replace('state=', 'state=x'))",
    "wiki.get('/pages/999999')",
    "sandbox.expire_tokens(); sandbox.set(faults_on='token', drop_every=1)\nwiki.pages()",
    "sandbox.set(drop_every=0)\nwiki.pages().head()",
    "told.stored()\nwiki.sync(told.folder / 'mirror', spaces=['ENG'])",
    "told.left_behind()",
    "told.shown_by_rich(lambda: wiki.sign_in(told()))",
    "sandbox.revoke()\nwiki.spaces()",
    "wiki.status()",
]
"""Cells as a person has them: no secret stands in one, and what fails fails in sight."""


class Told:
    """Every secret of the session, written where nobody looks for leaks; calling it gives the pasted address."""

    def __init__(self) -> None:
        self.folder = Path(os.environ["LEAKS_FOLDER"])
        self._kept = Path(os.environ["SECRETS_FOLDER"])
        self._secrets = {"client secret": (self._kept / "client secret").read_text()}

    def __repr__(self) -> str:
        return "what only the test knows"

    def __call__(self) -> str:
        return (self._kept / "address").read_text()

    def begin(self) -> tuple[Wiki, Sandbox]:
        self._shell = get_ipython()
        logging.basicConfig(filename=self.folder / "debug.log", level=logging.DEBUG)
        logging.getLogger("IPKernelApp").setLevel(logging.DEBUG)
        sandbox = Sandbox(
            pages=20,
            spaces=3,
            client_secret=self._secrets["client secret"],
            redirect_uri="http://localhost:8765/callback",
        ).start()
        self._sandbox = sandbox
        self._wiki = confluence_nb.connect(
            store=self._kept / "sign-in.json", cloud=Cloud(sandbox.url, sandbox.url)
        )
        return self._wiki, sandbox

    def register(self) -> None:
        """Type id and secret into the panel's form."""
        form = self._wiki.panel.register
        form.client_id.value = self._sandbox.client_id
        _typed(form.client_secret, self._secrets["client secret"])
        _until(lambda: self._wiki._session.app is not None)

    def paste(self) -> None:
        """Accept on the consent page, and paste the address that follows."""
        link = self._wiki.consent_url
        logging.disable(logging.CRITICAL)  # what the browser logs is not ours
        address = self._sandbox.approve(link)
        logging.disable(logging.NOTSET)
        (self._kept / "address").write_text(address)
        said = parse_qs(urlsplit(address).query)
        self._secrets |= {"state": said["state"][0], "code": said["code"][0]}
        _typed(self._wiki.panel.paste, address)
        _until(lambda: self._wiki.signed_in)
        self.stored()

    def stored(self) -> None:
        """Note the pair that is in use now."""
        assert self._wiki._session._keeper is not None
        grant = self._wiki._session._keeper.grant
        assert grant.refresh_token is not None
        number = len(self._secrets)
        self._secrets |= {
            f"access token {number}": grant.access_token.reveal(),
            f"refresh token {number}": grant.refresh_token.reveal(),
        }
        (self._kept / "secrets.json").write_text(json.dumps(self._secrets))

    def left_behind(self) -> None:
        """What Python and the system say of objects and processes, as files in the folder that is searched."""
        session = self._wiki._session
        things = [self._wiki, self._wiki.panel, self._wiki.status(), self._wiki.site, self._wiki.spaces()]
        things += [
            session,
            session.app,
            session._keeper,
            session._keep,
            session._keep.vault,
            session.bearer(),
        ]
        with (self.folder / "objects").open("wb") as file:
            for thing in things:
                text = f"{thing!r} {thing!s} {getattr(thing, '__dict__', '')}"
                file.write(text.encode() + _pickled(thing))
        with (self.folder / "processes").open("w") as file:
            file.write(repr(dict(os.environ)))
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    file.write(process.read_text())
                except OSError:
                    continue  # it ended, or is somebody else's
        with (self.folder / "history").open("w") as file:
            file.write(repr(list(self._shell.history_manager.get_range(raw=True, output=True))))
        with (self.folder / "crash").open("w") as file:
            faulthandler.dump_traceback(file, all_threads=True)

    def shown_by_rich(self, failing: Callable[[], object]) -> None:
        """The traceback with every local variable, as rich prints it."""
        from rich.console import Console
        from rich.traceback import Traceback

        try:
            failing()
        except Exception as error:
            page = io.StringIO()
            trace = (
                error.__traceback__.tb_next.tb_next
                if error.__traceback__ and error.__traceback__.tb_next
                else None
            )
            shown = Traceback.from_exception(
                type(error), error, trace, show_locals=True, locals_max_string=None, locals_max_length=None
            )
            Console(file=page, width=500, force_jupyter=False).print(shown)
            (self.folder / "rich").write_text(page.getvalue())


def _typed(box: Any, text: str) -> None:
    """As it comes from the browser: by a message, which the kernel may log."""
    state = {"method": "update", "state": {"value": text}, "buffer_paths": []}
    said = {"comm_id": box.comm.comm_id, "data": state}
    logging.getLogger("IPKernelApp").debug("   Content: %s\n   --->\n   ", said)  # with ipykernel's --debug
    box.comm.handle_msg({"header": {}, "content": said, "buffers": []})


def _pickled(thing: Any) -> bytes:
    try:
        return pickle.dumps(thing)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        return str(error).encode()


def _until(happened: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not happened():
        if time.monotonic() > ends:
            raise TimeoutError("The panel did not get there within a minute.")
        time.sleep(0.02)


if "LEAKS_FOLDER" in os.environ:
    told = Told()
    begun = told.begin
