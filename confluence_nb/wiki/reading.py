"""How a helper's question becomes one frame: checked, pulled, resumable, with names for ids where wanted."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import index
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from confluence_nb._http import ClientPerLoop
from confluence_nb.api.catalog import collection
from confluence_nb.api.columns import Column
from confluence_nb.api.paging import ListReader
from confluence_nb.connection import Connection
from confluence_nb.errors import ConfluenceNBError, NotFound
from confluence_nb.oauth.session import Session
from confluence_nb.oauth.sites import Site
from confluence_nb.panel.progress import progress_bar
from confluence_nb.pull import Part, Pull, Subjects, subjects
from confluence_nb.pull.people import PeopleIndex
from confluence_nb.pull.routes import Routes
from confluence_nb.pull.slices import SlicedReader
from confluence_nb.pull.spaces import SpaceIndex, space_names
from confluence_nb.pull.subjects import with_kinds
from confluence_nb.wiki.names import with_names

if TYPE_CHECKING:
    from confluence_nb.sandbox import Sandbox

T = TypeVar("T")

Step = Callable[[pd.DataFrame], pd.DataFrame]
"""What is still done to the frame of a finished pull: put in order, given names."""

SPACES_AT_ONCE = 100
"""`space-id` values that one call of GET /pages and GET /blogposts takes."""


class Reading(Connection):
    """A connection that makes frames; the themes of `Wiki` are built on it."""

    def __init__(self, session: Session, http: ClientPerLoop, *, sandbox: Sandbox | None = None) -> None:
        super().__init__(session, http, sandbox=sandbox)
        self._pull: tuple[Pull, Sequence[Step]] | None = None
        self._indexes: dict[tuple[type, str, int], Any] = {}

    def resume(self) -> pd.DataFrame:
        """Go on with the pull that broke off, where it stopped.

        Returns
        -------
        The whole frame, the rows from before included, as the helper that began it would have given it.

        Raises
        ------
        ConfluenceNBError
            When no pull broke off, or another account has signed in since; and when it breaks off again.

        Source: the one of that helper.
        """
        if self._pull is None:
            raise ConfluenceNBError("There is nothing to resume: no pull of this wiki broke off.")
        pull, steps = self._pull
        if pull.account != self._session.account:
            raise ConfluenceNBError(
                f"The pull was begun as {pull.account} and {self._session.account} is signed in now: what two "
                "accounts see is not mixed. Call the helper again; the rows so far are in wiki.partial."
            )
        return self._finish(pull, steps, None)

    @property
    def partial(self) -> pd.DataFrame | None:
        """The rows of the pull that broke off, None when none did."""
        return None if self._pull is None else self._pull[0].frame()

    # ------------------------------------------------------------ one collection

    def _read(
        self,
        path: str,
        params: Mapping[str, object],
        limit: int | None,
        progress: bool | None,
        *,
        space: object = None,
        steps: Sequence[Step] = (),
    ) -> pd.DataFrame:
        """One collection, whole or of some spaces."""
        calls, said = self._calls(path, params, limit, space)
        return self._read_each(path, calls, said, limit, progress, steps=steps)

    def _calls(
        self, path: str, params: Mapping[str, object], limit: int | None, space: object
    ) -> tuple[list[dict[str, object]], dict[str, object]]:
        """The calls that a list takes, one for so many spaces, and what the caller said; checked before any request."""
        given = {name: value for name, value in params.items() if value is not None}
        collection(path).request(given if space is None else {**given, "space_id": ["1"]})
        rows_wanted(limit)
        if space is None:
            return [given], given
        names = space_names(space)
        calls = [{**given, "space_id": some} for some in pieces(self._space_ids(names), SPACES_AT_ONCE)]
        return calls, {**given, "space": names}

    def _read_each(
        self,
        path: str,
        calls: Sequence[Mapping[str, object]],
        said: Mapping[str, object],
        limit: int | None,
        progress: bool | None,
        *,
        skipped: Mapping[str, str] | None = None,
        steps: Sequence[Step] = (),
    ) -> pd.DataFrame:
        """One collection in several calls, where one takes only so many values."""
        entry, wanted = collection(path), rows_wanted(limit)
        for call in calls:
            entry.request(call)  # what is wrong with a parameter is said before anything is asked
        site = self._chosen_site()
        # A search's cursor may grow too long for an address.
        reader = SlicedReader if entry.paging == "cql" else ListReader
        return self._pulled(
            [Part(reader(self._client, site, entry, call, wanted)) for call in calls],
            entry.columns_for(calls[0] if calls else {}),
            endpoint=f"{entry.method} {entry.url}",
            said=said,
            limit=limit,
            progress=progress,
            skipped=skipped,
            steps=steps,
        )

    # --------------------------------------------------------------- many lists

    def _pulled(
        self,
        parts: Iterable[Part],
        columns: Sequence[Column],
        *,
        endpoint: str,
        said: Mapping[str, object],
        limit: int | None,
        progress: bool | None,
        skipped: Mapping[str, str] | None = None,
        steps: Sequence[Step] = (),
        plan: Mapping[str, object] | None = None,
    ) -> pd.DataFrame:
        """The rows of all parts as one frame.

        Parameters
        ----------
        said:
            What the caller asked for, as `attrs["parameters"]` tells it.
        skipped:
            Ids that are left out already, and why; None when nothing here can be left out.
        plan:
            How the lists are read, as `attrs["plan"]` tells it; it may change on the way.
        """
        pull = Pull(
            parts=parts,
            columns=columns,
            facts={
                "site": self._chosen_site().host,
                "endpoint": endpoint,
                "parameters": {name: _plain(value) for name, value in said.items() if value is not None},
                **({} if plan is None else {"plan": plan}),
            },
            account=self._session.account,
            wanted=rows_wanted(limit),
            skipped=None if skipped is None else dict(skipped),
        )
        return self._finish(pull, steps, progress)

    def _finish(self, pull: Pull, steps: Sequence[Step], progress: bool | None) -> pd.DataFrame:
        self._pull = pull, steps
        try:
            with progress_bar(str(pull.facts["endpoint"]), progress) as bar:
                self._run(pull.run(bar))
            frame = pull.frame()
            for step in steps:
                made = step(frame)
                made.attrs = frame.attrs
                frame = made
        except ConfluenceNBError as error:
            error.frame = pull.frame()
            raise
        self._pull = None
        if pull.skipped:
            _warn_of(pull.skipped)
        return frame

    def _routes(self) -> Routes:
        """Readers and parts for the chosen site."""
        return Routes(self._client, self._chosen_site())

    def _chosen_site(self) -> Site:
        return self._run(self._session.site())

    # ------------------------------------------------------------ ids and names

    def _subjects(self, given: object, *, known: bool = True) -> Subjects:
        """What a fan-out is about, every kind known; a single id that is not there is an error at once."""
        found = subjects(given)
        if known and any(subject not in found.kinds for subject in found.ids):
            found = self._run(with_kinds(found, self._client, self._chosen_site()))
        if found.single and found.absent:
            raise NotFound(f"{next(iter(found.absent))}: {next(iter(found.absent.values()))}", status=404)
        return found

    def _subjects_in(self, given: object, space: object, path: str = "/pages") -> Subjects:
        """What a fan-out is about: the content given, or every page of some spaces."""
        if given is not None and space is not None:
            raise ConfluenceNBError("Give either the content or space=, not both.")
        return self._subjects(given if space is None else self._read(path, {}, None, None, space=space))

    def _asked_about(
        self, pages: object, space: object, params: Mapping[str, object], *paths: str, limit: int | None
    ) -> Subjects:
        """What a fan-out is about; the parameters that its lists take are checked before anything is asked."""
        rows_wanted(limit)
        for entry in map(collection, paths):
            entry.request({**{parameter.name: "1" for parameter in entry.path_parameters}, **params})
        return self._subjects_in(pages, space)

    def _space_ids(self, names: list[str]) -> list[str]:
        return self._run(self._index(SpaceIndex).ids_of(names))

    def _space_keys(self, ids: Iterable[str]) -> dict[str, str | None]:
        return self._run(self._index(SpaceIndex).keys_of(ids))

    def _names(self, accounts: Iterable[str]) -> dict[str, str | None]:
        return self._run(self._index(PeopleIndex).names_of(accounts))

    def _naming(self, names: bool) -> list[Step]:
        """The step that puts names beside ids, when `names=True` asks for it."""

        def named(frame: pd.DataFrame) -> pd.DataFrame:
            return with_names(frame, keys_of=self._space_keys, names_of=self._names)

        return [named] if names else []

    def _index(self, kind: type[T]) -> T:
        site = self._chosen_site()
        # Another account may see other things, so what one sign-in found is not told to the next.
        key = (kind, site.id, self._session.sign_ins)
        if key not in self._indexes:
            self._indexes[key] = kind(self._client, site)  # type: ignore[call-arg]  # every index is made alike
        found: T = self._indexes[key]
        return found


def in_given_order(found: Subjects) -> Step:
    """The step that puts the rows of a whole site's list in the order of the ids that were given."""
    places = {subject: place for place, subject in enumerate(found.ids)}

    def ordered(frame: pd.DataFrame) -> pd.DataFrame:
        place = frame["page_id"].map(places)
        return frame.iloc[place.argsort(kind="stable")].reset_index(drop=True)

    return ordered


