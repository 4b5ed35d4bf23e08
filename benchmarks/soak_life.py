"""An hour of a notebook's life: cells, callbacks, ■ and restarts, and whether a kernel holds more after each round."""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

from confluence_nb.sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
CELL_SECONDS = 300.0
WARM_UP = 3
"""Rounds until whatever is made once has been made."""

RESTART_EVERY = 5
"""Rounds of the long kernel for each life of the short one."""

SLACK: Mapping[str, float] = {
    "threads": 4, "tasks": 0, "sockets": 6, "files": 3, "other descriptors": 3, "temporary files": 0, "widgets": 0,
    "our objects": 1_000,
}  # fmt: skip
"""By how much a later round may exceed the first ones: pools that fill up, connections that are kept for a while."""

MOST_MB_AN_HOUR = 60.0

GIVES_BACK_EVERY = 10
"""Rounds from one look at what is held to the next: between them the C library keeps what it likes, as for a user."""

BEGUN = "begun"

PRESSED_AGAIN = 10.0
"""Seconds after which a person presses ■ once more."""

IGNORED = "Exception ignored"
"""Python's words for an error in a finalizer, which ends nothing: ■ is lost there too."""

DROPPING = ("/pandas/", "/numpy/")
"""Where `dtype ==` asks a pandas dtype for its `repr`, NumPy drops whatever is raised there, ■ too."""

CELLS = """
from benchmarks.soak_day import Day, tell
day = Day({told!r})
"""

REMEMBERED = """
%xmode Plain
import traceback
from ipykernel import kernelbase
fell = []
def remember(number, frame):
    fell.append(traceback.format_stack(frame)[-20:])
    del fell[:-9]
    raise KeyboardInterrupt
kernelbase.default_int_handler = remember
"""
"""Each ■ leaves where it fell: of one that is lost nothing else would tell.

Of its longer tracebacks IPython keeps the syntax tree of each file that one went through; `traceback_memory` has how
much that is, and it would hide what is looked for.
"""

TELL_INTERRUPTS = "import json; print(json.dumps(fell))"


