"""The points that an app may spend per clock hour: what its answers say is left, else what was counted here.

Source: https://developer.atlassian.com/cloud/confluence/rate-limiting/.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from confluence_nb._http import httpx
from confluence_nb._patience import asked_pause, moment_of

HOURLY_POINTS = 65_000
"""Points per hour of an app that Atlassian gave no larger share, over all the sites that it is used on."""

NEAR = 0.2
"""The share of the hour's points below which the limit counts as near."""

_HOUR = 3_600
_BURST_SECONDS = 60
"""A limit that renews itself so soon is no hourly one."""

_SLACK_SECONDS = 5
"""What two clocks, and whole seconds, may differ by."""

_ROOT = re.compile(r"^/wiki(?:/api/v2|/rest/api)(?=/)")

_PEOPLE = re.compile(
    r".*/(?:likes/users|users-bulk|space-permissions|space-roles(?:/[^/]+)?|permissions|role-assignments|watch)"
    r"|/group(?:/.+)?|/search/user|/user(?:/(?:current|bulk|email|email/bulk|memberof))?"
    r"|/content/[^/]+/(?:notification/(?:child-)?created|restriction(?:/byOperation)?)"
)
_CORE = re.compile(
    r".*/(?:pages|blogposts|attachments|custom-content)|/spaces|/data-policies/spaces"
    r"|/(?:pages|blogposts|attachments|custom-content|spaces|folders|whiteboards|databases|embeds)/[^/]+"
    r"|/(?:pages|folders|whiteboards|databases|embeds)/[^/]+/(?:direct-children|children|descendants)"
    r"|/search|/content/search|/content/[^/]+/descendant/[^/]+|/space/[^/]+/state/content"
)


def points_of(path: str, rows: int) -> int:
    """What one answer costs of the hour's points.

    Parameters
    ----------
    path:
        From the root of the site, with or without ids filled in: `/wiki/api/v2/pages/{id}/attachments`.
    rows:
        The things that the answer holds.

    Returns
    -------
    One for the call; besides, one for each page, post, space, attachment and what else stands in the tree of pages,
    and two for each user, group and permission.
    """
    bare = _ROOT.sub("", path)
    if _PEOPLE.fullmatch(bare):
        return 1 + 2 * rows
    return 1 + rows if _CORE.fullmatch(bare) else 1


@dataclass(frozen=True, repr=False)
class Quota:
    """The hour's points of an app.

    Parameters
    ----------
    resets_at:
        When the hour ends (UTC).
    source:
        `headers`: as the last answers said, everybody counted who uses the app. `counted`: this connection's own count.
    enforced:
        Whether the answers say that going over the limit is stopped, rather than only told.
    near_limit:
        Whether less than a fifth is left, or an answer said so.
    """

    used: int
    left: int
    limit: int
    resets_at: datetime
    source: Literal["headers", "counted"]
    enforced: bool
    near_limit: bool

    def __repr__(self) -> str:
        notes = [] if self.source == "headers" else ["counted here; other users of the app are not"]
        if self.source == "headers" and not self.enforced:
            notes.append("not enforced yet")
        note = f" ({'; '.join(notes)})" if notes else ""
        return (
            f"{self.used:,} of {self.limit:,} points used this hour, {self.left:,} left until "
            f"{self.resets_at:%H:%M} UTC{note}"
        )


@dataclass(frozen=True)
class _Told:
    """What one answer says about the hour's points."""

    enforced: bool
    limit: int | None = None
    left: int | None = None
    resets_at: float | None = None
    near: bool = False


