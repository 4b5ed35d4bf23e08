"""The sites of the sandbox, and how each appears in the list that a token may see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confluence_nb.sandbox.signin.scopes import JIRA, is_confluence

_NARROW = frozenset(
    {
        "read:space:confluence",
        "read:page:confluence",
        "read:attachment:confluence",
        "read:label:confluence",
        "read:confluence-user",
    }
)


@dataclass(frozen=True)
class Site:
    """One Atlassian site.

    Parameters
    ----------
    name, host:
        As people call it, and as browsers do.
    confluence, jira:
        Which products it has; a site with both is listed twice under one id.
    narrowed_to:
        The only scopes this site admits, whatever was granted; None admits all.
    """

    name: str
    host: str
    confluence: bool = True
    jira: bool = False
    narrowed_to: frozenset[str] | None = None

    @property
    def id(self) -> str:
        """The cloudId: the same for a host in every run, so that a remembered choice still holds."""
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, self.host))

    @property
    def url(self) -> str:
        """Address of the site as people open it."""
        return f"https://{self.host}"

    def scopes(self, granted: Iterable[str]) -> tuple[str, ...]:
        """The Confluence scopes that a grant has on this site."""
        return tuple(
            scope
            for scope in granted
            if self.confluence
            and is_confluence(scope)
            and (self.narrowed_to is None or scope in self.narrowed_to)
        )

    def entries(self, granted: Iterable[str]) -> list[dict[str, Any]]:
        """What accessible-resources lists for this site: one entry per product.

        A Jira entry always has scopes of its own, as if Jira had been consented to earlier: a client has to
        tell the two apart by their scopes.
        """
        listed = []
        if self.jira:
            listed.append(self._entry(JIRA, "jira"))
        if self.confluence and (scopes := self.scopes(granted)):
            listed.append(self._entry(scopes, "confluence"))
        return listed

    def is_called(self, text: str) -> bool:
        """True when `text` is its name, host, address or id; case does not matter."""
        wanted = text.strip().lower().removeprefix("https://").rstrip("/")
        return wanted in (self.name.lower(), self.host, self.id)

    def _entry(self, scopes: tuple[str, ...], product: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "url": self.url,
            "scopes": list(scopes),
            "avatarUrl": f"https://avatars.example.com/sites/{self.host.split('.')[0]}-{product}.png",
        }


_NAMED = (
    Site("acme", "acme.atlassian.net", jira=True),
    Site("initech", "initech.atlassian.net", narrowed_to=_NARROW),
    Site("globex", "globex.atlassian.net"),
    Site("hooli-tracker", "hooli-tracker.atlassian.net", confluence=False, jira=True),
)


def make_sites(number: int) -> tuple[Site, ...]:
    """The first `number` sites; beyond the four named ones they are branches of globex."""
    branches = (Site(f"globex-{n}", f"globex-{n}.atlassian.net") for n in range(1, number - len(_NAMED) + 1))
    return (*_NAMED[:number], *branches)
