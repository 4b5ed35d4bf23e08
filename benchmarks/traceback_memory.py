"""What IPython's tracebacks leave in a kernel without this library: the figures of `soak_life` are read by it."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.soak_life import REMEMBERED, Kernel

MODES = ("Context", "Plain")
"""IPython's default, and the one that `soak_life` uses."""

JOINS = "pd.DataFrame({'a': range(99)}).merge(pd.DataFrame({'a': range(9)})).groupby('a').sum()"


class BareKernel(Kernel):
    """A kernel that knows pandas alone."""

    mode = MODES[0]

    def begin(self) -> None:
        self.run(REMEMBERED)
        self.run(f"%xmode {self.mode}\nimport gc\nimport pandas as pd\nfrom benchmarks.soak_day import held")

    def held(self) -> str:
        """What it holds now, in words."""
        return self.run("gc.collect()\nprint(f'{held():.0f} MB, {len(gc.get_objects()):,} objects')").strip()


def main() -> int:
    """Print what a kernel of each mode holds after each eighty interrupts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.traceback_memory", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="eighties of interrupts")
    times = parser.parse_args().times
    for BareKernel.mode in MODES:
        with tempfile.TemporaryDirectory() as folder:
            kernel = BareKernel({}, Path(folder))
            try:
                print(f"{kernel.mode}: {kernel.held()}", flush=True)
                for number in range(1, times + 1):
                    for _ in range(80):
                        kernel.run_until_interrupted(JOINS, random.uniform(0.0, 0.2))
                    print(f"{kernel.mode}, {80 * number} interrupts: {kernel.held()}", flush=True)
            finally:
                kernel.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
