"""`python -m confluence_nb.sandbox`: run the sandbox until Ctrl-C, and say how a notebook finds it."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from confluence_nb.sandbox.options import Options
from confluence_nb.sandbox.server import Sandbox


def build_parser() -> argparse.ArgumentParser:
    """One option per knob, its help taken from the knob."""
    parser = argparse.ArgumentParser(
        prog="python -m confluence_nb.sandbox",
        description="An embedded Confluence Cloud on 127.0.0.1: sign-in, several sites and both APIs.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--verbose", action="store_true", help="write a line per request to standard error")
    for knob in fields(Options):
        flag, about = f"--{knob.name.replace('_', '-')}", knob.metadata["about"].replace("%", "%%")
        choices = knob.metadata["choices"] or None
        kind: type = type(knob.default)
        if isinstance(knob.default, bool):
            action = argparse.BooleanOptionalAction
            parser.add_argument(flag, action=action, default=knob.default, help=about)
        elif isinstance(knob.default, tuple):
            parser.add_argument(flag, nargs="*", default=knob.default, metavar="STR", help=about)
        else:
            metavar = None if choices else kind.__name__.upper()
            parser.add_argument(
                flag, type=kind, choices=choices, default=knob.default, metavar=metavar, help=about
            )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until interrupted; 2 for a knob out of range or a port that cannot be had."""
    given = vars(build_parser().parse_args(arguments))
    if given.pop("verbose"):
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    knobs: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}
    try:
        sandbox = Sandbox(Options(**knobs))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    with sandbox:
        print(_directions(sandbox), flush=True)
        try:
            sandbox.wait()
        except KeyboardInterrupt:
            print("Stopped.")
    return 0


def _directions(sandbox: Sandbox) -> str:
    return f"""\
The sandbox is at {sandbox.url} (Ctrl-C stops it).

  client id      {sandbox.client_id}
  client secret  {sandbox.client_secret}
  callback URL   {sandbox.redirect_uri}

For confluence_nb.connect() in a notebook, set before starting Jupyter:

export CONFLUENCE_AUTH_URL={sandbox.url}
export CONFLUENCE_API_URL={sandbox.url}
export CONFLUENCE_CLIENT_ID={sandbox.client_id}
export CONFLUENCE_CLIENT_SECRET={sandbox.client_secret}
export CONFLUENCE_REDIRECT_URI={sandbox.redirect_uri}
"""


if __name__ == "__main__":
    sys.exit(main())
