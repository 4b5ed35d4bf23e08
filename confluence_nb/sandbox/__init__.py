"""An embedded Confluence Cloud: sign-in, several sites and both APIs over real sockets, for demos and tests."""

from confluence_nb.sandbox.options import Options

__all__ = ["Options"]
