"""What lies above and below a page in the tree of its space."""

from __future__ import annotations

from confluence_nb.wiki.reading import Reading


class Tree(Reading):
    """What lies above and below a page in the tree of its space."""
