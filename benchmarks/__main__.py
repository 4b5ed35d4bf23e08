"""`python -m benchmarks`: read, print each result as it comes, and write the tables."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.conditions import CONDITIONS
from benchmarks.promises import promises
from benchmarks.report import HEADS, line, report, row, summary, write_between_markers
from benchmarks.running import LOOP, READERS
from benchmarks.suite import Result, read_all

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.md"
SIZES = [2_000, 20_000]


def build_parser() -> argparse.ArgumentParser:
    """Sizes, conditions and readers to choose from; all of them when nothing is chosen."""
    about = "Reads the embedded Confluence with this library and with others, and compares."
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=about)
    names, readers = ([each.name for each in group] for group in (CONDITIONS, READERS))
    conditions = "; ".join(f"{each.name}: {each.about}" for each in CONDITIONS).replace("%", "%%")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="pages", metavar="N")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help=conditions)
    parser.add_argument("--readers", nargs="+", choices=readers, default=readers, help="who reads")
    parser.add_argument("--patience", type=float, default=400.0, help="seconds after which one is stopped")
    parser.add_argument("--results", type=Path, help=f"file for the tables; of a whole run {RESULTS.name}")
    parser.add_argument("--readme", action="store_true", help="put the short table into README.md too")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was chosen; the file is written anew after each result, so that a broken run leaves its tables.

    Where only some sizes, conditions or readers are chosen, no file is written that was not named.
    """
    chosen = build_parser().parse_args(arguments)
    conditions = [each for each in CONDITIONS if each.name in chosen.only]
    readers = [each for each in READERS if each.name in chosen.readers]
    is_whole = chosen.sizes == SIZES and len(conditions) == len(CONDITIONS) and len(readers) == len(READERS)
    tables: Path | None = chosen.results or (RESULTS if is_whole else None)
    results: list[Result] = []
    print("  pages at", row(HEADS), flush=True)
    for result in read_all(chosen.sizes, conditions, readers, chosen.patience):
        results.append(result)
        print(
            f"{result.pages:>7,} {result.condition.name:<2} {line(result, _loop_beside(result, results))}",
            flush=True,
        )
        if tables:
            tables.write_text(report(results), encoding="utf-8")
    print(*promises(results), sep="\n")
    if chosen.readme:
        write_between_markers(ROOT / "README.md", summary(results))
    return 0


def _loop_beside(result: Result, results: Sequence[Result]) -> Result | None:
    same = (
        each
        for each in results
        if (each.pages, each.condition, each.measured.reader) == (result.pages, result.condition, LOOP)
    )
    return next((each for each in same if each.is_complete), None)


if __name__ == "__main__":
    sys.exit(main())
