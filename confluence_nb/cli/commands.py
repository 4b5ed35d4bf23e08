"""The command `confluence-nb`: which commands there are, and what their exit codes mean."""

from __future__ import annotations

import json
from typing import Any

import click

from confluence_nb import __version__
from confluence_nb.cli.answers import EXIT_CODES, Exit
from confluence_nb.cli.embedded import demo, sandbox
from confluence_nb.cli.mirroring import sync
from confluence_nb.cli.signing import login, logout, refresh, status

_WORDS = "confluence_nb.words"


class _Commands(click.Group):
    """Answers with JSON also where the words of a command are wrong, if that is what they ask for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_WORDS] = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        words: list[str] = ctx.meta[_WORDS]
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if "--json" not in words:
                raise
            facts = {"command": words[0], "done": False, "exit": int(Exit.WRONG_USE), "error": "WrongUse"}
            click.echo(json.dumps({**facts, "message": error.format_message()}))
            ctx.exit(Exit.WRONG_USE)


@click.group(cls=_Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="confluence-nb")
def main() -> None:
    """A Confluence Cloud wiki, from a terminal or a timer.

    The app comes from CONFLUENCE_CLIENT_ID and CONFLUENCE_CLIENT_SECRET, else from the profile; login asks for it. No
    secret is ever an argument, and none is ever shown.
    """


for _command in (sync, login, status, refresh, logout, demo, sandbox):
    main.add_command(_command)
