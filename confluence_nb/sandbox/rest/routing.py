"""Which operation a path is: one table of all operations, one walk per call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from confluence_nb.sandbox.rest.exchange import Operation


@dataclass
class _Step:
    """A segment of paths: what may follow, and what may end here."""

    named: dict[str, _Step] = field(default_factory=dict)
    any: _Step | None = None
    ends: dict[str, Operation] = field(default_factory=dict)


class Routes:
    """Finds operations by method and path.

    Raises
    ------
    ValueError
        When two operations share a method and a path.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = tuple(operations)
        self._root = _Step()
        for operation in operations:
            step = self._root
            for segment in operation.path.strip("/").split("/"):
                if segment.startswith("{"):
                    step.any = step.any or _Step()
                    step = step.any
                else:
                    step = step.named.setdefault(segment, _Step())
            if operation.method in step.ends:
                raise ValueError(f"{operation.method} {operation.path} is in the table twice.")
            step.ends[operation.method] = operation

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation and the values of its path's parameters, or None."""
        step: _Step | None = self._root
        values = []
        for segment in path.strip("/").split("/"):
            if step is None:
                return None
            following = step.named.get(segment)
            if following is None:
                following = step.any
                values.append(segment)
            step = following
        operation = step.ends.get(method) if step is not None else None
        if operation is None:
            return None
        names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        return operation, dict(zip(names, values, strict=True))
