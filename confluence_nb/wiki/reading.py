"""What a helper asks for: collections, of some spaces, about some pages, with names for ids; checked beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from confluence_nb._given import truth
from confluence_nb._http import ClientPerLoop
from confluence_nb.api.catalog import collection
from confluence_nb.api.paging import ListReader
from confluence_nb.errors import ConfluenceNBError, NotFound
from confluence_nb.frames.sites import other_sites
from confluence_nb.oauth.session import Session
from confluence_nb.pull import Part, Subjects, subjects
from confluence_nb.pull.people import PeopleIndex
from confluence_nb.pull.routes import Routes
from confluence_nb.pull.shapes import Shape
from confluence_nb.pull.slices import SlicedReader
from confluence_nb.pull.spaces import SpaceIndex, space_names
from confluence_nb.pull.spent import Spent
from confluence_nb.pull.subjects import with_kinds
from confluence_nb.wiki.names import with_names
from confluence_nb.wiki.pulling import Pulling, Step, rows_wanted

if TYPE_CHECKING:
    from confluence_nb.sandbox import Sandbox

T = TypeVar("T")

SPACES_AT_ONCE = 100
"""`space-id` values that one call of GET /pages and GET /blogposts takes."""


class Reading(Pulling):
    """A connection that makes frames; the themes of `Wiki` are built on it."""

    def __init__(self, session: Session, http: ClientPerLoop, *, sandbox: Sandbox | None = None) -> None:
        super().__init__(session, http, sandbox=sandbox)
        self._indexes: dict[tuple[type, str, int], Any] = {}

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
        spent = Spent()
        calls, said = self._calls(path, params, limit, space, spent)
        return self._read_each(path, calls, said, limit, progress, steps=steps, spent=spent)

    def _calls(
        self, path: str, params: Mapping[str, object], limit: int | None, space: object, spent: Spent
    ) -> tuple[list[dict[str, object]], dict[str, object]]:
        """The calls that a list takes, one for so many spaces, and what the caller said; checked before any request."""
        given = {name: value for name, value in params.items() if value is not None}
        collection(path).request(given if space is None else {**given, "space_id": ["1"]})
        rows_wanted(limit)
        if space is None:
            return [given], given
        names = self._space_names(space)
        self._leave_what_broke_off()
        ids = self._space_ids(names, spent)
        return [{**given, "space_id": some} for some in pieces(ids, SPACES_AT_ONCE)], {
            **given,
            "space": names,
        }

    def _read_each(
        self,
        path: str,
        calls: Sequence[Mapping[str, object]],
        said: Mapping[str, object],
        limit: int | None,
        progress: bool | None,
        *,
        shape: Shape | None = None,
        skipped: Mapping[str, str] | None = None,
        steps: Sequence[Step] = (),
        spent: Spent | None = None,
    ) -> pd.DataFrame:
        """One collection in several calls, where one takes only so many values."""
        entry, wanted = collection(path), rows_wanted(limit)
        for call in calls:
            entry.request(call)  # what is wrong with a parameter is said before anything is asked
        site = self._chosen_site()
        # A search's cursor may grow too long for an address.
        searches = [
            SlicedReader(self._client, site, entry, call, wanted) for call in calls if entry.paging == "cql"
        ]
        others = [ListReader(self._client, site, entry, call, wanted) for call in calls if not searches]
        return self._pulled(
            [Part(reader, shape=shape) for reader in (*searches, *others)],
            entry.columns_for(said),
            endpoint=f"{entry.method} {entry.url}",
            said=said,
            limit=limit,
            progress=progress,
            skipped=skipped,
            steps=steps,
            facts=lambda: searches[0].facts() if searches else {},
            spent=spent,
        )

    def _routes(self) -> Routes:
        """Readers and parts for the chosen site."""
        return Routes(self._client, self._chosen_site())

    # ------------------------------------------------------------ ids and names

    def _subjects(self, given: object, *, known: bool = True) -> Subjects:
        """What a fan-out is about, every kind known; a single id that is not there is an error at once."""
        found = subjects(given)
        self._refuse_other_sites(given)
        self._leave_what_broke_off()
        if known and any(subject not in found.kinds for subject in found.ids):
            found = self._run(with_kinds(found, self._client, self._chosen_site()))
        if found.single and found.absent:
            raise NotFound(f"{next(iter(found.absent))}: {next(iter(found.absent.values()))}", status=404)
        return found

    def _subjects_in(self, given: object, space: object) -> Subjects:
        """What a fan-out is about: the content given, or every page of some spaces."""
        if space is None:
            return self._subjects(given)
        if given is not None:
            raise ConfluenceNBError("Give either the content or space=, not both.")
        try:
            pages = self._read("/pages", {}, None, None, space=space)
        except BaseException as error:
            self._question = None  # going on with it would give a frame of pages, which nobody asked for
            if isinstance(error, ConfluenceNBError):
                error.frame = None
            raise
        found = self._subjects(pages)
        found.spent.add(Spent(pages.attrs["requests"], pages.attrs["points"]))
        return found

    def _asked_about(
        self, pages: object, space: object, params: Mapping[str, object], *paths: str, limit: int | None
    ) -> Subjects:
        """What a fan-out is about; the parameters that its lists take are checked before anything is asked."""
        rows_wanted(limit)
        for entry in map(collection, paths):
            entry.request({**{parameter.name: "1" for parameter in entry.path_parameters}, **params})
        return self._subjects_in(pages, space)

    def _space_names(self, space: object) -> list[str]:
        """`space=` as texts, of this site as far as that can be told."""
        names = space_names(space)
        self._refuse_other_sites(space)
        return names

    def _refuse_other_sites(self, given: object) -> None:
        """A frame says in `attrs` where it comes from: another site has other things under the same ids."""
        origin = given.attrs.get("site") if isinstance(given, (pd.DataFrame, pd.Series)) else None
        site = self._chosen_site()
        if isinstance(origin, str) and origin != site.host:
            raise ConfluenceNBError(
                f"The frame given is of {origin}, and {site.host} is in use: ids mean other things there. Choose the "
                f"frame's site with wiki.use({origin!r}), or read the frame again."
            )
        if others := other_sites(given, site.host):
            raise ConfluenceNBError(
                f"The frame given has rows of {others[0]} too, and {site.host} is in use: ids mean other things there. "
                f"Give this site's rows alone: frame[frame['site'] == {site.host!r}]."
            )

    def _space_ids(self, names: list[str], spent: Spent) -> list[str]:
        return self._run(self._index(SpaceIndex).ids_of(names, spent))

    def _space_keys(self, ids: Iterable[str], spent: Spent) -> dict[str, str | None]:
        return self._run(self._index(SpaceIndex).keys_of(ids, spent))

    def _naming(self, names: bool) -> list[Step]:
        """The step that puts names beside ids, when `names=True` asks for it."""

        def named(frame: pd.DataFrame) -> pd.DataFrame:
            spent = Spent()
            people = self._index(PeopleIndex)
            found = with_names(
                frame,
                keys_of=lambda ids: self._space_keys(ids, spent),
                names_of=lambda accounts: self._run(people.names_of(accounts, spent)),
            )
            spent.add_to(frame.attrs)
            return found

        return [named] if truth("names", names) else []

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


def pieces(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