class Budget:
    """The points of one connection's app.

    Parameters
    ----------
    now:
        Seconds since 1970.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._told = _Told(enforced=False)
        self._hour = 0
        self._counted = 0

    def note(self, headers: httpx.Headers, points: int) -> None:
        """Take in an answer: what it says of the hour's points, and what it cost as far as `points_of` knows."""
        self._turn_hour()
        self._counted += points
        if self._told.left is not None:
            self._told = replace(self._told, left=max(0, self._told.left - points))
        told = _read(headers, self._now())
        if told is not None:
            self._told = _joined(self._told, told, points)

    def quota(self) -> Quota:
        """What is used and left of this hour."""
        self._turn_hour()
        told = self._told
        limit = told.limit or HOURLY_POINTS
        left = max(0, limit - self._counted) if told.left is None else told.left
        reset = (self._hour + 1) * _HOUR if told.resets_at is None else told.resets_at
        return Quota(
            used=max(0, limit - left),
            left=left,
            limit=limit,
            resets_at=datetime.fromtimestamp(reset, UTC),
            source="counted" if told.left is None else "headers",
            enforced=told.enforced,
            near_limit=told.near or left < NEAR * limit,
        )

    def _turn_hour(self) -> None:
        now = self._now()
        if int(now // _HOUR) != self._hour:
            self._hour, self._counted = int(now // _HOUR), 0
            if self._told.resets_at is None:
                self._told = replace(self._told, left=None, near=False)
        if self._told.resets_at is not None and now >= self._told.resets_at:
            self._told = replace(self._told, left=None, resets_at=None, near=False)


def _joined(before: _Told, told: _Told, points: int) -> _Told:
    """What is known after one more answer, which cost `points` and may have been overtaken by others.

    Within an hour what is left only falls, so of answers that come out of turn the lowest holds.
    """
    limit = told.limit or before.limit
    if told.left is None:
        return replace(before, limit=limit, enforced=told.enforced, near=told.near or before.near)
    ends, ended = told.resets_at, before.resets_at
    if ends is not None and ended is not None and ends < ended - _SLACK_SECONDS:
        return before  # it tells of the hour before
    is_another = limit != before.limit or told.enforced != before.enforced
    if ends is not None and ended is not None and ends > ended + _SLACK_SECONDS:
        is_another = True
    if before.left is None or is_another:
        return replace(told, limit=limit, resets_at=ends or ended)
    return _Told(
        enforced=told.enforced,
        limit=limit,
        left=min(before.left + points, told.left),  # what this answer cost is in its figure already
        resets_at=ends or ended,
        near=told.near or before.near,
    )


def _read(headers: httpx.Headers, now: float) -> _Told | None:
    """What an answer says, None for nothing; what is enforced goes before what only informs."""
    if "quota" in headers.get("RateLimit-Reason", "").lower():
        reset, pause = moment_of(headers.get("X-RateLimit-Reset", "")), asked_pause(429, headers)
        ends = now + pause if reset is None and pause is not None else reset
        return _Told(enforced=True, left=0, resets_at=ends, near=True)
    for prefix, enforced in (("", True), ("Beta-", False)):
        found = [
            limit
            for limit in (*_structured(headers, prefix, now), *_plain(headers, prefix, now))
            if not _is_of_bursts(limit.resets_at, now)
        ]
        if found:
            # Of several limits the one that ends first is what matters.
            tightest = min(found, key=lambda limit: (limit.left is None, limit.left or limit.limit or 0))
            near = headers.get(f"{prefix}X-RateLimit-NearLimit", "").strip().lower() == "true"
            limits = [limit.limit for limit in found if limit.limit is not None]
            return replace(
                tightest, enforced=enforced, near=near, limit=tightest.limit or min(limits, default=None)
            )
    return None


def _plain(headers: httpx.Headers, prefix: str, now: float) -> Iterator[_Told]:
    """`X-RateLimit-Limit`, `-Remaining` and `-Reset`, which is a moment."""
    limit, left = (_whole(headers.get(f"{prefix}X-RateLimit-{name}", "")) for name in ("Limit", "Remaining"))
    if limit or left is not None:
        yield _Told(True, limit, left, moment_of(headers.get(f"{prefix}X-RateLimit-Reset", "")))


def _structured(headers: httpx.Headers, prefix: str, now: float) -> Iterator[_Told]:
    """`RateLimit-Policy` (`q` points in `w` seconds) and `RateLimit` (`r` are left for `t` seconds), by their names."""
    policies = _items(headers.get(f"{prefix}RateLimit-Policy", ""))
    rests = _items(headers.get(f"{prefix}RateLimit", ""))
    for name in {**policies, **rests}:
        policy, rest = policies.get(name, {}), rests.get(name, {})
        if policy.get("w", _HOUR) <= _BURST_SECONDS or not (policy.get("q") or "r" in rest):
            continue
        yield _Told(True, policy.get("q"), rest.get("r"), now + rest["t"] if "t" in rest else None)


def _items(text: str) -> dict[str, dict[str, int]]:
    """The names of a structured header, and the numbers behind each."""
    found: dict[str, dict[str, int]] = {}
    for item in text.split(","):
        name, *pairs = item.split(";")
        numbers = {key.strip().lower(): _whole(value) for key, _, value in (p.partition("=") for p in pairs)}
        found[name.strip().strip('"')] = {
            key: number for key, number in numbers.items() if number is not None
        }
    return found


def _whole(text: str) -> int | None:
    """A number of points or seconds; anything longer than that is none."""
    bare = text.strip().strip('"')
    return int(bare) if bare.isdecimal() and len(bare) <= 10 else None


def _is_of_bursts(resets_at: float | None, now: float) -> bool:
    """Whether a limit renews itself within a minute that does not end the hour."""
    if resets_at is None or resets_at > now + _BURST_SECONDS:
        return False
    return abs(resets_at - round(resets_at / _HOUR) * _HOUR) > _SLACK_SECONDS
