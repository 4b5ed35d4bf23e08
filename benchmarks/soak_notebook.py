"""One of the notebooks that soak_sign_in attacks: a process whose threads ask without end, on a wall of levers."""

from __future__ import annotations

import json
import mmap
import os
import random
import resource
import signal
import struct
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import NoReturn

from confluence_nb import Cloud, OAuthApp, Wiki, connect
from confluence_nb.oauth.vault import FileVault
from confluence_nb.secret import Secret

WIKIS = 2
"""Of one process and profile, as in a notebook that ran `connect` twice; its threads share them."""


class Levers:
    """What the attacker moves while notebooks run: a small file that every process has in its memory."""

    SIZE = 24

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(self.SIZE))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), self.SIZE)

    def _get(self, place: int) -> float:
        return float(struct.unpack_from("d", self._map, 8 * place)[0])

    def _set(self, place: int, value: float) -> None:
        struct.pack_into("d", self._map, 8 * place, value)

    @property
    def clock(self) -> float:
        """Seconds by which the machine's clock is wrong."""
        return self._get(0)

    @clock.setter
    def clock(self, seconds: float) -> None:
        self._set(0, seconds)

    @property
    def disk_full(self) -> bool:
        return bool(self._get(1))

    @disk_full.setter
    def disk_full(self, full: bool) -> None:
        self._set(1, float(full))

    @property
    def kill_before_write(self) -> bool:
        """Whether the next notebook that was given a new pair dies before it has stored it."""
        return bool(self._get(2))

    @kill_before_write.setter
    def kill_before_write(self, armed: bool) -> None:
        self._set(2, float(armed))


def main() -> NoReturn:
    """Read what to do from standard input, then ask until killed; one line of JSON for each second and trouble."""
    told = json.loads(sys.stdin.readline())
    levers = Levers(Path(told["levers"]))
    _suffer(levers)
    warnings.simplefilter("ignore")
    app = OAuthApp(told["client_id"], told["client_secret"], told["redirect_uri"])
    cloud = Cloud(told["url"], told["url"])
    wikis = [connect(app=app, store=told["store"], cloud=cloud) for _ in range(WIKIS)]
    good = [0] * told["threads"]
    for number in range(told["threads"]):
        threading.Thread(target=_ask, args=(wikis[number % WIKIS], good, number), daemon=True).start()
    while True:
        time.sleep(1)
        _say(good=sum(good))


def _ask(wiki: Wiki, good: list[int], number: int) -> None:
    while True:
        try:
            wiki.get("/spaces")
            good[number] += 1
        except Exception as error:
            _say(trouble=type(error).__name__, said=str(error))
        time.sleep(random.uniform(0.2, 0.8))


def _say(**what: object) -> None:
    # One write for each line: threads of one process share the pipe.
    os.write(1, (json.dumps(what) + "\n").encode())


def _suffer(levers: Levers) -> None:
    """Put this process under the levers; the library does not know of them."""
    true_time, write = time.time, FileVault.write
    time.time = lambda: true_time() + levers.clock
    largest = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    proved = False

    def written(vault: FileVault, name: str, text: Secret) -> None:
        nonlocal proved
        proof = vault.read(name) == text
        if not proof and levers.kill_before_write:
            # Writers of the profile hold its lock: no second one can come this far.
            levers.kill_before_write = False
            os.kill(os.getpid(), signal.SIGKILL)
        if not proved:
            # A disk that fills within the milliseconds between a proof and its renewal is another matter.
            resource.setrlimit(resource.RLIMIT_FSIZE, (0 if levers.disk_full else largest, largest))
        proved = False
        write(vault, name, text)
        proved = proof

    FileVault.write = written  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
