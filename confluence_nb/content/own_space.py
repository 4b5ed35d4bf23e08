"""Links within a space: the storage format leaves out its key, which whoever reads the page elsewhere needs."""

from __future__ import annotations

from typing import Any

from confluence_nb.content.names import RI
from confluence_nb.content.targets import addressed

_KEY, _TITLE = RI + "space-key", RI + "content-title"
_PAGES = (RI + "page", RI + "blog-post")


def space_of(url: object) -> str | None:
    """The key of the space that a page's address names, None where it names none."""
    return addressed(url).space_key if isinstance(url, str) else None


def in_space(root: Any, key: str | None) -> Any:
    """The tree of a body with the space's key at each page that is named by its title alone, in place.

    Parameters
    ----------
    root:
        The tree of a page of that space.
    key:
        None where it is not known.
    """
    if key and key.isprintable():  # another one is no key, and no text of XML
        for resource in root.iter(*_PAGES):
            if resource.get(_TITLE) and not resource.get(_KEY):
                resource.set(_KEY, key)
    return root