@dataclass
class Life:
    """What a kernel held after each round."""

    rounds: list[dict[str, Any]] = field(default_factory=list)
    interrupts: int = 0
    repeated: int = 0
    """Interrupts that Python lost in a finalizer, and said so, or NumPy; a second one ended the cell."""
    lost: int = 0
    """Interrupts that went astray and nothing tells why."""
    restarts: int = 0
    cells: int = 0
    seconds: float = 0.0
    failed: list[str] = field(default_factory=list)
    """What cells ended with that should not have."""
    left_over: dict[str, int] = field(default_factory=dict)
    """What was left outside the kernels at the end: temporary files, connections to the sandbox."""

    def failures(self) -> list[str]:
        """What has grown, in sentences; empty after a good life."""
        found = []
        some = max(WARM_UP, len(self.rounds) // 10)
        early, late = self.rounds[:some], self.rounds[-some:]
        for name, slack in SLACK.items():
            before, after = (statistics.median(each[name] for each in part) for part in (early, late))
            if after > before + slack:
                found.append(f"{name}: {before:g} in the first rounds, {after:g} in the last")
        if self.seconds > 600 and self.mb_an_hour("MB held") > MOST_MB_AN_HOUR:
            found.append(f"memory: {self.mb_an_hour('MB held'):.0f} MB more in an hour")
        if self.lost:
            found.append(f"■ was pressed in vain {self.lost} times, and nothing said why")
        found += [f"a cell failed: {said}" for said in self.failed]
        found += [f"{name} left behind: {number}" for name, number in self.left_over.items() if number]
        return found

    def mb_an_hour(self, name: str) -> float:
        """The slope of the memory over the second half, in which every pool is full."""
        half = [each for each in self.rounds[len(self.rounds) // 2 :] if name in each]
        if len(half) < 2:
            return 0.0
        slope, _ = statistics.linear_regression([each["at"] for each in half], [each[name] for each in half])
        return slope * 3_600

    def __str__(self) -> str:
        done = (
            f"{self.seconds:.0f} s: {self.cells} cells in {len(self.rounds)} rounds, {self.interrupts} interrupted "
            f"({self.repeated + self.lost} by pressing again, {self.lost} of these unexplained), "
            f"{self.restarts} restarts of a second kernel; in the second half {self.mb_an_hour('MB held'):+.1f} MB an "
            f"hour held, {self.mb_an_hour('MB'):+.1f} resident"
        )
        lines = [done]
        names = [name for name in self.rounds[0] if name != "at"]
        told = [each for each in self.rounds if "MB held" in each]
        marks = sorted({round(place * (len(told) - 1) / 8) for place in range(9)})
        lines.append(" | ".join(["minute", *names]))
        for each in (told[mark] for mark in marks):
            lines.append(" | ".join([f"{each['at'] / 60:.0f}", *(f"{each[name]:g}" for name in names)]))
        return "\n".join(lines)


class CellFailed(Exception):
    """The error that a cell ended with."""


class Kernel:
    """A kernel with a `Day` in it."""

    def __init__(self, told: Mapping[str, str], temporary: Path) -> None:
        self._told = dict(told)
        paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._manager, self._client = start_new_kernel(
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            cwd=str(ROOT),
            env={**os.environ, "PYTHONPATH": paths, "TMPDIR": str(temporary)},
        )
        self.cells = self.interrupts = self.repeated = self.lost = 0
        self.begin()

    def begin(self) -> None:
        self.run(REMEMBERED)
        self.run(CELLS.format(told=self._told))

    def run(self, code: str, hear: Callable[[str], None] = lambda _: None) -> str:
        """One cell; what it printed, which `hear` is told as it comes. Its error is one here, unless it is ■."""
        said: list[str] = []

        def heard(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                said.append(message["content"]["text"])
                hear(said[-1])

        reply = self._client.execute_interactive(
            code, allow_stdin=True, stdin_hook=lambda _: None, output_hook=heard, timeout=CELL_SECONDS
        )["content"]
        self.cells += 1
        if reply["status"] == "error":
            if reply["ename"] != "KeyboardInterrupt":
                raise CellFailed(f"{reply['ename']}: {reply['evalue']}")
            self.interrupts += 1
        return "".join(said)

    def run_until_interrupted(self, code: str, seconds: float) -> None:
        """A cell without an end, and ■ so long after it began: beside a cell it would hit the kernel itself.

        Where the cell goes on all the same, ■ is pressed again, as a person does.
        """
        begun, ended = threading.Event(), threading.Event()
        presses = 0

        def press() -> None:
            nonlocal presses
            begun.wait()
            wait = seconds
            while not ended.wait(wait):
                self._manager.interrupt_kernel()
                presses += 1
                wait = PRESSED_AGAIN

        def heard(text: str) -> None:
            if text.startswith(BEGUN):
                begun.set()

        finger = threading.Thread(target=press, daemon=True)
        finger.start()
        try:
            said = self.run(f"fell.clear()\nprint({BEGUN!r}, flush=True)\nwhile True:\n    {code}", heard)
        finally:
            ended.set()
            begun.set()
            finger.join()
        if presses > 1:
            in_vain = presses - 1
            ignored = sum("\nKeyboardInterrupt" in each for each in said.split(IGNORED)[1:])
            fell = json.loads(self.run(TELL_INTERRUPTS))[:-1]
            dropped = sum(any(place in stack[-1] for place in DROPPING) for stack in fell)
            explained = min(in_vain, ignored + dropped)
            self.repeated += explained
            self.lost += in_vain - explained
            print(f"■ pressed {presses} times: {said.removeprefix(BEGUN).strip()}", flush=True)
            print(*("".join(stack) for stack in fell), sep="----\n", flush=True)

    def census(self, *, gives_back: bool) -> dict[str, Any]:
        said = self.run(f"tell(gives_back={gives_back})")
        line = next(line for line in said.splitlines() if line.startswith("census "))
        told: dict[str, Any] = json.loads(line.removeprefix("census "))
        return told

    def restart(self) -> None:
        self._manager.restart_kernel(now=False)
        self._client.wait_for_ready(timeout=60)
        self.begin()

    def end(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel()


class Hour:
    """The sandbox, a kernel that lives on, and one that is restarted; a round is every act once, in any order."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox, self._folder = sandbox, folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.life = Life()
        self._began = time.monotonic()

    @contextmanager
    def kernel(self, name: str) -> Iterator[Kernel]:
        own = self._folder / name
        own.mkdir(exist_ok=True)
        app = self._sandbox
        kernel = Kernel(
            {
                "url": app.url,
                "client_id": app.client_id,
                "client_secret": app.client_secret,
                "redirect_uri": app.redirect_uri,
                "store": str(own / "sign-in.json"),
                "folder": str(own),
            },
            self.temporary,
        )
        try:
            yield kernel
        finally:
            kernel.end()
            self.life.cells += kernel.cells
            self.life.interrupts += kernel.interrupts
            self.life.repeated += kernel.repeated
            self.life.lost += kernel.lost

    def round(self, kernel: Kernel) -> None:
        """Each act once, with interrupts between them."""
        names = json.loads(kernel.run("import json; print(json.dumps(list(day.acts)))"))
        for name in random.sample(names, len(names)):
            try:
                if random.random() < 0.3:
                    kernel.run_until_interrupted("day.pull()", random.uniform(0.0, 1.0))
                    kernel.run("day.resumes()")
                kernel.run(f"day.acts[{name!r}]()")
            except CellFailed as error:
                self.life.failed.append(f"{name}: {error}")

    def long_round(self, kernel: Kernel) -> None:
        self.round(kernel)
        gives_back = len(self.life.rounds) % GIVES_BACK_EVERY == 0
        now = round(time.monotonic() - self._began, 1)
        self.life.rounds.append({"at": now, **kernel.census(gives_back=gives_back)})

    def ended(self) -> Life:
        """What is left when all kernels have ended."""
        ends = time.monotonic() + 30
        while (left := self._left_over())["connections"] and time.monotonic() < ends:
            time.sleep(0.1)
        self.life.left_over = left
        self.life.seconds = time.monotonic() - self._began
        return self.life

    def _left_over(self) -> dict[str, int]:
        from confluence_nb.sandbox.connections import DroppableConnection

        files = [path for path in self.temporary.rglob("*") if path.is_file()]
        return {"temporary files": len(files), "connections": len(DroppableConnection._open)}


def soak(
    seconds: float, *, pages: int = 600, heard: Callable[[dict[str, Any]], None] = lambda _: None
) -> Life:
    """Rounds until the time is over, five at the least."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(pages=pages, spaces=3, token_lifetime=20.0, latency=0.01, hourly_points=10**9) as sandbox,
    ):
        hour = Hour(sandbox, Path(folder))
        ends = time.monotonic() + seconds
        with hour.kernel("long") as long, hour.kernel("short") as short:
            rounds = 0
            while rounds < WARM_UP + 2 or time.monotonic() < ends:
                hour.long_round(long)
                heard(hour.life.rounds[-1])
                rounds += 1
                if rounds % RESTART_EVERY == 0:
                    hour.round(short)
                    short.restart()
                    hour.life.restarts += 1
        return hour.ended()


def main() -> int:
    """Live for as long as asked, say what was held when, and answer 1 where it grew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak_life", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3_600.0)
    life = soak(parser.parse_args().seconds, heard=lambda each: print(json.dumps(each), flush=True))
    print(life)
    for failure in life.failures():
        print("FAILED:", failure)
    return 1 if life.failures() else 0


if __name__ == "__main__":
    sys.exit(main())
