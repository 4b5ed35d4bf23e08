"""The command `confluence-nb`: which commands there are, and what their exit codes mean."""

from __future__ import annotations

import click

from confluence_nb import __version__
from confluence_nb.cli.answers import EXIT_CODES
from confluence_nb.cli.embedded import demo, sandbox
from confluence_nb.cli.mirroring import sync
from confluence_nb.cli.signing import login, logout, refresh, status


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="confluence-nb")
def main() -> None:
    """A Confluence Cloud wiki, from a terminal or a timer.

    The app comes from CONFLUENCE_CLIENT_ID and CONFLUENCE_CLIENT_SECRET, else from the profile; login asks for it. No
    secret is ever an argument, and none is ever shown.
    """


for _command in (sync, login, status, refresh, logout, demo, sandbox):
    main.add_command(_command)
