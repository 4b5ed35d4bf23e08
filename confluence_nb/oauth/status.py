"""What is known of a sign-in, for people: account, site, scopes, expiry and where it is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from confluence_nb.oauth.sites import Site


@dataclass(frozen=True)
class Status:
    """What is known of a sign-in, without asking anybody.

    `expires_at` is when the access token ends (UTC); it renews itself, so the sign-in does not end with it.
    `missing_scopes` are those asked for that the chosen site lacks.
    """

    signed_in: bool
    account: str | None
    site: Site | None
    scopes: tuple[str, ...]
    missing_scopes: tuple[str, ...]
    expires_at: datetime | None
    renews_itself: bool
    remembered: str
    note: str | None = None

    def __repr__(self) -> str:
        if not self.signed_in:
            return "Not signed in." + (f" {self.note}" if self.note else "")
        lines = [
            f"account     {self.account or 'unknown'}",
            f"site        {self.site.host if self.site else 'not chosen'}",
            f"scopes      {' '.join(self.scopes)}",
            f"expiry      {_spoken_expiry(self)}",
            f"remembered  {self.remembered}",
        ]
        if self.missing_scopes:
            lines.insert(3, f"missing     {' '.join(self.missing_scopes)}")
        if self.note:
            lines.append(f"note        {self.note}")
        return "\n".join(lines)


def _spoken_expiry(status: Status) -> str:
    if status.expires_at is None:
        return "unknown"
    ends = f"{status.expires_at:%Y-%m-%d %H:%M} UTC"
    return f"renews itself; present token until {ends}" if status.renews_itself else f"ends at {ends}"


def note_of(state_checked: bool, renewable: bool) -> str | None:
    """What a new sign-in lacks, None when nothing."""
    notes = []
    if not state_checked:
        notes.append(
            "What was pasted had no state in it, so it could not be checked that it answers this very sign-in."
        )
    if not renewable:
        notes.append("Atlassian gave no refresh token: this sign-in ends in one hour.")
    return " ".join(notes) or None
