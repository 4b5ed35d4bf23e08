"""An embedded Confluence Cloud on loopback: sign-in, several sites, both APIs; for demos and tests."""

from confluence_nb.sandbox.options import Options
from confluence_nb.sandbox.server import Sandbox

__all__ = ["Options", "Sandbox"]
