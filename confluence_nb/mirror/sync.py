"""One sync from its beginning to its record: who may write, what is read in which order, when it counts as finished."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd

from confluence_nb._moments import clock
from confluence_nb.errors import ConfluenceNBError, MissingScope, RateLimited, Unreachable
from confluence_nb.mirror.answers import place_answers
from confluence_nb.mirror.holdings import HOLDINGS, IDS_AT_ONCE, Holding, chosen_names, copied_names
from confluence_nb.mirror.lease import Hold, Lease, last_hold, own_hold
from confluence_nb.mirror.lists import SHARE, Lists
from confluence_nb.mirror.renames import linking_to
from confluence_nb.mirror.run import LINKED, Progress, Run
from confluence_nb.mirror.schema import promised, to_arrow
from confluence_nb.mirror.source import Source
from confluence_nb.mirror.spaces import chosen_spaces, spaces_shown
from confluence_nb.mirror.store import Store
from confluence_nb.mirror.syncs import SyncRecord, Syncs
from confluence_nb.mirror.table import MirrorTable
from confluence_nb.notices import ConfluenceNBWarning
from confluence_nb.panel.progress import progress_bar

LISTED_EACH_TIME = 100_000
"""Ids of a collection up to which each sync lists them all, if the hour's points suffice: it costs a point for each."""

LISTED_AT_LEAST = timedelta(days=1)
"""How often a larger collection is listed all the same: nothing else finds what was deleted."""

_PEOPLE = ("author_id", "owner_id", "last_owner_id", "version_author_id", "space_owner_id")


def sync(
    source: Source,
    path: str | os.PathLike[str],
    *,
    spaces: object,
    collections: object,
    without: object = None,
) -> None:
    """Bring the mirror at `path` up to date with a wiki, or begin it.

    Raises
    ------
    SyncUnderWay
        When another sync of this mirror is under way.
    ConfluenceNBError
        For a place or a choice that cannot be, before any request; when the mirror is of another site; of the kind
        that says why when a list breaks off: what was read stays.
    """
    names = None if collections is None else chosen_names(collections)
    left_out = () if without is None else chosen_names(without)
    store = Store(path)
    before = _hold_before(store)
    if before is not None:
        _refuse_another(store, before, source)
    wanted = None if spaces is None else tuple(sorted(source.space_ids(spaces)))
    hold = own_hold(
        source.site,
        source.account,
        chosen_spaces(store, before, wanted),
        copied_names(Syncs(store).finished(), before, names, left_out),
        source.account_id,
    )
    with Lease(store, hold).held() as lease, progress_bar("wiki.sync", None) as bar:
        try:
            _sync(source, store, lease, hold, lambda rows: bar(rows, None))
        except RateLimited as error:
            raise _limit_reached(error) from error
        except ConfluenceNBError as error:
            error.add_note("What was read stays in the mirror: the next sync goes on from there.")
            if isinstance(error, MissingScope):
                error.add_note("Without that scope: wiki.sync(path, without=[…]) leaves a collection out.")
            raise


def _hold_before(store: Store) -> Hold | None:
    """Of what the mirror is, None of one that is yet to be made.

    Raises
    ------
    ConfluenceNBError
        When something else lies there.
    """
    is_new = store.is_empty
    before = last_hold(store)
    finished = Syncs(store).finished() if before is None and not is_new else []
    if finished:
        # Somebody has removed the folder with the hold, to be rid of a lock for instance.
        last = finished[-1]
        return own_hold(last.site, last.account, last.spaces, tuple(last.tables), last.account_id)
    if before is None and not is_new:
        raise ConfluenceNBError(
            f"{store.path} is not empty, and no mirror. Choose another folder, or one that is yet to be made."
        )
    return before


