"""Attacks one sign-in that many notebooks share, and counts at the server whether it was ever lost or spent twice."""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import confluence_nb
from benchmarks.soak_notebook import Levers
from confluence_nb import Cloud, OAuthApp
from confluence_nb.sandbox import Sandbox

PROCESSES, THREADS = 8, 4
LIFE, LEEWAY = 2.0, 3.0
EARLY = 0.9
"""A token is renewed when so much of its life has passed."""

HOUR = 3_600.0
PATIENCE = 60.0
NOT_STORED = "could not be stored"
"""In the sentence of the one trouble that a cell may have: its token has ended while the disk is full."""

ROOT = Path(__file__).resolve().parent.parent


class Notebook:
    """A process that asks without end; what it says is collected as it comes."""

    def __init__(self, told: dict[str, Any], heard: Callable[[dict[str, Any]], None]) -> None:
        self.good = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.soak_notebook"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        # Not as an argument: those are there for everybody to read.
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.close()
        self._heard = heard
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                if line.endswith("\n"):  # the last one of a killed process may be half a line
                    said = json.loads(line)
                    self.good = said.get("good", self.good)
                    self._heard(said)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        self.process.kill()
        self.process.wait(30)
        self._listener.join(30)


@dataclass
class Toll:
    """What the attack did, and what the notebooks and the server saw of it."""

    seconds: float = 0.0
    episodes: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    lost_answers: int = 0
    jumps: int = 0
    barred: float = 0.0
    """Seconds in which nothing could be renewed."""
    answers: int = 0
    refreshes: int = 0
    consents: int = 0
    refused: int = 0
    troubles: Counter[str] = field(default_factory=Counter)
    sentences: dict[str, str] = field(default_factory=dict)
    still_signed_in: bool = False

    @property
    def allowed(self) -> int:
        """Renewals that one for each expiry comes to, with one more for each pair that was lost or called old."""
        going = self.seconds - self.barred
        return int(going / (EARLY * LIFE)) + 1 + self.kills + self.lost_answers + self.jumps

    def failures(self) -> list[str]:
        """What must not have happened, in sentences; empty after a good run."""
        told = [
            (self.consents != 1, f"{self.consents} consents were given, where one had to do"),
            (self.refused > 0, f"the token endpoint refused {self.refused} times"),
            (not self.still_signed_in, "a new notebook is not signed in at the end"),
            (self.refreshes > self.allowed, f"{self.refreshes} renewals, more than {self.allowed}"),
        ]
        strange = set(self.troubles) - {NOT_STORED}
        told += [(True, f"{name}: {self.sentences[name]}") for name in sorted(strange)]
        return [sentence for wrong, sentence in told if wrong]

    def __str__(self) -> str:
        done = ", ".join(f"{times} x {name}" for name, times in sorted(self.episodes.items()))
        troubles = ", ".join(f"{times} x {name}" for name, times in sorted(self.troubles.items()))
        lost = f"{self.kills} kills, {self.lost_answers} lost answers, {self.jumps} jumps of the clock"
        return (
            f"{self.seconds:.0f} s: {done}\n"
            f"{self.answers} answers; {self.refreshes} renewals of {self.allowed} allowed ({lost})\n"
            f"consents {self.consents}; refused by the token endpoint {self.refused}; "
            f"still signed in: {self.still_signed_in}\n"
            f"cells that failed: {troubles or 'none'}"
        )


