"""Attachments as files in a folder."""

from __future__ import annotations

from confluence_nb.wiki.reading import Reading


class Files(Reading):
    """Attachments as files in a folder."""
