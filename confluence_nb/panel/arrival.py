"""Waits for the consent page's answer on the panel's behalf, where browser and kernel share a machine."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from confluence_nb.api.portal import portal
from confluence_nb.oauth.loopback import Listener, listen
from confluence_nb.secret import Secret


class Arrival:
    """At most one listener: that of the sign-in under way.

    Parameters
    ----------
    arrived:
        Called on the portal's loop with the address that the consent page led to.
    ended:
        Called there when nothing came in ten minutes, or a newer sign-in took the port over.
    """

    def __init__(self, arrived: Callable[[Secret], None], ended: Callable[[], None]) -> None:
        self._arrived = arrived
        self._ended = ended
        self._listener: Listener | None = None
        self._state = Secret("")
        self._given_up = Secret("")

    @property
    def is_open(self) -> bool:
        """Whether somebody listens now."""
        return self._listener is not None and self._listener.is_open

    def expect(self, redirect_uri: str, link: str) -> bool:
        """Listen for the answer to this consent link; False where it has to be pasted."""
        states = parse_qs(urlsplit(link).query).get("state", [])
        state = Secret(states[0]) if states else Secret("")
        if not state or state == self._given_up:
            return False
        if self.is_open and state == self._state:
            return True
        self.stop()
        self._state = state
        self._listener = listen(redirect_uri, state, self._arrived, lambda: self._give_up(state))
        return self._listener is not None

    def stop(self) -> None:
        """Listen no more."""
        if self._listener is not None:
            self._listener.close()
        self._listener = None

    def close(self) -> None:
        """The same, from any thread."""

        async def stop() -> None:
            self.stop()

        if self.is_open:
            portal.submit(stop())

    def _give_up(self, state: Secret) -> None:
        # Not begun anew for the same link: two panels would take the port from each other for ever.
        self._given_up = state
        self._ended()
