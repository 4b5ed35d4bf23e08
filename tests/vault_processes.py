"""Other processes that use a vault, and the modes of the files they leave."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path


def started(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Another Python process running the program, once it has said that it is ready."""
    lines = [line.strip() and line[16:] for line in program.splitlines()]
    source = "import asyncio, sys\nfrom confluence_nb.oauth.vault import FileVault\n" + "\n".join(lines)
    process = subprocess.Popen(
        [sys.executable, "-c", source, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
