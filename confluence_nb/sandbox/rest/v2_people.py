"""People of the v2 API: names for account ids, a hundred and more at a time; and kinds for content ids."""

from __future__ import annotations

import re
from typing import Any

import orjson

from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v2, whole
from confluence_nb.sandbox.rest.problems import v2_problem
from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.numbering import Kind, read_id
from confluence_nb.sandbox.wiki.pages import Ref
from confluence_nb.sandbox.wiki.tree import TYPE_NAMES

_MOST = 250
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MOST_CONVERTED = 100
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Etc/UTC")


def user_row(content: SiteContent, index: int) -> Row:
    """A person; some hide their email, and some have no personal space."""
    account = content.accounts[index]
    personal = next(
        (space for space in content.spaces if space.type == "personal" and space.author == index), None
    )
    bits = content.chance.bits(index, 180)
    return {
        "displayName": account.name,
        "timeZone": None if bits & 3 == 0 else _ZONES[bits >> 2 & 3],
        "personalSpaceId": None if personal is None else personal.id,
        "isExternalCollaborator": bits >> 8 & 15 == 1,
        "accountStatus": "inactive" if bits >> 12 & 15 == 1 else "active",
        "accountId": account.account_id,
        "email": "" if bits >> 16 & 1 else account.email,
        "accountType": "app" if account.name.startswith("Release Bot") else "atlassian",
        "publicName": account.name.split(" ")[0],
        "profilePicture": {"path": f"/wiki/aa-avatar/{account.account_id}", "isDefault": bits >> 20 & 1 == 1},
    }


def _given(call: Call, name: str) -> list[Any]:
    try:
        values = orjson.loads(call.request.body)[name]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise v2_problem(400, "INVALID_REQUEST_BODY", f"The body has to be an object with '{name}'") from None
    if not isinstance(values, list):
        raise v2_problem(400, "INVALID_REQUEST_BODY", f"'{name}' has to be a list")
    return values


def _users_bulk(call: Call) -> Answer:
    asked = _given(call, "accountIds")
    if not 1 <= len(asked) <= _MOST:
        raise v2_problem(400, "INVALID_REQUEST_BODY", f"'accountIds' takes 1 to {_MOST} account ids")
    indexes = [call.content.account_index(str(account_id)) for account_id in dict.fromkeys(map(str, asked))]
    rows = whole(call, [user_row(call.content, index) for index in indexes if index is not None])
    return plain({"results": rows, "_links": {"base": call.base}}, points=1 + 2 * len(rows), rows=len(rows))


def _convert_ids(call: Call) -> Answer:
    given = _given(call, "contentIds")
    if len(given) > _MOST_CONVERTED:
        raise v2_problem(400, "INVALID_REQUEST_BODY", f"'contentIds' takes at most {_MOST_CONVERTED} ids")
    asked = dict.fromkeys(map(str, given))
    types = {identifier: _type_of(call.content, identifier) for identifier in asked}
    return plain({"results": types})


def _type_of(content: SiteContent, identifier: str) -> str | None:
    found = read_id(identifier)
    if found is None:
        return None
    ref = Ref(*found)
    if ref.kind in (Kind.FOOTER_COMMENT, Kind.INLINE_COMMENT):
        return TYPE_NAMES[ref.kind] if content.comment(ref.kind, identifier) else None
    if ref.kind is Kind.CUSTOM_CONTENT:
        item = content.custom.get(ref.number)
        return item.type if item else None
    known = content.tree.get(ref) or content.owner(ref)
    return TYPE_NAMES[ref.kind] if known is not None else None


def _without_access(call: Call) -> Answer:
    """Which addresses are of nobody who may use this site, and which are no addresses."""
    asked = [str(email) for email in _given(call, "emails")]
    known = {account.email.casefold() for account in call.content.accounts}
    invalid = [email for email in asked if not _EMAIL.fullmatch(email)]
    strangers = [email for email in asked if email not in invalid and email.casefold() not in known]
    return plain({"emailsWithoutAccess": strangers, "invalidEmails": invalid})


OPERATIONS = (
    v2("/user/access/check-access-by-email", _without_access, "read:configuration", method="POST"),
    v2("/users-bulk", _users_bulk, "read:user", method="POST"),
    v2("/content/convert-ids-to-types", _convert_ids, "read:content.metadata", method="POST"),
)
