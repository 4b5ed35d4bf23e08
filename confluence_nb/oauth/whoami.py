"""Asks for the name of who signed in: Atlassian's profile where the sign-in may read it, else the first site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from confluence_nb.errors import ConfluenceNBError, harmless
from confluence_nb.oauth.sites import Site

PROFILE_SCOPE = "read:me"

LONGEST_NAME = 200
"""Characters."""

Read = Callable[[str], Awaitable[Any]]
"""One signed GET of a path below the API's origin."""


async def account_name(
    read: Read, sites: Callable[[], Awaitable[tuple[Site, ...]]], may_read_profile: bool
) -> str | None:
    """The name of the account, None where an answer has none.

    Parameters
    ----------
    sites:
        Tells the sites of the grant; the first is asked when the profile does not answer.
    may_read_profile:
        Whether the grant has the scope `read:me`.

    Raises
    ------
    ConfluenceNBError
        When neither answers.
    """
    if may_read_profile:
        try:
            return _name(await read("/me"), "name", "nickname", "email")
        except ConfluenceNBError:
            pass  # the site may tell it all the same
    found = await sites()
    if not found:
        return None
    path = f"/ex/confluence/{found[0].id}/wiki/rest/api/user/current"
    return _name(await read(path), "displayName", "publicName")


def _name(said: Any, *fields: str) -> str | None:
    if not isinstance(said, Mapping):
        return None
    names = (said.get(field) for field in fields)
    told = next((name for name in names if isinstance(name, str) and name.strip()), None)
    # On one line, since it stands in lines; half a surrogate pair is in JSON what no file and no page can hold.
    return told and harmless(" ".join(told.split()).encode("utf-8", "replace").decode()[:LONGEST_NAME])
