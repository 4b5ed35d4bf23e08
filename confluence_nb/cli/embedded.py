"""The commands that need no account: the embedded Confluence by itself, and a first look at what it holds."""

from __future__ import annotations

import click

from confluence_nb.cli.answers import Answer, answering
from confluence_nb.connect import demo as open_demo


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
@click.argument("knobs", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def sandbox(context: click.Context, knobs: tuple[str, ...]) -> None:
    """Run the embedded Confluence until Ctrl-C; --help lists its knobs."""
    try:
        from confluence_nb.sandbox.__main__ import main
    except ImportError as error:
        raise click.ClickException(
            f"The embedded Confluence needs {error.name}. Install it with: pip install 'confluence_nb[demo]'"
        ) from None
    try:
        code = main(knobs)
    except KeyboardInterrupt:  # Ctrl-C is how it ends, also before it waits for that
        code = 0
    context.exit(code)


@click.command()
@answering
def demo() -> Answer:
    """Start an embedded Confluence, sign in to it, and read its spaces and pages."""
    wiki = open_demo(sign_in=True)
    spaces, pages = wiki.spaces(), wiki.pages()
    counted = pages["space_id"].value_counts()
    found = [
        {"key": key, "name": name, "pages": int(counted.get(space_id, 0))}
        for space_id, key, name in zip(spaces["id"], spaces["key"], spaces["name"], strict=True)
    ]
    lines = [f"  {space['pages']:>6,} pages in {space['key']}, {space['name']}" for space in found]
    text = "\n".join(
        [
            f"{len(pages):,} pages in {len(found)} spaces of {wiki.site}, each list one DataFrame:",
            "",
            *lines,
            "",
            "The same in a notebook: wiki = confluence_nb.demo()",
            "Your own wiki:          confluence-nb login",
        ]
    )
    return Answer(text, {"site": str(wiki.site), "spaces": found})
