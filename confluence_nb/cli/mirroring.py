"""The command that a timer runs: bring a mirror up to date, and say what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import click

from confluence_nb.cli.answers import Answer, WrongUse, answering
from confluence_nb.cli.profile import Profile, of_a_profile, site_option
from confluence_nb.errors import ConfluenceNBError, NotFound
from confluence_nb.mirror.holdings import chosen_names


@click.command()
@answering
@of_a_profile
@site_option
@click.option(
    "--space", "spaces", multiple=True, metavar="KEY", help="A space to copy; again for more. All without it."
)
@click.option(
    "--collection",
    "collections",
    multiple=True,
    metavar="NAME",
    help="What to copy, such as pages; again for more. Without it what most people need.",
)
@click.option(
    "--without",
    multiple=True,
    metavar="NAME",
    help="What the mirror has and is to hold no longer; again for more.",
)
@click.argument("path")
def sync(
    profile: Profile,
    site: str | None,
    spaces: tuple[str, ...],
    collections: tuple[str, ...],
    without: tuple[str, ...],
    path: str,
) -> Answer:
    """Copy the wiki to PATH, or bring the copy up to date.

    PATH is a folder, or the URL of an object store: s3://…, az://…, gs://…. What a stopped or broken sync has read
    stays, and the next one goes on from there.
    """
    with _wrong_use(ConfluenceNBError):
        for names in (collections, without):
            chosen_names(list(names) or None)
    wiki = profile.wiki(site)
    with _wrong_use(NotFound) if spaces else nullcontext():
        mirror = wiki.sync(
            path,
            spaces=list(spaces) or None,
            collections=list(collections) or None,
            without=list(without) or None,
        )
    last = mirror.versions().iloc[-1]
    numbers = ("version", "added", "changed", "deleted", "requests", "points")
    facts: dict[str, Any] = {
        "path": path,
        "site": last["site"],
        **{name: int(last[name]) for name in numbers},
        "seconds": round((last["ended_at"] - last["started_at"]).total_seconds(), 1),
        "synced_at": last["ended_at"].isoformat(),
    }
    text = (
        f"{mirror!r}\n{facts['added']:,} added, {facts['changed']:,} changed, {facts['deleted']:,} deleted; "
        f"{facts['requests']:,} requests, {facts['seconds']:,} s"
    )
    return Answer(text, facts)


@contextmanager
def _wrong_use(kind: type[ConfluenceNBError]) -> Iterator[None]:
    """What an option cannot be right about, as the exit code says it."""
    try:
        yield
    except kind as error:
        raise WrongUse(str(error)) from error
