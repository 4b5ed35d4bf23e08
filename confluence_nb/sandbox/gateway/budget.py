"""The points that an app may spend per clock hour, and the headers that tell it how many are left."""

from __future__ import annotations

from datetime import UTC, datetime

from confluence_nb.sandbox.clock import Clock
from confluence_nb.sandbox.options import Options

_HOUR = 3_600
_NEAR = 0.2


class Budget:
    """Counts one app's points; everything starts anew at the top of each UTC hour, with no carry-over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hour = 0
        self._spent = 0
        self.total = 0

    def is_spent(self, options: Options) -> bool:
        """True when this hour has no point left and the limit is enforced."""
        self._turn_hour()
        return options.rate_headers == "enforced" and self._spent >= options.hourly_points

    def spend(self, points: int) -> None:
        """Charge an answer: the last one of an hour may go over, as the cost is known only after it."""
        self._turn_hour()
        self._spent += points
        self.total += points

    def headers(self, options: Options) -> dict[str, str]:
        """What every answer of the gateway says about the budget."""
        if options.rate_headers == "none":
            return {}
        self._turn_hour()
        left = max(0, options.hourly_points - self._spent)
        near = left < _NEAR * options.hourly_points
        prefix = "Beta-" if options.rate_headers == "beta" else ""
        told = {
            f"{prefix}RateLimit-Policy": f'"global-app-quota";q={options.hourly_points};w={_HOUR}',
            f"{prefix}X-RateLimit-Limit": str(options.hourly_points),
            f"{prefix}X-RateLimit-Remaining": str(left),
            f"{prefix}X-RateLimit-Reset": self._reset(),
            f"{prefix}X-RateLimit-NearLimit": "true" if near else "false",
        }
        if near:
            told[f"{prefix}RateLimit"] = f'"global-app-quota";r={left};t={self._seconds_left()}'
        if prefix and left == 0:
            told["Beta-Retry-After"] = str(self._seconds_left())
        return told

    def stop_headers(self) -> dict[str, str]:
        """What the 429 that answers until the hour ends says besides."""
        return {"Retry-After": str(self._seconds_left()), "RateLimit-Reason": "confluence-quota-global-based"}

    def _turn_hour(self) -> None:
        hour = int(self._clock.now() // _HOUR)
        if hour != self._hour:
            self._hour, self._spent = hour, 0

    def _seconds_left(self) -> int:
        return int(_HOUR - self._clock.now() % _HOUR) + 1

    def _reset(self) -> str:
        # Without seconds, as the real service is known to write it.
        return datetime.fromtimestamp((self._hour + 1) * _HOUR, UTC).strftime("%Y-%m-%dT%H:%MZ")