def _sync(source: Source, store: Store, lease: Lease, hold: Hold, progress: Progress) -> None:
    finished = Syncs(store).finished()
    run = Run(
        source=source,
        store=store,
        lease=lease,
        number=finished[-1].number + 1 if finished else 1,
        before=finished[-1] if finished else None,
        started_at=datetime.now(UTC),
        collections=hold.collections,
        progress=progress,
    )
    listed_at = max((record.started_at for record in finished if record.ids_listed), default=None)
    is_listing = listed_at is None or run.started_at - listed_at >= LISTED_AT_LEAST
    ids_listed, linked = True, dict[str, Lists]()
    space_rows = spaces_shown(run, source.whole("spaces"), hold.spaces)
    if space_rows["id"].isna().any():
        raise Unreachable(
            "The list of spaces has one without an id, so not all could be mirrored. Try again."
        )
    spaces = sorted(space_rows["id"].astype(str), key=lambda space: (len(space), space))
    for name in hold.collections:
        holding = HOLDINGS[name]
        if holding.lists:
            lists = Lists(run, holding, spaces, is_part=hold.spaces is not None)
            is_whole = _read_lists(run, lists, is_listing)
            ids_listed &= is_whole
            linked |= {name: lists} if name in LINKED else {}
            if name == "comments":
                _see_to_answers(run, lists, is_whole=is_whole, is_part=hold.spaces is not None)
        elif name == "spaces":
            _put_whole(run, holding, space_rows)
        elif name == "users":
            _put_people(run, holding, everybody=is_listing)
        elif name == "links":
            _follow_renames(run, linked)
        else:
            _put_whole(run, holding, source.whole(name))
    run.lease.prove()
    Syncs(store).add(replace(_record(run, ids_listed), account_id=hold.account_id, spaces=hold.spaces))


