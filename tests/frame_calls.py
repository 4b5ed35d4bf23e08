"""One call of each helper that gives a frame, for the tests of docstrings and the tables of columns in the docs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from confluence_nb import Wiki

# What the helpers for administrators take beside the default scopes.
MORE_SCOPES = (
    "read:confluence-content.all",
    "read:confluence-content.summary",
    "read:confluence-groups",
    "read:content-details:confluence",
    "read:audit-log:confluence",
)

Call = Callable[[Wiki, pd.DataFrame, Path], pd.DataFrame]

# One call of each helper, with every column that has to be asked for.
CALLS: dict[str, Call] = {
    "ancestors": lambda wiki, pages, _: wiki.ancestors(pages),
    "attachments": lambda wiki, pages, _: wiki.attachments(pages, names=True),
    "audit": lambda wiki, *_: wiki.audit(limit=5),
    "blogposts": lambda wiki, *_: wiki.blogposts(body="storage", names=True),
    "children": lambda wiki, pages, _: wiki.children(pages),
    "collections": lambda wiki, *_: wiki.collections(),
    "comments": lambda wiki, pages, _: wiki.comments(pages, body="storage", names=True),
    "descendants": lambda wiki, pages, _: wiki.descendants(pages),
    "download": lambda wiki, pages, folder: wiki.download(wiki.attachments(pages), folder),
    "groups": lambda wiki, *_: wiki.groups(),
    "labels": lambda wiki, pages, _: wiki.labels(pages),
    "likes": lambda wiki, pages, _: wiki.likes(pages, names=True),
    "pages": lambda wiki, *_: wiki.pages(body="storage", names=True),
    "permissions": lambda wiki, *_: wiki.permissions(),
    "properties": lambda wiki, pages, _: wiki.properties(pages),
    "restrictions": lambda wiki, pages, _: wiki.restrictions(pages),
    "search": lambda wiki, *_: wiki.search("type = page", limit=5),
    "sites": lambda wiki, *_: wiki.sites(),
    "spaces": lambda wiki, *_: wiki.spaces(),
    "tasks": lambda wiki, pages, _: wiki.tasks(pages, body="storage", names=True),
    "templates": lambda wiki, *_: wiki.templates(),
    "users": lambda wiki, pages, _: wiki.users(pages),
    "versions": lambda wiki, pages, _: wiki.versions(pages, body="storage", names=True),
    "views": lambda wiki, pages, _: wiki.views(pages.head(2)),
    "watchers": lambda wiki, pages, _: wiki.watchers(pages, spaces=True),
}
