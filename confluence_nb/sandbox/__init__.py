"""An embedded Confluence Cloud: sign-in, several sites and both APIs over real sockets, for demos and tests."""

from confluence_nb.sandbox.options import Options
from confluence_nb.sandbox.server import Sandbox

__all__ = ["Options", "Sandbox"]
