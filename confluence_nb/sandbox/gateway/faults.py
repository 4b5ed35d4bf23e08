"""What goes wrong on demand: 429, 5xx, dropped connections and stalls, by turn or by seeded chance."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal

from starlette.responses import JSONResponse, Response

from confluence_nb.sandbox.clock import Clock
from confluence_nb.sandbox.options import Options

Fault = Literal["drop", "stall", "throttle", "error"]
Area = Literal["gateway", "media", "token", "account", "page", "control"]

_FAULTS: tuple[Fault, ...] = ("throttle", "error", "drop", "stall")


class Faults:
    """Decides, request by request, what befalls it; `injected` counts what did."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._clock = clock
        self._seed = options.seed
        self.injected: Counter[Fault] = Counter()
        self.begin()

    def begin(self) -> None:
        """Count turns from one and draw the same chances again."""
        self._requests = 0
        self._caused = 0
        self._chance = random.Random(self._seed)

    def next(self, options: Options, area: Area) -> Fault | None:
        """What befalls this request; at most one fault, the first that is due."""
        if area in ("page", "control") or (options.faults_on != "all" and options.faults_on != area):
            return None
        self._requests += 1
        if options.fault_limit and self._caused >= options.fault_limit:
            return None
        for fault in _FAULTS:
            every: int = getattr(options, f"{fault}_every")
            rate: float = getattr(options, f"{fault}_rate")
            if (every and self._requests % every == 0) or (rate and self._chance.random() < rate):
                self._caused += 1
                self.injected[fault] += 1
                return fault
        return None

    def throttled(self, options: Options) -> Response:
        """A burst limit's 429: it says nothing of the hourly budget."""
        headers = {"X-Failure-Category": "FAILURE CLIENT RATE LIMITED", **self._pause(options)}
        return JSONResponse({"message": "Rate limit exceeded."}, 429, headers)

    def failed(self, options: Options) -> Response:
        """A 5xx of something between the gateway and Confluence."""
        text = f"<html><body><h1>{options.error_status}</h1><p>upstream connect error</p></body></html>"
        return Response(text, options.error_status, self._pause(options), "text/html")

    def _pause(self, options: Options) -> Mapping[str, str]:
        until = datetime.fromtimestamp(self._clock.now() + options.retry_after, UTC)
        match options.retry_after_form:
            case "seconds":
                return {"Retry-After": str(math.ceil(options.retry_after))}
            case "date":
                return {"Retry-After": format_datetime(until, usegmt=True)}
            case "reset":
                return {"X-RateLimit-Reset": until.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
            case _:
                return {}