def rows_wanted(limit: object) -> int | None:
    """`limit=` as a number of rows, None for all.

    Raises
    ------
    ConfluenceNBError
        For anything that is no number of rows.
    """
    if limit is None:
        return None
    try:
        rows = -1 if isinstance(limit, bool) else index(limit)  # type: ignore[arg-type]  # numpy's integers too
    except TypeError:
        rows = -1
    if rows < 0:
        raise ConfluenceNBError(
            f"limit={str(limit)[:40]} is no number of rows. Give a whole number, or None for all."
        )
    return rows


def pieces(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _warn_of(skipped: Mapping[str, str]) -> None:
    first, reason = next(iter(skipped.items()))
    others = f", and {len(skipped) - 1:,} more" if len(skipped) > 1 else ""
    warnings.warn(
        f"Left out: {first} ({reason}){others}. frame.attrs['skipped'] lists each with its reason.",
        UserWarning,
        stacklevel=5,
    )


def _plain(value: object) -> Any:
    """A parameter as JSON knows it, for `attrs`: Parquet files and `attrs` comparisons need no more."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, pd.DataFrame):
        return f"a frame of {len(value):,} rows"
    if isinstance(value, Iterable):
        items = list(value)
        return [_plain(item) for item in items] if len(items) <= 100 else f"{len(items):,} values"
    return str(value)
