"""20,000 pages over a wire that breaks at one answer in twenty: counts the rows, and what it took to have them all."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

import confluence_nb
from confluence_nb import Cloud, OAuthApp, Wiki
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

# The proxy is written down with the tests that it serves every day.
from wire_proxy import CALM, KINDS, Weather, WireProxy  # noqa: E402

T = TypeVar("T")

PAGES, RATE = 20_000, 0.05
WIKI, TOKENS = (b"GET /ex/",), (b"POST /oauth/token",)
MOST_BREAKS = 30
BODY_SECONDS = 0.002
"""What the server takes for a body: a window of them takes half a second, which is what the plans differ by."""

RENEWALS = 40

PLANS: dict[str, Callable[[Wiki], pd.DataFrame]] = {
    "without bodies": lambda wiki: wiki.pages(),
    "frugal": lambda wiki: wiki.pages(body="storage", plan="frugal"),
    "ids first": lambda wiki: wiki.pages(body="storage", plan="fast"),
    "spaces side by side": lambda wiki: wiki.pages(space=wiki.spaces(), body="storage", plan="frugal"),
}


@dataclass
class Told:
    """What became of one pull, or of a mirror's sync."""

    kind: str
    what: str
    plan: str
    rows: int
    wanted: int
    is_same: bool
    faults: int
    requests: int
    breaks: int
    seconds: float

    @property
    def is_wrong(self) -> bool:
        return not self.is_same or self.rows != self.wanted

    def __str__(self) -> str:
        wrong = "WRONG " if self.is_wrong else ""
        return (
            f"{wrong}{self.kind} | {self.what} | {self.plan} | {self.faults} faults | {self.requests} requests | "
            f"broke off {self.breaks} times | {self.rows:,} of {self.wanted:,} rows | {self.seconds:.1f} s"
        )


class Attack:
    """A sandbox behind a wire, and the frames as they come without it."""

    def __init__(self, sandbox: Sandbox, wire: WireProxy, folder: Path, rate: float) -> None:
        self._sandbox, self._wire, self._folder, self._rate = sandbox, wire, folder, rate
        self._direct = self._opened(sandbox.url, folder / "direct.json")
        self._wiki = self._opened(wire.url, folder / "through.json")
        self._wholes = {
            "without bodies": self._direct.pages(),
            "frugal": self._direct.pages(body="storage", plan="frugal"),
        }
        self._true = sandbox.contents()["acme.atlassian.net"]["pages"]

    def pull(self, kind: str, name: str) -> Told:
        """One plan under one kind of fault, gone on with until it is whole."""
        whole = self._wholes.get(name, self._wholes["frugal"])

        def call() -> pd.DataFrame:
            return self._wiki.resume() if self._wiki.partial is not None else PLANS[name](self._wiki)

        frame, effort = self._at_last(kind, call)
        plan = str(frame.attrs.get("plan", {}).get("name", ""))
        same = _same(frame, whole) and frame.attrs["complete"]
        return Told(kind, name, plan, len(frame), self._true, same, **effort)

    def sync(self, kind: str) -> Told:
        """A mirror, synced until a sync comes to its end."""
        folder, fields = self._folder / kind.replace(" ", "-"), ["id", "title", "body"]
        mirror, effort = self._at_last(kind, lambda: self._wiki.sync(folder, collections=["spaces", "pages"]))
        pages = mirror.pages()
        same = _same(pages[fields], self._wholes["frugal"][fields])
        return Told(kind, "sync", "", len(pages), self._true, same, **effort)

    def _at_last(self, kind: str, call: Callable[[], T]) -> tuple[T, dict[str, Any]]:
        """What comes of it at last, and what it took."""
        kinds = KINDS if kind == "all" else (kind,)
        self._wire.set(Weather(kinds, self._rate, on=WIKI, trickle=(2_048, 0.05), delay=5.0))
        began = time.monotonic()
        try:
            for breaks in range(MOST_BREAKS):
                with suppress(ConfluenceNBError):
                    return call(), {
                        "breaks": breaks,
                        "seconds": time.monotonic() - began,
                        "faults": self._wire.met.total(),
                        "requests": self._wire.exchanges,
                    }
            raise TimeoutError(f"Under {kind!r} it broke off {MOST_BREAKS} times.")
        finally:
            self._wire.set(CALM)

    def _opened(self, url: str, store: Path) -> Wiki:
        return opened(self._sandbox, url, store)


def opened(sandbox: Sandbox, url: str, store: Path) -> Wiki:
    """A wiki on that address, signed in."""
    app = OAuthApp(sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri)
    wiki = confluence_nb.connect(app=app, store=store, cloud=Cloud(url, url))
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    return wiki.use("acme")


def _same(frame: pd.DataFrame, whole: pd.DataFrame) -> bool:
    """Whether two frames have the same rows and fields, in whatever order."""
    one, other = (each.sort_values("id", ignore_index=True) for each in (frame, whole))
    one.attrs = other.attrs = {}
    try:
        pd.testing.assert_frame_equal(one, other)
    except AssertionError:
        return False
    return True


def soak(pages: int, rate: float, kinds: Sequence[str]) -> Iterator[Told]:
    """Every plan and a sync under every kind of fault, and under all of them."""
    knobs = {"sites": 1, "body_bytes": 1_000, "hourly_points": 10**9, "token_lifetime": 1e6}
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(pages=pages, spaces=10, body_cost=BODY_SECONDS, **knobs) as sandbox,
        WireProxy(sandbox.url, seed=8) as wire,
    ):
        attack = Attack(sandbox, wire, Path(folder), rate)
        for kind in kinds:
            for name in PLANS:
                yield attack.pull(kind, name)
            yield attack.sync(kind)


def renewals(times: int) -> tuple[int, int, int, int]:
    """Faults met, renewals at the server, consents and refused tokens, where every other token answer is lost."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(pages=20, spaces=3, sites=1, token_lifetime=1.0) as sandbox,
        WireProxy(sandbox.url, seed=9) as wire,
    ):
        wiki = opened(sandbox, wire.url, Path(folder) / "kept.json")
        wire.set(Weather(("reset", "cut head", "cut body"), 0.5, on=TOKENS))
        while sandbox.counts()["refreshes"] < times:
            with suppress(confluence_nb.Unreachable):  # the cell is run again
                wiki.spaces()
            time.sleep(0.2)
        counts = sandbox.counts()
        asked = counts["routes"].get("POST /oauth/token", {})
        refused = sum(number for status, number in asked.items() if str(status).startswith("4"))
        return wire.met.total(), counts["refreshes"], counts["codes_issued"], refused


def main() -> int:
    """Say what became of each, and answer 1 where a row or a sign-in was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak_wire", description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=float, default=7_200.0, help="begin no further pull after that")
    parser.add_argument("--kinds", nargs="+", default=[*KINDS, "all"], choices=[*KINDS, "all"])
    chosen = parser.parse_args()
    wrong = 0
    ends = time.monotonic() + chosen.seconds
    for told in soak(chosen.pages, chosen.rate, chosen.kinds):
        wrong += told.is_wrong
        print(told, flush=True)
        if time.monotonic() > ends:
            print("the time is over; what was left was not tried")
            break
    faults, renewed, consents, refused = renewals(RENEWALS)
    wrong += consents != 1 or refused > 0
    print(f"sign-in: {faults} faults at {renewed} renewals; {consents} consents, {refused} tokens refused")
    print(f"{wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
