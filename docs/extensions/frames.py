"""Asks the embedded Confluence once for every frame that the package makes: what the docs say of columns is true."""

from __future__ import annotations

import logging
import sys
import warnings
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

import confluence_nb as cnb
from confluence_nb import Wiki, content
from confluence_nb.sandbox import Sandbox

# A style of code that comes with the theme sends every library's log to the terminal.
logging.disable(logging.INFO)

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from frame_calls import CALLS, MORE_SCOPES  # noqa: E402 (tests/ is on the path only now)

Columns = list[tuple[str, str]]


@cache
def columns_by_name() -> dict[str, Columns]:
    """The columns and dtypes of what each function returns, by its full name, `confluence_nb.Wiki.pages`."""
    with Sandbox(pages=60, spaces=2) as sandbox, TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        wiki = _signed_in(sandbox)
        frames = {
            f"Wiki.{name}": call(wiki, wiki.pages(limit=10), Path(folder)) for name, call in CALLS.items()
        }
        frames |= _of_content(frames["Wiki.pages"])
        frames |= _of_a_page(wiki, frames["Wiki.pages"])
        frames |= _of_a_mirror(wiki, Path(folder) / "mirror")
    return {f"confluence_nb.{name}": _columns(frame) for name, frame in frames.items()}


def _signed_in(sandbox: Sandbox) -> Wiki:
    app = cnb.OAuthApp(
        sandbox.client_id,
        sandbox.client_secret,
        sandbox.redirect_uri,
        scopes=[*cnb.DEFAULT_SCOPES, *MORE_SCOPES],
    )
    wiki = cnb.connect(app=app, store="memory", profile="docs", cloud=cnb.Cloud(sandbox.url, sandbox.url))
    return wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")


def _of_content(pages: pd.DataFrame) -> dict[str, pd.DataFrame]:
    of_many = (
        content.tables,
        content.links,
        content.macros,
        content.tasks,
        content.mentions,
        content.headings,
        content.code,
        content.images,
    )
    return {f"content.{function.__name__}": function(pages) for function in of_many}


def _of_a_page(wiki: Wiki, pages: pd.DataFrame) -> dict[str, pd.DataFrame]:
    page = wiki.page(pages["id"].iloc[0])
    return {"Page.links": page.links, "Page.headings": page.headings, "Page.children": page.children}


def _of_a_mirror(wiki: Wiki, folder: Path) -> dict[str, pd.DataFrame]:
    mirror = wiki.sync(folder)
    kept = (
        "spaces",
        "pages",
        "blogposts",
        "comments",
        "attachments",
        "labels",
        "users",
        "links",
        "deletions",
    )
    frames = {f"Mirror.{name}": getattr(mirror, name)() for name in kept}
    return frames | {"Mirror.versions": mirror.versions(), "Mirror.changes": mirror.changes()}


def _columns(frame: pd.DataFrame) -> Columns:
    return [(str(column), _dtype(frame[column])) for column in frame.columns]


def _dtype(values: pd.Series) -> str:
    """Pandas' own name of the dtype; of objects, what they are."""
    if values.dtype != object:
        return str(values.dtype)
    kinds = {type(value).__name__ for value in values.dropna()}
    return f"object ({', '.join(sorted(kinds)) or 'list'})"
