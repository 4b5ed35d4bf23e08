"""Operations that Atlassian describes and the sandbox does not serve: who may call them, and what they are told."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

import orjson

from confluence_nb.sandbox.rest.exchange import V1, V2, Answer, Call, Operation
from confluence_nb.sandbox.rest.problems import v1_problem, v2_problem

_FILE = files("confluence_nb.sandbox.rest") / "operations.json"


def described_operations(served: Iterable[Operation]) -> list[Operation]:
    """Those of the descriptions that are not served, each refusing a call in words of its own."""
    known = {_shape(operation.method, operation.path) for operation in served}
    found = []
    for key, sets in orjson.loads(_FILE.read_bytes()).items():
        method, _, path = key.partition(" ")
        if _shape(method, path) not in known:
            found.append(Operation(method, path, _refuse, tuple(map(frozenset, sets))))
    return found


def _shape(method: str, path: str) -> tuple[str, ...]:
    """An operation whatever its parameters are called."""
    return (method, *("{}" if step.startswith("{") else step for step in path.split("/")))


def _refuse(call: Call) -> Answer:
    """501: there is such an operation, and only here it is not to be had."""
    method, path = call.request.method, call.request.path
    words = f"The sandbox does not serve {method} {path.removeprefix(V2)}, which Confluence has"
    advice = (
        "Try it on a site of your own." if method == "GET" else "What the sandbox holds can only be read."
    )
    if path.startswith(V2):
        raise v2_problem(501, "NOT_IMPLEMENTED", words, advice)
    raise v1_problem(501, f"{words.replace(path, path.removeprefix(V1))}. {advice}")
