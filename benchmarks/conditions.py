"""Under which conditions a wiki is read, and how fast it could be read at all."""

from __future__ import annotations

from dataclasses import dataclass, field

LANES = 8
"""Requests that the limit takes to be under way at the same time: Atlassian's guide asks for fewer than ten."""

WINDOW = 250
"""Rows of the largest window that the API gives."""


@dataclass(frozen=True, eq=False)
class Condition:
    """What the sandbox does to each answer.

    Parameters
    ----------
    spaces:
        Spaces that the pages are spread over.
    knobs:
        As the sandbox names them; seconds, and probabilities.
    repeats:
        How often each reader reads, by turns; the run of median time is the one shown.
    with_frame:
        Whether the plain loop also runs with a frame behind it.
    """

    name: str
    about: str
    knobs: dict[str, float] = field(default_factory=dict)
    spaces: int = 10
    repeats: int = 1
    with_frame: bool = False

    def limit(self, pages: int) -> float:
        """Seconds: what the sandbox itself takes to answer the plain loop's windows, in eight lanes at once."""
        windows = -(-pages // WINDOW)
        latency, body_cost = (self.knobs.get(name, 0.0) for name in ("latency", "body_cost"))
        return (windows * latency + pages * body_cost) / LANES


_SLOW = {"latency": 0.05}
_BODIES = {**_SLOW, "body_cost": 0.01}

CONDITIONS = (
    Condition("a1", "50 ms per request, one space", _SLOW, spaces=1, repeats=3),
    Condition("a", "50 ms per request", _SLOW, repeats=3),
    Condition("b", "50 ms per request and 10 ms per body", _BODIES),
    Condition("c", "no latency: what the clients themselves cost", repeats=3, with_frame=True),
    Condition(
        "d", "as b, 2 % of the answers 429, 1 % 503", {**_BODIES, "throttle_rate": 0.02, "error_rate": 0.01}
    ),
)
