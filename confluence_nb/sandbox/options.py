"""Every knob of the sandbox, described once for keyword, command line and control endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

DAY = 86_400.0

T = TypeVar("T")


def _knob(default: T, about: str, *, live: bool = False, choices: tuple[str, ...] = ()) -> T:
    knob: T = field(default=default, metadata={"about": about, "live": live, "choices": choices})
    return knob


@dataclass(frozen=True)
class Options:
    """How a sandbox behaves; `python -m confluence_nb.sandbox --help` lists each knob with its unit.

    Knobs marked live may be changed while the sandbox runs, by `Sandbox.set` or `POST /_sandbox/options`.

    Raises
    ------
    ValueError
        For a value outside its range, before anything is started.
    """

    port: int = _knob(0, "port on the loopback address; 0 takes a free one")

    sites: int = _knob(
        4,
        "sites, 0 to 40: acme (Confluence and Jira), initech (narrower scopes), globex, a Jira-only one",
    )
    seed: int = _knob(7, "what the content is generated from")
    spaces: int = _knob(6, "spaces of the first site")
    pages: int = _knob(600, "pages of the first site; the other sites hold about a tenth")
    body_bytes: int = _knob(6_000, "size of a page body, bytes, about")
    loses_null_positions: bool = _knob(
        False, "repeat the service's fault on child lists: they end early at a child without position"
    )

    rows_per_list: int = _knob(
        -1,
        "rows that every list of either API holds, whatever it is asked about; -1 leaves lists as they are",
        live=True,
    )
    cursor_grows: int = _knob(
        0, "characters by which a search's cursor grows with each window; 0 never", live=True
    )

    app_name: str = _knob("Notebook sandbox", "name of the registered app, as the consent page shows it")
    client_id: str = _knob("SandboxDemoAppOfConfluenceNb0001", "client id of the registered app")
    client_secret: str = _knob("", "client secret of the registered app; empty makes a new one")
    redirect_uri: str = _knob("", "the one registered callback address; empty is the sandbox's own /callback")
    app_scopes: tuple[str, ...] = _knob(
        (), "scopes enabled on the app; empty enables every one that only reads, and offline_access"
    )
    grant_type: str = _knob(
        "account",
        "account: one grant collects the sites of every consent; resource: only the sites of this consent",
        choices=("account", "resource"),
    )
    code_lifetime: float = _knob(300.0, "life of an authorization code, seconds", live=True)
    token_lifetime: float = _knob(3_600.0, "life of an access token, seconds", live=True)
    refresh_leeway: float = _knob(600.0, "how long a rotated pair still works, seconds", live=True)
    refresh_idle: float = _knob(90 * DAY, "life of a refresh token that nobody uses, seconds", live=True)
    refresh_absolute: float = _knob(365 * DAY, "life of a sign-in, refreshed or not, seconds", live=True)
    expired_status: str = _knob(
        "401",
        "answer to an expired access token: 401, or hidden, which is 404 on v2 paths and 403 on v1 paths",
        live=True,
        choices=("401", "hidden"),
    )

    hourly_points: int = _knob(65_000, "points that the app may spend per clock hour", live=True)
    rate_headers: str = _knob(
        "enforced",
        "enforced: rate headers and a hard stop; beta: Beta- headers and no stop; none: neither",
        live=True,
        choices=("enforced", "beta", "none"),
    )
    gzip_above: int = _knob(4_096, "compress larger answers when the client asks, bytes; 0 never", live=True)

    deprecates: str = _knob(
        "", "beginning of the paths whose answers announce their end, such as /wiki/api/v2/spaces", live=True
    )

    latency: float = _knob(0.0, "time added to every API answer, seconds", live=True)
    body_cost: float = _knob(0.0, "time added for each page body in an answer, seconds", live=True)
    faults_on: str = _knob(
        "gateway",
        "what the faults below fall on: gateway (wiki calls), media (files), token (token endpoint), or all",
        live=True,
        choices=("gateway", "media", "token", "all"),
    )
    fault_limit: int = _knob(0, "stop after so many faults since they were last set; 0 never", live=True)
    throttle_every: int = _knob(0, "answer 429 to every n-th request; 0 never", live=True)
    throttle_rate: float = _knob(0.0, "answer 429 with this probability, 0 to 1", live=True)
    retry_after: float = _knob(1.0, "pause that a 429 or 5xx fault asks for, seconds", live=True)
    retry_after_form: str = _knob(
        "seconds",
        "how it asks: Retry-After in seconds, as an HTTP date, X-RateLimit-Reset alone, or not at all",
        live=True,
        choices=("seconds", "date", "reset", "none"),
    )
    error_every: int = _knob(0, "answer error_status to every n-th request; 0 never", live=True)
    error_rate: float = _knob(0.0, "answer error_status with this probability, 0 to 1", live=True)
    error_status: int = _knob(503, "status of those answers, 500 to 599", live=True)
    drop_every: int = _knob(0, "carry out every n-th request but drop the connection; 0 never", live=True)
    drop_rate: float = _knob(0.0, "drop the connection with this probability, 0 to 1", live=True)
    drop_at: str = _knob(
        "before",
        "where it drops: before the answer, in the middle of its body, or after it without announcing so",
        live=True,
        choices=("before", "middle", "after"),
    )
    stall_every: int = _knob(0, "hold every n-th answer back for stall_seconds; 0 never", live=True)
    stall_rate: float = _knob(0.0, "hold an answer back with this probability, 0 to 1", live=True)
    stall_seconds: float = _knob(30.0, "how long a held answer waits, seconds", live=True)

    def __post_init__(self) -> None:
        for knob in fields(self):
            value = getattr(self, knob.name)
            if not isinstance(value, _types_taken(knob.default)) or (
                isinstance(value, bool) and not isinstance(knob.default, bool)
            ):
                raise ValueError(
                    f"{knob.name}={value!r:.60} is of type {type(value).__name__}. "
                    f"Give one of type {type(knob.default).__name__}."
                )
            choices = knob.metadata["choices"]
            if choices and value not in choices:
                raise ValueError(
                    f"{knob.name}={value!r:.60} is none of {', '.join(choices)}. Give one of these."
                )
            lowest, highest = _range(knob.name)
            if isinstance(value, int | float) and not lowest <= value <= highest:
                raise ValueError(
                    f"{knob.name}={value!r:.60} is out of range. Give {lowest:g} to {highest:g}."
                )

    def __repr__(self) -> str:
        changed = [
            f"{knob.name}={'***' if knob.name == 'client_secret' else repr(getattr(self, knob.name))}"
            for knob in fields(self)
            if getattr(self, knob.name) != knob.default
        ]
        return f"Options({', '.join(changed)})"

    def changed(self, knobs: Mapping[str, Any]) -> Options:
        """A copy with other values of live knobs.

        Raises
        ------
        ValueError
            For a knob that does not exist or cannot be changed while the sandbox runs.
        """
        live = live_knobs(self)
        for name in knobs:
            if name not in live:
                raise ValueError(
                    f"{name!r} cannot be set on a running sandbox. These can: {', '.join(sorted(live))}."
                )
        return replace(self, **dict(knobs))


def live_knobs(options: Options) -> dict[str, Any]:
    """The knobs that may change while the sandbox runs, with their present values."""
    return {knob.name: getattr(options, knob.name) for knob in fields(options) if knob.metadata["live"]}


def _types_taken(default: object) -> tuple[type, ...]:
    return (float, int) if isinstance(default, float) else (type(default),)


def _range(name: str) -> tuple[float, float]:
    ranges: dict[str, tuple[float, float]] = {
        "port": (0, 65_535),
        "sites": (0, 40),
        "seed": (float("-inf"), float("inf")),
        "spaces": (1, 100_000),
        "pages": (1, 100_000_000),
        "error_status": (500, 599),
        "rows_per_list": (-1, 1_000_000),
    }
    if name.endswith("_rate"):
        return 0, 1
    return ranges.get(name, (0, float("inf")))
