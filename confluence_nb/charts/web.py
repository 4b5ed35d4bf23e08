"""Which page links to which: the links in bodies as a network of pages, with those that lead to none."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from confluence_nb.charts.columns import a_frame, column, spaces_of, texts
from confluence_nb.content import links as links_of

_CALL = 'wiki.pages(body="storage") or content.links(pages)'
_TO_PAGES = ("page", "blogpost", "content")


@dataclass(frozen=True)
class Web:
    """Pages and the links between them.

    `nodes` has one row for each page that links or is linked, by its key: `title`, `space`, `state` and `linked`, how
    many pages link to it. `state` is "page"; "missing" where the space is known and has no page of that title;
    "outside" where nothing is known of the page. `edges` has `source`, `target` and `links`, how often.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame


def web(frame: pd.DataFrame, pages: pd.DataFrame | None) -> Web:
    """The network of a frame of pages with bodies, or of one of links.

    Raises
    ------
    ConfluenceNBError
        A column that is needed is not there.
    """
    frame = a_frame(frame, "links", _CALL)
    if {"page_id", "kind", "target_id"} <= set(frame.columns):
        links = frame
        known = None if pages is None else _known(a_frame(pages, "links", "wiki.pages()"))
    else:
        column(frame, "body", "links", _CALL)
        known = _known(frame)
        bodies = known.assign(body=texts(frame["body"])).dropna(subset="id").drop_duplicates("id")
        whole = (
            known if pages is None else pd.concat([known, _known(a_frame(pages, "links", "wiki.pages()"))])
        )
        links = links_of(bodies, pages=whole)
        known = whole
    return _joined(links, known)


def _known(pages: pd.DataFrame) -> pd.DataFrame:
    """Id, title and space of pages."""
    found = {name: texts(column(pages, name, "links", _CALL)) for name in ("id", "title")}
    spaces = spaces_of(pages)
    return pd.DataFrame(found if spaces is None else {**found, "space_key": spaces})


def _joined(links: pd.DataFrame, known: pd.DataFrame | None) -> Web:
    links = links[links["kind"].isin(_TO_PAGES)]
    source, target, title = (
        texts(column(links, name, "links", _CALL)) for name in ("page_id", "target_id", "title")
    )
    once = pd.DataFrame({"id": [], "title": []}, dtype="string") if known is None else known
    once = once.dropna(subset="id").drop_duplicates("id").set_index("id")
    spaces = once["space_key"] if "space_key" in once.columns else pd.Series(dtype="string")
    space = texts(column(links, "space_key", "links", _CALL)).fillna(texts(source.map(spaces)))
    # No id begins with a question mark, so what is known by its title alone never meets what has an id.
    key = target.fillna("?" + space.fillna("") + "/" + title)
    rows = pd.DataFrame({"source": source, "target": key, "title": title, "space": space, "id": target})
    rows = rows[rows["source"].notna() & rows["target"].notna() & (rows["source"] != rows["target"])]
    edges = rows.groupby(["source", "target"], as_index=False, sort=True).size()
    edges = edges.rename(columns={"size": "links"})

    keys = pd.Index(pd.unique(pd.concat([edges["source"], edges["target"]])), dtype="string")
    named = rows.drop_duplicates("target").set_index("target")
    nodes = pd.DataFrame(index=keys)
    nodes["title"] = texts(once["title"].reindex(keys).fillna(named["title"].reindex(keys))).array
    nodes["title"] = nodes["title"].fillna(pd.Series("page " + keys, index=keys))
    nodes["space"] = texts(spaces.reindex(keys).fillna(named["space"].reindex(keys))).array
    nodes["state"] = _states(nodes, known is not None, once.index, spaces)
    nodes["linked"] = edges["target"].value_counts().reindex(keys, fill_value=0).astype("int64")
    return Web(nodes, edges)


def _states(nodes: pd.DataFrame, knows: bool, ids: pd.Index, spaces: pd.Series) -> pd.Series:
    by_title = nodes.index.str.startswith("?")
    if not knows:
        return pd.Series("page", index=nodes.index).mask(by_title, "missing")
    # Without spaces every page that was not found is missing: nothing says that it lies elsewhere.
    here = nodes["space"].isin(spaces.dropna().unique()) if spaces.notna().any() else True
    state = pd.Series("outside", index=nodes.index).mask(nodes.index.isin(ids), "page")
    return state.mask(by_title & here, "missing")
