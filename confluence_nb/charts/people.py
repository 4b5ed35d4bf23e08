"""Who writes where: people against spaces, counted."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from confluence_nb.charts.columns import a_frame, checked_count, chosen_column, first_column, spaces_of, texts
from confluence_nb.charts.groups import Groups, count_ticks, grouped
from confluence_nb.charts.look import GREY, PALETTE, SCALE, finished, graph_objects, nothing
from confluence_nb.charts.words import counted, distinct, kind_of, scope_of, sentences, space_labels
from confluence_nb.content.people import Names, names_by_account

if TYPE_CHECKING:
    import plotly.graph_objects as go

_ACCOUNTS = ("author_id", "version_author_id", "created_by")
_NAMED = {"created_by": "creator", "assigned_to": "assignee", "completed_by": "completer"}
"""The columns of names that `names=True` does not call as it calls the ids."""

_CALL = "wiki.pages(), wiki.versions(pages) or wiki.comments(pages)"
_SPACES = 20


def contributors(
    frame: pd.DataFrame, *, by: str | None = None, names: Names = None, top: int = 20
) -> go.Figure:
    """Who writes where: the people with most rows, and how many of them are in which space.

    Parameters
    ----------
    frame:
        Rows with an account id: pages, blog posts, versions, comments, attachments, tasks.
    by:
        The column of account ids; else `author_id`, `version_author_id` or `created_by`, whichever is there first.
        `by="version_author_id"` counts pages by who changed them last.
    names:
        Names of people: a dict, a Series, or the frame of `wiki.users(pages)`. Without them the column is taken that
        `names=True` put beside the ids; a person without a name is the end of the account id.
    top:
        How many people have a line of their own, at most 60. The others share one.

    Returns
    -------
    A figure: a heat map of people and spaces, or bars where the rows are of one space or tell none.

    Raises
    ------
    ConfluenceNBError
        There is no column of account ids, or `names` is of no form that is understood.
    """
    frame = a_frame(frame, "contributors", _CALL)
    account = first_column(frame, _ACCOUNTS, "contributors", _CALL) if by is None else by
    accounts = texts(chosen_column(frame, "by", account))
    checked_count(top, "top", 60, "More lines cannot be read.")
    one, many = kind_of(frame)
    spaces = spaces_of(frame)
    scope = scope_of(frame, spaces)
    people = grouped(accounts, top)
    if not people.keys:
        words = f"No {many}" if frame.empty else f"No {many} with an author"
        return nothing(f"{many.capitalize()}{scope}, by person", words)
    named = _names(frame, account, accounts, names_by_account(names))
    lines = list(distinct({key: named.get(key, f"…{key[-6:]}") for key in people.keys}).values())
    if people.gathered:
        lines.append(f"{people.gathered:,} others")
    anonymous = int((people.codes < 0).sum())
    where = None if spaces is None else grouped(spaces, _SPACES)
    several = where is not None and (len(where.keys) > 1 or bool((where.codes[people.codes >= 0] < 0).any()))
    figure = graph_objects().Figure()
    if where is not None and several:
        _heat_map(figure, lines, people, where, many)
    else:
        _bars(figure, lines, people, many)
    figure.update_yaxes(type="category", autorange="reversed", tickmode="linear", dtick=1, showgrid=False)
    figure.update_layout(height=170 + 26 * len(lines), yaxis_ticklabelstandoff=6)
    written = len(frame) - anonymous
    return finished(
        figure,
        f"{counted(written, one, many)}{scope}, by {counted(accounts.nunique(), 'person', 'people')}"
        + (" and space" if several else ""),
        x="Space" if several else many.capitalize(),
        note=sentences(
            None
            if named
            else "People are the ends of their account ids: names=wiki.users(…) brings their names.",
            anonymous and f"{anonymous:,} more tell no author.",
        ),
    )


def _names(frame: pd.DataFrame, account: str, accounts: pd.Series, given: Any) -> dict[Hashable, str]:
    """Names by account id, from the column beside the ids and from what the caller gave."""
    beside = _NAMED.get(account, account.removesuffix("_id").removeprefix("version_"))
    found: dict[Hashable, str] = {}
    # In a frame of pages `author` is who wrote the page, not who changed it last.
    if beside in frame.columns and not (account.startswith("version_") and "author_id" in frame.columns):
        pairs = pd.DataFrame({"id": accounts, "name": texts(frame[beside])}).dropna().drop_duplicates("id")
        found = dict(zip(pairs["id"], pairs["name"], strict=True))
    return found | {str(key): str(name) for key, name in given.items()}


def _heat_map(figure: go.Figure, lines: list[str], people: Groups, where: Groups, many: str) -> None:
    columns = space_labels(where.keys, 18)
    columns += [f"{where.gathered:,} others"] if where.gathered else []
    codes = where.codes
    if (codes[people.codes >= 0] < 0).any():
        columns.append("no space")
        codes = np.where(codes < 0, len(columns) - 1, codes)
    both = people.codes >= 0
    cells = np.zeros((len(lines), len(columns)), dtype=np.int64)
    np.add.at(cells, (people.codes[both], codes[both]), 1)
    apart = cells[: len(people.keys)]
    figure.add_heatmap(
        x=columns,
        y=[f"{line}  {total:,}" for line, total in zip(lines, cells.sum(axis=1), strict=True)],
        z=[[int(cell) or None for cell in row] for row in cells],
        # The others together are many: a scale up to theirs would leave each person pale.
        zmin=0,
        zmax=int(apart.max()),
        xgap=2,
        ygap=2,
        texttemplate="%{z:,}",
        hovertemplate=f"%{{y}}<br>%{{z:,}} {many} in %{{x}}<extra></extra>",
        hoverongaps=False,
        colorscale=SCALE,
        showscale=False,
    )
    figure.update_xaxes(type="category", tickmode="linear", dtick=1)


def _bars(figure: go.Figure, lines: list[str], people: Groups, many: str) -> None:
    totals = np.bincount(people.codes[people.codes >= 0], minlength=len(lines))
    figure.update_xaxes(**count_ticks(int(totals.max())))
    figure.add_bar(
        x=totals,
        y=lines,
        orientation="h",
        marker_color=[PALETTE[0]] * len(people.keys) + [GREY] * (people.gathered > 0),
        text=totals,
        texttemplate="%{x:,}",
        textposition="outside",
        cliponaxis=False,
        hovertemplate=f"%{{y}}: %{{x:,}} {many}<extra></extra>",
    )
