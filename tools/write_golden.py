"""Writes what bodies of `tests/golden/` say beside them, for somebody to read before it is committed."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"


def main(names: list[str]) -> int:
    """`write_golden.py NAME …` writes NAME.txt, NAME.md and NAME.json beside NAME.xml."""
    if not names:
        print(main.__doc__)
        return 2
    expected = runpy.run_path(str(TESTS / "test_content_golden.py"))["expected"]
    for name in names:
        body = TESTS / "golden" / f"{name}.xml"
        for suffix, said in expected(body.read_text(encoding="utf-8")).items():
            body.with_suffix(suffix).write_text(said, encoding="utf-8")
            print(body.with_suffix(suffix).relative_to(TESTS.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
