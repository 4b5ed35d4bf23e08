"""What the sandbox remembers of consents: codes, grants, and the families of rotating tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from confluence_nb.sandbox.accounts import Account
from confluence_nb.sandbox.clock import Clock
from confluence_nb.sandbox.options import Options
from confluence_nb.sandbox.signin.minting import mint_code, mint_token
from confluence_nb.sandbox.signin.scopes import OFFLINE


class Refused(Exception):
    """A code or refresh token that buys nothing; `error` and `description` are what the client is told."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


@dataclass
class Grant:
    """What one account lets the app do; a later consent adds sites and replaces the scopes."""

    account: Account
    site_ids: set[str]
    scopes: tuple[str, ...]
    revoked: bool = False


@dataclass
class Family:
    """All tokens that descend from one consent; a breach ends them together."""

    grant: Grant
    began_at: float
    revoked: bool = False

    @property
    def ended(self) -> bool:
        return self.revoked or self.grant.revoked


@dataclass(frozen=True)
class Code:
    """An authorization code that was not used yet."""

    grant: Grant
    redirect_uri: str
    challenge: tuple[str, str] | None
    expires_at: float


@dataclass
class RefreshToken:
    family: Family
    issued_at: float
    replaced_at: float | None = None


@dataclass
class AccessToken:
    """`scopes` are those of its issue; `expires_at` comes nearer when its pair is rotated."""

    family: Family
    scopes: tuple[str, ...]
    expires_at: float


@dataclass(frozen=True)
class Pair:
    """What the token endpoint hands out."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_in: int
    scopes: tuple[str, ...]


class Grants:
    """All grants of the one app, under the rules of Atlassian's rotating refresh tokens."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_account: dict[str, Grant] = {}
        self._resource_level: list[Grant] = []
        self._codes: dict[str, Code] = {}
        self._access: dict[str, AccessToken] = {}
        self._refresh: dict[str, tuple[RefreshToken, str]] = {}
        self.codes_issued = 0
        self.pairs_issued = 0
        self.refreshes = 0

    def consent(
        self,
        options: Options,
        account: Account,
        site_ids: Iterable[str],
        scopes: tuple[str, ...],
        redirect_uri: str,
        challenge: tuple[str, str] | None,
    ) -> str:
        """Note an Accept and return the code for it."""
        if options.grant_type == "account":
            grant = self._by_account.get(account.account_id)
            if grant is None or grant.revoked:
                grant = self._by_account[account.account_id] = Grant(account, set(), scopes)
            grant.site_ids.update(site_ids)
            grant.scopes = scopes
        else:
            grant = Grant(account, set(site_ids), scopes)
            self._resource_level.append(grant)
        code = mint_code()
        self._codes[code] = Code(grant, redirect_uri, challenge, self._clock.now() + options.code_lifetime)
        self.codes_issued += 1
        return code

    def take_code(self, code: str) -> Code:
        """The consent behind a code; the code is spent, whether or not the exchange succeeds.

        Raises
        ------
        Refused
            When it is unknown, was used before, or is too old.
        """
        taken = self._codes.pop(code, None)
        if taken is None or taken.grant.revoked or taken.expires_at <= self._clock.now():
            raise Refused("invalid_grant", "Invalid authorization code")
        return taken

    def open_family(self, options: Options, grant: Grant) -> Pair:
        """The first pair of a consent."""
        return self._issue(options, Family(grant, self._clock.now()))

    def rotate(self, options: Options, token: str) -> Pair:
        """Exchange a refresh token for the next pair.

        Raises
        ------
        Refused
            When it is unknown, ended, too old, or was replaced longer ago than the leeway: the last is taken
            for theft and ends its whole family.
        """
        found = self._refresh.get(token)
        if found is None:
            raise Refused("unauthorized_client", "refresh_token is invalid")
        presented, access = found
        now = self._clock.now()
        if (
            presented.family.ended
            or now >= presented.family.began_at + options.refresh_absolute
            or now >= presented.issued_at + options.refresh_idle
        ):
            raise Refused("invalid_grant", "Unknown or invalid refresh token.")
        if presented.replaced_at is not None and now > presented.replaced_at + options.refresh_leeway:
            presented.family.revoked = True
            raise Refused("unauthorized_client", "refresh_token is invalid")
        if presented.replaced_at is None:
            presented.replaced_at = now
            outgoing = self._access[access]
            outgoing.expires_at = min(outgoing.expires_at, now + options.refresh_leeway)
        self.refreshes += 1
        return self._issue(options, presented.family)

    def find(self, token: str | None) -> AccessToken | None:
        """The access token of that text, dead or alive; None when the sandbox never issued it."""
        return None if token is None else self._access.get(token)

    def is_alive(self, token: AccessToken) -> bool:
        """False from its expiry on, and once its family or grant has ended."""
        return not token.family.ended and self._clock.now() < token.expires_at

    def expire_all(self) -> int:
        """Let every living access token expire now; returns how many there were."""
        living = [token for token in self._access.values() if self.is_alive(token)]
        for token in living:
            token.expires_at = self._clock.now()
        return len(living)

    def revoke(self, account_id: str | None) -> int:
        """End the grants of one account, or of all; returns how many ended."""
        ending = [
            grant
            for grant in (*self._by_account.values(), *self._resource_level)
            if not grant.revoked and account_id in (None, grant.account.account_id)
        ]
        for grant in ending:
            grant.revoked = True
        return len(ending)

    def _issue(self, options: Options, family: Family) -> Pair:
        now = self._clock.now()
        scopes = family.grant.scopes
        claims = {"sub": family.grant.account.account_id, "iat": int(now)}
        access = mint_token(claims | {"exp": int(now + options.token_lifetime), "scope": " ".join(scopes)})
        self._access[access] = AccessToken(family, scopes, now + options.token_lifetime)
        refresh = None
        if OFFLINE in scopes:
            refresh = mint_token(claims | {"exp": int(now + options.refresh_idle)})
            self._refresh[refresh] = (RefreshToken(family, now), access)
        self.pairs_issued += 1
        return Pair(access, refresh, int(options.token_lifetime), scopes)
