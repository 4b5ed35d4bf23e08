"""One page: what it says, and how a cell shows it."""

from confluence_nb.page.address import Address, Named, address_of
from confluence_nb.page.page import Page

__all__ = ["Address", "Named", "Page", "address_of"]