def _read_lists(run: Run, lists: Lists, is_listing: bool) -> bool:
    """One collection of long lists; whether all its ids were listed."""
    holding = lists.holding
    if run.before is None or run.since(holding.name) < 0:
        last = lists.read_first()
        if last is None:
            return True
        is_listing = True  # what was read before a kill may be old by now
    else:
        last = run.before.started_at
    is_due = is_listing or lists.rows <= LISTED_EACH_TIME
    # A listing that the hour's points do not suffice for would break off, and the next one too.
    suffices = is_due and lists.points_of_ids() <= run.source.points_left
    if not holding.is_sorted or (suffices and not lists.tells_of_others):
        lists.read_all_ids()
        return True
    most = min(SHARE, run.source.points_left // 2)
    if is_due and not holding.by_id and most >= IDS_AT_ONCE:
        begun = run.before.rounds.get(holding.name, {}) if run.before else {}
        run.rounds[holding.name] = lists.read_a_stretch(begun, most)
        if lists.is_whole:
            return True
        is_listing &= not lists.is_in_order
    lists.read_latest(last)
    if is_due and holding.by_id and lists.points_of_ids(SHARE) <= run.source.points_left:
        lists.ask_about_a_share(run.number)
    elif is_listing:
        _warn_of_deletions(run, lists)
    return False


def _warn_of_deletions(run: Run, lists: Lists) -> None:
    warnings.warn(
        f"What was deleted of the {lists.rows:,} {lists.holding.name} stays in the mirror for now: to list them takes "
        f"{lists.points_of_ids():,} points, and {run.source.points_left:,} are left of this hour. Sync at the "
        "beginning of an hour, before others use the app; wiki.quota() says when that is.",
        ConfluenceNBWarning,
        stacklevel=6,
    )


def _see_to_answers(run: Run, lists: Lists, *, is_whole: bool, is_part: bool) -> None:
    """The answers to comments, where the lists do not tell them, or not on what they are."""
    holding = lists.holding
    if is_whole and lists.lacks_answers:
        pages = [page for name in LINKED if name in run.tables for page in _ids(run.tables[name])]
        _put_whole(run, holding, run.source.whole("comments", pages if is_part else None))
    place_answers(run.table(holding.name), drops_others=is_part)


def _ids(table: MirrorTable) -> Iterator[str]:
    for rows in table.each_file(["id"]):
        yield from rows.column("id").to_pylist()


def _follow_renames(run: Run, linked: Mapping[str, Lists]) -> None:
    """Read again what names pages by titles that they had: its body has changed, and nothing else tells of it."""
    links = run.table("links")
    notes = [note for name in linked for note in run.tables[name].notes(run.since(name))]
    pages = linking_to({title for note in notes for title in note.get("renamed", ())}, links)
    for lists in linked.values():
        lists.read_again(pages)


def _put_whole(run: Run, holding: Holding, frame: pd.DataFrame, *, deletes: bool = True) -> None:
    """A collection that is read whole: what is new or different goes in, what is gone comes out."""
    table = run.table(holding.name, frame if promised(holding.name) is None else None)
    rows = to_arrow(frame, table.schema)
    table.index.begin_seeing()
    keys = table.keys_of(rows)
    differs = table.index.differs(keys, table.facts_of(rows))
    table.index.see(keys)
    if differs.any():
        run.write(holding, frame[differs])
    if deletes:
        run.delete(holding, table.unseen())


def _put_people(run: Run, holding: Holding, *, everybody: bool) -> None:
    """Everybody who occurs as an author; between two listings only those who are new."""
    import pyarrow as pa

    accounts: set[str] = set()
    for table in list(run.tables.values()):
        named = [name for name in table.schema.names if name in _PEOPLE]
        for rows in table.each_file(named) if named else ():
            for column in rows.columns:
                accounts.update(column.unique().drop_null().to_pylist())
    table = run.table(holding.name)
    wanted = sorted(accounts)
    if not everybody:
        known = table.index.has(table.keys_of(pa.table({"account_id": pa.array(wanted, pa.string())})))
        wanted = [account for account, is_known in zip(wanted, known, strict=True) if not is_known]
    if wanted:
        _put_whole(run, holding, run.source.whole("users", wanted), deletes=everybody)


def _record(run: Run, ids_listed: bool) -> SyncRecord:
    """What readers are told of a sync that has come to its end."""
    counts = {}
    for name, table in run.tables.items():
        notes = table.notes(run.since(name))
        counts[name] = {
            what: sum(note.get(what, 0) for note in notes) for what in ("added", "changed", "deleted")
        }
    run.deletions()
    return SyncRecord(
        number=run.number,
        started_at=run.started_at,
        ended_at=datetime.now(UTC),
        site=run.source.site,
        account=run.source.account,
        tables={name: table.version for name, table in run.tables.items()},
        counts=counts,
        requests=run.source.spent.requests,
        points=run.source.spent.points,
        ids_listed=ids_listed,
        rounds={
            name: rounds
            for name, rounds in {**(run.before.rounds if run.before else {}), **run.rounds}.items()
            if name in run.tables
        },
    )


def _limit_reached(error: RateLimited) -> RateLimited:
    """The same for a sync, which goes on in another way than a list."""
    until = "" if error.reset_at is None else f" until {clock(error.reset_at)}"
    return RateLimited(
        f"The site takes no more requests of this app{until}. What was read stays in the mirror: sync again after "
        "that, and it goes on.",
        reset_at=error.reset_at,
        path=error.path,
    )


def _refuse_another(store: Store, before: Hold, source: Source) -> None:
    if before.site != source.site:
        raise ConfluenceNBError(
            f"The mirror in {store.path} is of {before.site}, and {source.site} is in use. Choose the mirror's site "
            f"with wiki.use({before.site!r}), or another folder."
        )
    ids = (before.account_id, source.account_id)
    if ids[0] != ids[1] if all(ids) else before.account != source.account:
        other = "another account" if before.account == source.account else source.account
        raise ConfluenceNBError(
            f"The mirror in {store.path} is what {before.account or 'an account without a name'} sees, and "
            f"{other or 'an account without a name'} is signed in: what one may not see would look deleted. "
            "Sign in with that account, or choose another folder."
        )
