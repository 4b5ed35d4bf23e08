"""The wiki from a terminal or a timer: sign in once, keep the sign-in alive, keep a mirror fresh."""

from confluence_nb.cli.commands import main

__all__ = ["main"]
