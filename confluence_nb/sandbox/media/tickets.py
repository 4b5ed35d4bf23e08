"""Tickets that let one version of one file be fetched for a while, by whoever holds the address."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import uuid4

import orjson

from confluence_nb.sandbox.clock import Clock
from confluence_nb.sandbox.wiki.things import Attachment

PREFIX = "/media/file/"
LIFETIME = 600.0
"""How long a ticket is good for, seconds."""


@dataclass(frozen=True)
class Ticket:
    """What may be fetched: a version of a file, of a site by its cloudId."""

    site: str
    attachment: str
    version: int


class Tickets:
    """Writes tickets into addresses and reads them back; nothing is kept, a signature proves them.

    Parameters
    ----------
    url:
        Origin of the sandbox.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._client = str(uuid4())

    def address(self, site: str, file: Attachment, version: int) -> str:
        """Where a version of a file can be had from now on."""
        said = orjson.dumps([site, file.id, version, self._clock.now() + LIFETIME])
        token = f"{urlsafe_b64encode(said).decode()}.{self._signature(said)}"
        query = urlencode({"token": token, "client": self._client, "dl": "true", "name": file.title})
        return f"{self._url}{PREFIX}{file.file_id}/binary?{query}"

    def read(self, token: str) -> Ticket | None:
        """The ticket, or None for one that is forged or has expired."""
        written, _, signature = token.partition(".")
        try:
            said = urlsafe_b64decode(written)
            if not hmac.compare_digest(self._signature(said), signature):
                return None
            site, attachment, version, expires = orjson.loads(said)
        except (ValueError, TypeError):
            return None
        return Ticket(site, attachment, version) if self._clock.now() < expires else None

    def _signature(self, said: bytes) -> str:
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()
