"""The wiki behind one sandbox site: generated from a seed, editable, never stored."""

from confluence_nb.sandbox.wiki.site import SiteContent

__all__ = ["SiteContent"]