class Attack:
    """The sandbox, the store and the notebooks; each episode is one thing that goes wrong."""

    def __init__(self, folder: Path, sandbox: Sandbox, processes: int = PROCESSES) -> None:
        self.sandbox, self.toll = sandbox, Toll()
        self._store = folder / "kept.json"
        self._levers = Levers(folder / "levers")
        self._count = processes
        self._told = {
            "url": sandbox.url,
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "redirect_uri": sandbox.redirect_uri,
            "store": str(self._store),
            "levers": str(folder / "levers"),
            "threads": THREADS,
        }
        self.notebooks: list[Notebook] = []
        self.episodes: dict[str, Callable[[], None]] = {
            "killed": self.killed,
            "killed before the write": self.killed_before_the_write,
            "answer lost": self.answer_lost,
            "disk full": self.disk_full,
            "clock forward": lambda: self.clock_moved(HOUR),
            "clock back": lambda: self.clock_moved(-HOUR),
            "asleep": self.asleep,
        }

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Signed in once, all notebooks asking; what is left at the end is counted."""
        wiki = self._wiki()
        wiki.sign_in(self.sandbox.approve(wiki.consent_url)).use("acme")
        began = time.monotonic()
        try:
            self.notebooks = [self._begun() for _ in range(self._count)]
            self._until(lambda: all(each.good for each in self.notebooks), "every notebook has an answer")
            yield
        finally:
            for notebook in self.notebooks:
                notebook.end()
            self.toll.answers += sum(each.good for each in self.notebooks)
            self.toll.seconds = time.monotonic() - began
        counts = self.sandbox.counts()
        self.toll.refreshes, self.toll.consents = counts["refreshes"], counts["codes_issued"]
        asked = counts["routes"].get("POST /oauth/token", {})
        self.toll.refused = sum(times for status, times in asked.items() if str(status).startswith("4"))
        self.toll.still_signed_in = len(self._wiki().get("/spaces")["results"]) > 0

    def episode(self, name: str) -> None:
        """One attack, and then a renewal that is stored: nothing may be left broken for the next."""
        self.episodes[name]()
        kept = self._store.read_bytes()
        self._until(lambda: self._store.read_bytes() != kept, f"a renewal after {name!r}")
        self.toll.episodes[name] += 1

    # ------------------------------------------------------------------ episodes

    def killed(self) -> None:
        self._replaced(random.choice(self.notebooks), kill=True)

    def killed_before_the_write(self) -> None:
        self._levers.kill_before_write = True
        self._until(lambda: any(self._dead()), "a notebook is killed between the answer and the write")
        for dead in self._dead():
            self._replaced(dead)

    def answer_lost(self) -> None:
        """The server has rotated, and the connection is cut in place of an answer: twice."""
        lost = self._drops()
        self.sandbox.set(faults_on="token", drop_every=1, fault_limit=2)
        self._until(lambda: self._drops() == lost + 2, "two answers are lost")
        self.sandbox.set(drop_every=0)
        self.toll.lost_answers += 2

    def disk_full(self) -> None:
        """For longer than the leeway: whoever spent a token in that time would have lost it for all."""
        self._levers.disk_full = True
        try:
            time.sleep(LEEWAY + LIFE)
            self.toll.barred += LEEWAY
        finally:
            self._levers.disk_full = False

    def clock_moved(self, seconds: float) -> None:
        self._levers.clock += seconds
        self.toll.jumps += 1

    def asleep(self) -> None:
        """The lid is closed for an hour: nothing runs, and both clocks go on."""
        for notebook in self.notebooks:
            notebook.signal(signal.SIGSTOP)
        self.sandbox.advance_clock(HOUR)
        self._levers.clock += HOUR
        for notebook in self.notebooks:
            notebook.signal(signal.SIGCONT)
        self.toll.jumps += 1

    # ------------------------------------------------------------------ the means

    def _wiki(self) -> confluence_nb.Wiki:
        told = self._told
        return confluence_nb.connect(
            app=OAuthApp(told["client_id"], told["client_secret"], told["redirect_uri"]),
            store=self._store,
            cloud=Cloud(self.sandbox.url, self.sandbox.url),
        )

    def _begun(self) -> Notebook:
        return Notebook(self._told, self._heard)

    def _replaced(self, gone: Notebook, *, kill: bool = False) -> None:
        if kill:
            gone.signal(signal.SIGKILL)
        gone.end()
        self.toll.kills += 1
        self.toll.answers += gone.good
        self.notebooks[self.notebooks.index(gone)] = self._begun()

    def _dead(self) -> list[Notebook]:
        return [each for each in self.notebooks if each.process.poll() is not None]

    def _drops(self) -> int:
        return int(self.sandbox.counts()["faults"].get("drop", 0))

    def _heard(self, said: dict[str, Any]) -> None:
        if "trouble" in said:
            name = NOT_STORED if NOT_STORED in said["said"] else said["trouble"]
            self.toll.troubles[name] += 1
            self.toll.sentences.setdefault(name, said["said"])

    def _until(self, happened: Callable[[], bool], what: str) -> None:
        ends = time.monotonic() + PATIENCE
        while not happened():
            if time.monotonic() > ends:
                raise TimeoutError(f"Waited {PATIENCE:g} s in vain until {what}. {self.toll.sentences}")
            time.sleep(0.02)


def soak(seconds: float, *, leeway: float = LEEWAY, processes: int = PROCESSES) -> Toll:
    """Every episode in random order, again and again until the time is over, and each at least once."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(pages=20, spaces=3, token_lifetime=LIFE, refresh_leeway=leeway) as sandbox,
    ):
        attack = Attack(Path(folder), sandbox, processes)
        with attack.under_way():
            ends = time.monotonic() + seconds
            while True:
                for name in random.sample(list(attack.episodes), len(attack.episodes)):
                    attack.episode(name)
                if time.monotonic() >= ends:
                    break
        return attack.toll


def main() -> int:
    """Attack for as long as asked, say what came of it, and answer 1 where a sign-in was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak_sign_in", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1_200.0)
    toll = soak(parser.parse_args().seconds)
    print(toll)
    for failure in toll.failures():
        print("FAILED:", failure)
    return 1 if toll.failures() else 0


if __name__ == "__main__":
    sys.exit(main())
