"""Every scope that Atlassian knows for Confluence, and what each permits, in words for the consent page."""

from __future__ import annotations

from collections.abc import Iterable

OFFLINE = "offline_access"
READ_ME = "read:me"

_SPOKEN = {
    OFFLINE: "Stay signed in while you are away",
    READ_ME: "See your name, email address and picture",
    "read:account": "See the profiles of your contacts",
    "read:jira-work": "See Jira projects and issues",
    "read:jira-user": "See people in Jira",
    "write:jira-work": "Change Jira issues",
    "search:confluence": "Search everything you can see in Confluence",
    "readonly:content.attachment:confluence": "Download attachments",
    "read:confluence-content.all": "See all content with its bodies",
    "read:confluence-content.summary": "See summaries of content",
    "read:confluence-content.permission": "See who may do what with content",
    "read:confluence-space.summary": "See summaries of spaces",
    "read:confluence-props": "See content properties",
    "read:confluence-user": "See people in Confluence",
    "read:confluence-groups": "See groups of people",
    "write:confluence-content": "Create and change content",
    "write:confluence-space": "Create and change spaces",
    "write:confluence-file": "Upload attachments",
    "write:confluence-props": "Change content properties",
    "write:confluence-groups": "Change groups of people",
    "manage:confluence-configuration": "Change the settings of Confluence",
}

_READABLE = (
    "analytics.content",
    "app-data",
    "attachment",
    "audit-log",
    "comment",
    "configuration",
    "content",
    "content-details",
    "content.metadata",
    "content.permission",
    "content.property",
    "content.restriction",
    "custom-content",
    "database",
    "email-address",
    "embed",
    "folder",
    "group",
    "hierarchical-content",
    "inlinetask",
    "label",
    "page",
    "relation",
    "space",
    "space-details",
    "space.permission",
    "space.property",
    "space.setting",
    "task",
    "template",
    "user",
    "user.property",
    "watcher",
    "whiteboard",
)
_WRITABLE = (
    "app-data",
    "attachment",
    "audit-log",
    "comment",
    "configuration",
    "content",
    "content.property",
    "content.restriction",
    "custom-content",
    "database",
    "embed",
    "folder",
    "group",
    "inlinetask",
    "label",
    "page",
    "relation",
    "space",
    "space.permission",
    "space.property",
    "space.setting",
    "task",
    "template",
    "user.property",
    "watcher",
    "whiteboard",
)
_DELETABLE = (
    "attachment",
    "comment",
    "content",
    "custom-content",
    "database",
    "embed",
    "folder",
    "page",
    "space",
    "whiteboard",
)

JIRA = ("read:jira-user", "read:jira-work")


_NOUNS = {
    "analytics.content": "how often content is viewed",
    "app-data": "what the app stores",
    "audit-log": "the audit log",
    "configuration": "settings",
    "content": "content",
    "content-details": "content with its details",
    "content.metadata": "where content belongs",
    "custom-content": "content of apps",
    "email-address": "email addresses",
    "hierarchical-content": "what lies under a page",
    "inlinetask": "tasks inside pages",
    "space-details": "spaces with their details",
    "user": "people",
    "user.property": "properties of people",
}


def _noun(word: str) -> str:
    """Several of them, in English: `content.property` are “content properties”."""
    return _NOUNS.get(word) or f"{word.replace('.', ' ')}s".replace("propertys", "properties")


KNOWN: dict[str, str] = {
    **_SPOKEN,
    **{f"read:{word}:confluence": f"See {_noun(word)}" for word in _READABLE},
    **{f"write:{word}:confluence": f"Create and change {_noun(word)}" for word in _WRITABLE},
    **{f"delete:{word}:confluence": f"Delete {_noun(word)}" for word in _DELETABLE},
}
"""Scope to words."""

READING: tuple[str, ...] = tuple(
    scope for scope in KNOWN if scope.startswith(("read", "search")) or scope == OFFLINE
)
"""What an app made only for reading enables."""


def is_confluence(scope: str) -> bool:
    """True for a scope that belongs to Confluence, by its name alone, as a client must tell too."""
    return "confluence" in scope


def known_only(scopes: Iterable[str]) -> tuple[str, ...]:
    """Those that Atlassian knows, each once, in the order asked: the rest are dropped without a word."""
    return tuple(dict.fromkeys(scope for scope in scopes if scope in KNOWN))
