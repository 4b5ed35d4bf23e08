"""Which Confluence sites a grant covers, and which one a name means: an exact match or a question."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from confluence_nb.errors import AmbiguousSite, SiteNotFound, Unreachable, harmless

RESOURCES_PATH = "/oauth/token/accessible-resources"
_UNKNOWN_FORM = "The list of sites came in a form that is not known. Try again; if it stays so, report it."


@dataclass(frozen=True, repr=False)
class Site:
    """One Confluence site of a grant.

    `id` is the cloudId, `url` the address people know, `scopes` what this grant may do on this site: they
    can differ from site to site under one token.
    """

    id: str
    name: str
    url: str
    scopes: tuple[str, ...] = ()
    avatar_url: str | None = None

    @property
    def host(self) -> str:
        """`acme.atlassian.net`"""
        return _host_of(self.url) or harmless(self.url)

    def __str__(self) -> str:
        return self.host

    def __repr__(self) -> str:
        return f"Site({self.host!r}, name={self.name!r}, id={self.id!r}, {len(self.scopes)} scopes)"


def confluence_sites(resources: Any) -> tuple[Site, ...]:
    """Read accessible-resources: Confluence entries only, one Site for each cloudId, scopes united.

    A site that has Jira too is listed twice under one id, so entries are told apart by their scopes.
    Order is by host: the order of the answer means nothing.

    Source: `GET /oauth/token/accessible-resources`.
    """
    if not isinstance(resources, list):
        raise Unreachable(_UNKNOWN_FORM, path=RESOURCES_PATH)
    found: dict[str, Site] = {}
    for entry in resources:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            continue
        told = entry.get("scopes")
        scopes = tuple(scope for scope in told if isinstance(scope, str)) if isinstance(told, list) else ()
        if not any("confluence" in scope for scope in scopes):
            continue
        if not entry["id"] or _text(entry["id"]) != entry["id"]:
            raise Unreachable(_UNKNOWN_FORM, path=RESOURCES_PATH)
        known = found.get(entry["id"], Site(entry["id"], "", ""))
        found[entry["id"]] = Site(
            id=entry["id"],
            # What one entry says another of the same site may leave out.
            name=_text(entry.get("name")) or known.name,
            url=_text(entry.get("url")) or known.url,
            scopes=tuple(dict.fromkeys((*known.scopes, *scopes))),
            avatar_url=_text(entry.get("avatarUrl")) or known.avatar_url,
        )
    return tuple(sorted(found.values(), key=lambda site: (site.host, site.id)))


def _text(value: Any) -> str:
    """A text that any encoding can hold; empty for what is none."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else ""


def find_site(sites: Sequence[Site], wanted: str) -> Site:
    """The one site that `wanted` names: its host, the URL of any page on it, its name or its cloudId.

    `acme` is the name of `acme.atlassian.net` beside the one that its owner gave it. Only an exact match
    counts, letter case and the rest of a URL aside.

    Raises
    ------
    SiteNotFound, AmbiguousSite
        With the sites of the grant.
    """
    text = wanted.strip()
    host = _host_of(text)
    by_id = [site for site in sites if site.id == text.lower() or site.id == text]
    by_host = [site for site in sites if host and site.host == host]
    by_name = [
        site
        for site in sites
        if text.casefold() in (site.name.casefold(), site.host.split(".")[0].casefold())
    ]
    for matches in (by_id, by_host, by_name):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise AmbiguousSite(
                f"{text[:200]!r} names {len(matches)} sites: {_listed(matches)}. Name one by its host or cloudId.",
                matches,
            )
    raise SiteNotFound(_not_found(sites, wanted), sites)


def only_site(sites: Sequence[Site]) -> Site:
    """The grant's site when there is just one; never the first of many.

    Raises
    ------
    SiteNotFound, AmbiguousSite
    """
    if len(sites) == 1:
        return sites[0]
    if sites:
        raise AmbiguousSite(
            f"This sign-in covers {len(sites)} sites: {_listed(sites)}. Choose one in the panel, or call "
            f'wiki.use("{sites[0].host}").',
            sites,
        )
    raise SiteNotFound(
        "This sign-in covers no Confluence site. Sign in again and tick the site on the consent page; if it is not "
        "offered there, your account has no Confluence on it or an administrator has to allow the app.",
        sites,
    )


def missing_scopes(site: Site, asked: Iterable[str]) -> tuple[str, ...]:
    """Confluence scopes that were asked for and that this site lacks."""
    return tuple(scope for scope in asked if "confluence" in scope and scope not in site.scopes)


def _host_of(text: str) -> str | None:
    """The host in an address, with or without scheme; None for what cannot be one."""
    candidate = text.strip().rstrip("/")
    is_one_word = candidate.isprintable() and " " not in candidate
    if not is_one_word or ("." not in candidate and "://" not in candidate):
        return None
    try:
        parts = urlsplit(candidate if "://" in candidate else f"//{candidate}")
        host = parts.hostname
        port = parts.port
    except ValueError:
        return None
    if not host:
        return None
    host = host.rstrip(".").lower()
    return host if port in (None, 443) else f"{host}:{port}"


def _not_found(sites: Sequence[Site], wanted: str) -> str:
    names = {
        name.casefold(): site for site in sites for name in (site.host, site.name, site.host.split(".")[0])
    }
    asked = (_host_of(wanted) or wanted.strip()).casefold()
    near = difflib.get_close_matches(asked, names, n=1, cutoff=0.6)
    hint = f" Did you mean {names[near[0]].host}?" if near else ""
    covered = f"It covers {_listed(sites)}." if sites else "It covers no Confluence site."
    return (
        f"This sign-in does not cover a site named {wanted[:200]!r}.{hint} {covered} "
        "To add a site, sign in again and tick it on the consent page."
    )


def _listed(sites: Sequence[Site], most: int = 12) -> str:
    names = [site.host for site in sites[:most]]
    more = len(sites) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
