"""The words of CQL: the fields and functions that there are, and which fields can do what."""

from __future__ import annotations

FIELDS = (
    "ancestor",
    "container",
    "content",
    "contributor",
    "created",
    "creator",
    "favourite",
    "id",
    "label",
    "lastmodified",
    "macro",
    "mention",
    "owner",
    "parent",
    "siteSearch",
    "space",
    "space.key",
    "space.title",
    "space.type",
    "text",
    "title",
    "type",
    "user",
    "user.accountid",
    "user.fullname",
    "watcher",
)
FIELDS_BY_NAME = {name.casefold(): name for name in FIELDS}

DATES = ("created", "lastmodified")
TEXTS = ("text", "siteSearch", "title", "space.title", "user.fullname")
SORTABLE = ("title", "created", "lastmodified", "id", "type", "space")
FUNCTIONS = (
    "now",
    "currentUser",
    "startOfDay",
    "startOfWeek",
    "startOfMonth",
    "startOfYear",
    "endOfDay",
    "endOfWeek",
    "endOfMonth",
    "endOfYear",
    "currentSpace",
    "favouriteSpaces",
    "recentlyViewedContent",
    "recentlyViewedSpaces",
)
PEOPLE = (
    "creator",
    "contributor",
    "favourite",
    "mention",
    "owner",
    "watcher",
    "user",
    "user.accountid",
)
