"""Takes out each defence of tests/mutations.md in turn, and says whether the test named there fails without it."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests" / "mutations.md"
COPIED = ("confluence_nb", "tests", "benchmarks", "tools", "pyproject.toml", "README.md", "SECURITY.md")
_CODE = re.compile(r"`([^`]*)`")


@dataclass(frozen=True)
class Mutation:
    """One row: a line of a file, what stands in its place without the defence, and the test that must fail then."""

    defence: str
    path: str
    line: str
    without: str
    test: str

    def applied(self, source: str) -> str:
        """The source without the defence.

        Raises
        ------
        ValueError
            The line is not there, or not once.
        """
        times = source.count(self.line)
        if times != 1:
            raise ValueError(f"{self.path} has {self.line!r} {times} times, where once is meant.")
        return source.replace(self.line, self.without)


def mutations(table: Path = TABLE) -> Iterator[Mutation]:
    """The rows of the table: those with four pieces of code after the name of the defence."""
    for row in table.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)]
        codes = [found[1].replace("\\|", "|") for cell in cells[2:6] if (found := _CODE.fullmatch(cell))]
        if len(cells) == 7 and len(codes) == 4:
            yield Mutation(cells[1], *codes)


def survives(mutation: Mutation) -> str | None:
    """Why the defence seems to be missed by nobody; None when the named test fails without it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder) / name)
        path = Path(folder) / mutation.path
        path.write_text(mutation.applied(path.read_text(encoding="utf-8")), encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-n", "0", "-p", "no:randomly", mutation.test],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": folder},
            capture_output=True,
            text=True,
            timeout=300,
        )
    if run.returncode == 1:  # pytest's word for tests that ran and failed
        return None
    return "it passes" if run.returncode == 0 else f"pytest answered {run.returncode}: {run.stdout[-500:]}"


def main() -> int:
    """Try every row, or those whose words were given; 1 when a test passes without its defence."""
    parser = argparse.ArgumentParser(prog="python tools/mutate.py", description=__doc__)
    parser.add_argument("words", nargs="*", help="only rows with one of these words in them")
    words = parser.parse_args().words
    chosen = [each for each in mutations() if not words or any(word in str(each) for word in words)]
    survivors = 0
    for mutation in chosen:
        why = survives(mutation)
        survivors += why is not None
        print(
            f"{'caught' if why is None else 'MISSED'}  {mutation.defence}" + (f": {why}" if why else ""),
            flush=True,
        )
    print(f"{len(chosen) - survivors} of {len(chosen)} defences are missed by their tests when they are gone")
    return 1 if survivors or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
