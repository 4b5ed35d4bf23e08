"""Runs one reader and says what that cost; started by the interpreter that has the reader's client.

On standard input the order, `{"pages": …, "gateway": …, "token": …}`; on standard output one line of JSON. It needs
nothing but the standard library, since each client lives in an environment of its own.
"""

import json
import os
import re
import resource
import runpy
import sys
import time
from pathlib import Path


def main() -> None:
    order = json.load(sys.stdin)
    # A client may print; what it prints is not the answer.
    answer, sys.stdout = sys.stdout, sys.stderr
    told = measured(runpy.run_path(sys.argv[1]), order)
    json.dump(told, answer)
    answer.write("\n")
    answer.flush()
    # What a client leaves running, or takes long to put away, is not waited for.
    os._exit(0)


def measured(reader: dict, order: dict) -> dict:
    """Seconds and processor seconds of the reading alone, memory (bytes) before it and at most, and the ids read."""
    try:
        read = reader["reader"](order)
    except Exception as error:
        return {"error": sentence(error), "ids": []}
    before, began, busy = peak_memory(), time.perf_counter(), time.process_time()
    rows, failed = None, None
    try:
        rows = read()
    except Exception as error:
        failed = sentence(error)
    told = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - busy,
        "memory_before": before,
        "memory": peak_memory(),
        "error": failed,
    }
    return told | {
        "ids": [] if rows is None else reader["ids"](rows, order),
        "plan": reader["plan"](rows) if rows is not None and "plan" in reader else None,
    }


def sentence(error: Exception) -> str:
    """The kind of an error and the first line of what it says."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:200]}"


def peak_memory() -> int:
    """The most memory that this process ever held, bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage would count what the process that started this one held.
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
