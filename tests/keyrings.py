"""Keyrings as they come, good and bad: backends for the tests of whatever keeps a sign-in in one."""

from __future__ import annotations

import threading

from keyring.errors import KeyringLocked, PasswordDeleteError

CANARY = "canary-8d1f-" * 400
"""Longer than any keyring item may be on Windows, and easy to find where it should not be."""


class Works:
    """A keyring as it should be: several users of one instance are several processes on one machine."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.items:
            raise PasswordDeleteError("not found")
        del self.items[service, username]


class WindowsError(Exception):
    """As pywintypes.error: no KeyringError."""


class Windows(Works):
    """2,560 bytes of UTF-16 in an item; the last writer of a service owns it."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2_560:
            raise WindowsError(1783, "CredWrite", f"The stub received bad data: {password}")
        assert all(user == username for kept, user in self.items if kept == service), (
            "two names in one service"
        )
        super().set_password(service, username, password)


class Truncates(Works):
    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:1_280])


class Fails(Works):
    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"no room for {password}")


class Locked(Works):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")


class Garbage(Works):
    def get_password(self, service: str, username: str) -> str | None:
        return "\x00garbage" if super().get_password(service, username) else None


class KeepsForEver(Works):
    def delete_password(self, service: str, username: str) -> None:
        pass


class Hangs(Works):
    def __init__(self) -> None:
        super().__init__()
        self.answers = threading.Event()
        self.answers.set()
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        self.answers.wait(30)
        return super().get_password(service, username)


class DiesAt(Windows):
    """Raises at the nth change, as a process killed there would leave the keyring."""

    def __init__(self, items: dict[tuple[str, str], str], changes: int) -> None:
        super().__init__()
        self.items = items
        self.changes_left = changes

    def _count(self) -> None:
        if self.changes_left == 0:
            raise KeyboardInterrupt
        self.changes_left -= 1

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password) <= 1_280:
            self._count()
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._count()
        super().delete_password(service, username)
