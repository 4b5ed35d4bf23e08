"""Sends one reader to read a served wiki, and holds what that cost."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.served_wiki import ServedWiki

HERE = Path(__file__).resolve().parent
_ENVIRONMENTS = HERE.parent / ".venvs"


@dataclass(frozen=True)
class Reader:
    """A client: the name the tables give it, the script that reads with it, and the environment that has it.

    Parameters
    ----------
    finds:
        The status of pages to which the client's way of reading is limited; None where it is not.
    """

    name: str
    title: str
    script: str
    environment: str | None = None
    finds: str | None = None

    @property
    def python(self) -> Path:
        if self.environment is None:
            return Path(sys.executable)
        return _ENVIRONMENTS / self.environment / "bin" / "python"


OURS = Reader("ours", "confluence_nb", "ours.py")
LOOP = Reader("loop", "plain httpx + orjson loop", "loop.py")
LOOP_FRAME = Reader("frame", "plain loop + pd.DataFrame", "loop_frame.py")
PEERS = (
    Reader("atlassian", "atlassian-python-api, v2 class", "atlassian_python_api.py", "interop-atlassian"),
    Reader("dlt", "dlt's REST client", "dlt_client.py", "interop-dlt"),
    Reader(
        "langchain", "LangChain's loader, cql= ¹", "langchain_loader.py", "bench-langchain", finds="current"
    ),
)
READERS = (OURS, LOOP, LOOP_FRAME, *PEERS)


@dataclass(frozen=True)
class Measured:
    """What one reading cost.

    Parameters
    ----------
    requests, points, at_once:
        As the sandbox counted them.
    seconds, cpu_seconds:
        Of the reading alone, without start and sign-in; None when it did not come to that.
    memory, memory_before:
        The most the process held, in all and before it read; bytes.
    rows:
        Different pages read whole.
    twice:
        Rows that were there already.
    error:
        Why there are not all rows.
    wiki_requests:
        Those of the requests that asked the wiki, and not which sites there are.
    plan:
        What this library says of how it read: name, reason, and the most requests that it takes.
    """

    reader: Reader
    requests: int
    wiki_requests: int
    points: int
    at_once: int
    seconds: float | None = None
    cpu_seconds: float | None = None
    memory: int | None = None
    memory_before: int | None = None
    rows: int = 0
    twice: int = 0
    error: str | None = None
    plan: dict[str, Any] | None = None


def run(
    reader: Reader,
    wiki: ServedWiki,
    knobs: dict[str, float],
    *,
    body: str | None,
    patience: float,
    status: str | None = None,
) -> Measured:
    """One reading of every page, in a process of its own that is stopped when `patience` (seconds) is at its end.

    Parameters
    ----------
    status:
        Of the pages to read; None for those that the API takes for meant, which only the plain loop can vary.
    """
    wiki.begin(knobs)
    told = _told(reader, wiki, {"body": body, "status": status}, patience)
    ids = told.pop("ids", [])
    return Measured(reader, **wiki.counts(), **told, rows=len(set(ids)), twice=len(ids) - len(set(ids)))


def _told(reader: Reader, wiki: ServedWiki, wanted: dict[str, str | None], patience: float) -> dict[str, Any]:
    # -I: neither this folder nor this environment's packages are in sight of the other interpreter.
    paths = (reader.python, "-I", HERE / "measure.py", HERE / "readers" / reader.script)
    try:
        ended = subprocess.run(
            [str(path) for path in paths],
            input=json.dumps({**wiki.order, **wanted}),
            env=wiki.environment,
            cwd=wiki.environment["HOME"],
            capture_output=True,
            text=True,
            timeout=patience,
        )
    except FileNotFoundError:
        return {"error": f"no environment {reader.environment}: make bench makes it"}
    except subprocess.TimeoutExpired:
        return {"error": f"stopped after {patience:g} s"}
    if ended.returncode or not ended.stdout:
        last = ended.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        return {"error": f"ended with {ended.returncode}: {last[0][:200]}"}
    told: dict[str, Any] = json.loads(ended.stdout)
    return told
