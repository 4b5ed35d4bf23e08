"""The error of a body that is in neither format."""

from __future__ import annotations

from confluence_nb.errors import ConfluenceNBError


class UnreadableBody(ConfluenceNBError):
    """A page body that is neither storage format nor atlas_doc_format; the message says why and where."""
