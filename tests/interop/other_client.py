"""Runs another client in an interpreter and an environment of its own, signed in to the sandbox."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parents[1] / ".venvs"


class OtherClientFailed(Exception):
    """The other client ended with an error, which is the message."""


@dataclass(frozen=True)
class OtherClient:
    """One client: the interpreter that has it, the script that speaks to it, and where it reads."""

    python: Path
    script: Path
    folder: Path
    gateway: str
    client_id: str
    token: str = field(repr=False)

    def __call__(self, call: str, **given: Any) -> list[dict[str, Any]]:
        """The rows of one list, as the client hands them out."""
        return self.each(call, [given])[0]

    def each(self, call: str, given: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
        """The rows of several lists, read one after the other by one process."""
        environment = os.environ | {
            "INTEROP_GATEWAY": self.gateway,
            "INTEROP_CLIENT_ID": self.client_id,
            "INTEROP_TOKEN": self.token,
            "NO_PROXY": "127.0.0.1",
            "DLT_DATA_DIR": str(self.folder),
        }
        # -I: neither this folder nor this environment's packages are in sight of the other interpreter.
        ended = subprocess.run(
            [self.python, "-I", self.script],
            input=json.dumps([{"call": call, "given": dict(each)} for each in given]),
            env=environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if ended.returncode:
            raise OtherClientFailed(ended.stderr)
        lists: list[list[dict[str, Any]]] = json.loads(ended.stdout)
        return lists


def interpreter(name: str) -> Path:
    """The interpreter of an environment of `make interop`; a test without it is skipped, unless all are required."""
    python = ENVIRONMENTS / f"interop-{name}" / "bin" / "python"
    if not python.exists():
        lacking = f"no environment with the client of interop-{name}.txt: `make interop` makes it"
        if os.environ.get("INTEROP") == "required":
            pytest.fail(lacking)
        pytest.skip(lacking)
    return python
