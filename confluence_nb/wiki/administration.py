"""What administrators and analysts ask of a site."""

from __future__ import annotations

from confluence_nb.wiki.reading import Reading


class Administration(Reading):
    """What administrators and analysts ask of a site."""
