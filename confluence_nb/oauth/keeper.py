"""Keeps one grant fresh: renews it early and once for all who wait, and adopts what another process renewed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from confluence_nb._http import ClientPerLoop
from confluence_nb._patience import backoff
from confluence_nb.cloud import Cloud
from confluence_nb.errors import ConfluenceNBError, SignInRequired, Unreachable
from confluence_nb.notices import NotStored
from confluence_nb.oauth.app import OAuthApp
from confluence_nb.oauth.finishing import finish_before_exit
from confluence_nb.oauth.grant import Grant, renew_grant
from confluence_nb.oauth.record import Keep, Record
from confluence_nb.oauth.vault import VaultFailed
from confluence_nb.secret import Secret

RENEWAL_TRIES = 4
"""A renewal whose answer was lost is asked again with the same refresh token: Atlassian takes it for 10 minutes."""

REST = 30.0
"""Seconds after an early renewal that failed, or as many as the server asks for, until the next one: the token in hand
still lives, and each call would wait for a server that cannot answer."""

LONGEST_PAUSES = 30.0
"""Seconds in all that a renewal waits because the server asks for it; others wait for its lock a minute at most."""

REPLACED = (
    "Somebody signed in anew under this profile in another notebook, perhaps with another account. Run the cell with "
    "connect() again to go on with that sign-in; rows of two accounts are not mixed."
)
FORKED = (
    "The sign-in wants renewal. It is kept in the memory of the notebook that this process was forked from, and to "
    "renew it here would end it there. Renew it there and fork again, or remember it where both can read it: "
    "connect(store=...) with a file or a keyring."
)
FORGOTTEN = "This profile was signed out in another notebook. Sign in again."

STORE_AGAIN_AFTER = 60.0
"""Seconds after which a store that failed is tried again: what is not stored ends with the kernel."""


class GrantKeeper:
    """The grant of one profile, for everything in this process that needs its access token."""

    def __init__(self, http: ClientPerLoop, cloud: Cloud, app: OAuthApp, keep: Keep, grant: Grant) -> None:
        self._http = http
        self._cloud = cloud
        self._app = app
        self._keep = keep
        self.grant = grant
        self.ended: SignInRequired | None = None
        self.unsaved: str | None = None
        self._renewals: dict[asyncio.AbstractEventLoop, asyncio.Task[Grant]] = {}
        self._early: asyncio.Task[Grant] | None = None
        self._renewed_here: Secret | None = None
        self._process = os.getpid()
        self._rests_until = 0.0
        self._store_again_at = 0.0
        self._storing: asyncio.Task[None] | None = None

    async def current(self) -> Grant:
        """A grant whose access token is good for a request, renewed first when its time is near."""
        if self.ended is not None:
            raise SignInRequired(str(self.ended))
        rests = time.monotonic() < self._rests_until and not self.grant.expired()
        if rests or not self.grant.wants_renewal():
            if self.unsaved is not None:
                self._store_in_background()
            return self.grant
        try:
            return await self._renewed(rejected=None)
        except (Unreachable, VaultFailed):
            if self.grant.expired():
                raise
            return self.grant  # the sign-in server or the store is away, but the token in hand still lives

    async def after_rejection(self, rejected: Grant) -> Grant:
        """A grant to try again with, after the API refused this one: another process's, else a renewed one."""
        if self.ended is not None:
            raise SignInRequired(str(self.ended))
        return await self._renewed(rejected=rejected.access_token)

    def vouches_for(self, grant: Grant) -> bool:
        """Whether it was renewed by this process, and not long ago: where that one is refused, no other helps."""
        return grant.access_token == self._renewed_here and not grant.wants_renewal()

    async def adopted(self, rejected: Grant) -> Grant | None:
        """What another process has renewed in the meantime, if it did; never a renewal of our own."""
        if self.grant.access_token == rejected.access_token and self._keep.vault.shared:
            # A store that cannot be read has nothing to adopt; the refusal itself is what matters then.
            with contextlib.suppress(VaultFailed):
                self._adopt(await self._keep.load())
        return None if self.grant.access_token == rejected.access_token else self.grant

    async def _renewed(self, rejected: Secret | None) -> Grant:
        if rejected is not None and self.grant.access_token != rejected:
            return self.grant
        loop = asyncio.get_running_loop()
        task = self._renewals.get(loop)
        can_wait = rejected is None and not self.grant.expired()
        joins = task is not None and not task.done()
        if task is None or task.done():
            task = self._renewals[loop] = loop.create_task(self._renew_or_rest(rejected))
            task.add_done_callback(_seen)
            finish_before_exit(task)
            if can_wait:
                self._early = task
        try:
            # Shielded: whoever waits may be interrupted, but a rotated token that nobody stored would be lost.
            return await asyncio.shield(task)
        except Unreachable:
            # One that came early gave up at once, for others than whoever cannot do without.
            if can_wait or not joins or task is not self._early:
                raise
        return await self._renewed(rejected)

    async def _renew_or_rest(self, rejected: Secret | None) -> Grant:
        try:
            renewed = await self._renew(rejected)
        except (Unreachable, VaultFailed) as error:
            pause = error.pause if isinstance(error, Unreachable) else None
            self._rests_until = time.monotonic() + (pause or REST)
            raise
        self._rests_until = 0.0
        return renewed

    async def _renew(self, rejected: Secret | None) -> Grant:
        if self._process != os.getpid() and (self.unsaved is not None or not self._keep.vault.shared):
            # Two processes with one refresh token, and neither learns of the other's new one.
            raise VaultFailed(FORKED, reason="the process was forked")
        async with self._keep.lock():
            # A store that was emptied or damaged ends nothing: the renewed sign-in is written into it again.
            self._adopt(await self._keep.load())
            stale = (
                self.grant.access_token == rejected if rejected is not None else self.grant.wants_renewal()
            )
            if not stale:
                return self.grant
            await self._prove_store()
            try:
                renewed = await _with_patience(
                    lambda: renew_grant(self._http.client(), self._cloud, self._app, self.grant),
                    # What is early can be done later: no request waits for it.
                    longest=0.0 if rejected is None and not self.grant.expired() else LONGEST_PAUSES,
                )
            except SignInRequired as error:
                await self._end(error)
                raise
            await self._save(renewed)
            self.grant, self._renewed_here = renewed, renewed.access_token
            return renewed

    async def _prove_store(self) -> None:
        """Spend no refresh token whose successor the store would not take.

        Other notebooks read the spent one there, and one that presents it past the leeway ends the sign-in for
        all. A grant that the store never took is ours alone, and so is its successor.

        Raises
        ------
        VaultFailed
        """
        if self.unsaved is not None:
            return
        try:
            await self._write(self.grant)
        except VaultFailed as error:
            raise VaultFailed(
                "The sign-in wants renewal, but the renewed one could not be stored and would be lost to other "
                f"notebooks; so it was left as it is. {error}",
                reason=error.reason,
            ) from None

    def _adopt(self, record: Record) -> None:
        """Take over a stored grant that is newer than ours; an older one is ours from before a failed save.

        Only a renewal of the same consent is taken over: another consent may be another account's.

        Raises
        ------
        SignInRequired
            The sign-in was ended here, or another one has taken its place.
        """
        known = record.of(self._app)
        if known.signed_out is not None and known.signed_out == self.grant.consent:
            # Renewing would write the sign-in back that somebody has just had forgotten.
            self.ended = SignInRequired(FORGOTTEN)
            raise SignInRequired(FORGOTTEN)
        kept = known.grant
        if kept is None or kept.has_tokens_of(self.grant):
            return
        if kept.consent != self.grant.consent:
            if self.unsaved is None:
                self.ended = SignInRequired(REPLACED)
                raise SignInRequired(REPLACED)
            return
        if self.unsaved is None or kept.obtained_at > self.grant.obtained_at:
            self.grant = kept

    def _store_in_background(self) -> None:
        if self._storing is not None or time.monotonic() < self._store_again_at:
            return
        self._store_again_at = time.monotonic() + STORE_AGAIN_AFTER
        self._storing = asyncio.get_running_loop().create_task(self._store_again())
        self._storing.add_done_callback(self._stored)

    def _stored(self, task: asyncio.Task[None]) -> None:
        self._storing = None
        _seen(task)

    async def _store_again(self) -> None:
        async with self._keep.lock():
            record = await self._keep.load()
            kept = record.of(self._app).grant
            if kept is None or kept.consent == self.grant.consent:
                self._adopt(record)
                await self._save(self.grant)

    async def _save(self, renewed: Grant) -> None:
        """Persist before use. A store that fails costs the memory of the sign-in, never the sign-in itself."""
        try:
            await self._write(renewed)
            self.unsaved = None
        except ConfluenceNBError as error:
            if self.unsaved is None:
                warnings.warn(f"The renewed sign-in could not be stored: {error}", NotStored, stacklevel=2)
            self.unsaved = str(error)

    async def _write(self, grant: Grant) -> None:
        await self._keep.change_locked(lambda record: record.changed(self._app, grant=grant))

    async def _end(self, error: SignInRequired) -> None:
        self.ended = error
        dead = self.grant

        def buried(record: Record) -> Record:
            kept = record.of(self._app).grant
            return record.without_grant(self._app) if kept and kept.has_tokens_of(dead) else record

        try:
            await self._keep.change_locked(buried)
        except ConfluenceNBError:
            self.unsaved = "The ended sign-in could not be removed from the store."


async def _with_patience(call: Callable[[], Awaitable[Grant]], longest: float) -> Grant:
    """Ask again where no answer came; pauses that the server asks for are kept, up to so many seconds together."""
    paused = 0.0
    for tried in range(1, RENEWAL_TRIES):
        try:
            return await call()
        except Unreachable as error:
            pause = error.pause
            paused += pause or 0.0
            if pause is not None and paused > longest:
                raise
        await asyncio.sleep(backoff(tried, 0.3) if pause is None else pause)
    return await call()


def _seen(task: asyncio.Task[Any]) -> None:
    """Fetch the outcome, so that a renewal whose waiters were all interrupted is not reported as forgotten."""
    if not task.cancelled():
        task.exception()
