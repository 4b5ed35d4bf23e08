"""Runs a pull to its frame: resumable when it breaks off, and plain about what it went on without."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from operator import index
from typing import TYPE_CHECKING, Any

import pandas as pd

from confluence_nb._callers import callers_level
from confluence_nb._given import is_several, truth
from confluence_nb._http import ClientPerLoop
from confluence_nb.api.columns import Column
from confluence_nb.connection import Connection
from confluence_nb.errors import ConfluenceNBError, NotFound
from confluence_nb.frames.sites import with_site
from confluence_nb.notices import LeftOut
from confluence_nb.oauth.session import Session
from confluence_nb.oauth.sites import Site
from confluence_nb.panel.progress import progress_bar
from confluence_nb.pull import Part, Pull
from confluence_nb.pull.spent import Spent

if TYPE_CHECKING:
    from confluence_nb.sandbox import Sandbox

Step = Callable[[pd.DataFrame], pd.DataFrame]
"""What is still done to the frame of a finished pull: put in order, given names. It may add to the `attrs`."""

Facts = Callable[[], Mapping[str, Any]]
"""What `attrs` say of a pull that may change as it is read."""


@dataclass(frozen=True)
class Question:
    """A pull, and how it becomes the frame that was asked for.

    `tells_site` puts the site beside each row.
    """

    pull: Pull
    steps: Sequence[Step]
    facts: Facts
    tells_site: bool = False

    def rows_so_far(self) -> pd.DataFrame:
        """What has been read, as the lists gave it."""
        return self._finished(self._frame())

    def answer(self) -> pd.DataFrame:
        """The frame of a finished pull.

        Raises
        ------
        NotFound
            When no list was answered but in the words that a wrong site has for everything.
        """
        if self.pull.is_silent:
            raise NotFound(self._nothing_there(), status=404)
        frame = self._frame()
        for step in self.steps:
            made = step(frame)
            made.attrs = frame.attrs
            frame = made
        return self._finished(frame)

    def _frame(self) -> pd.DataFrame:
        frame = self.pull.frame()
        frame.attrs.update(deepcopy(dict(self.facts())))
        return frame

    def _finished(self, frame: pd.DataFrame) -> pd.DataFrame:
        return with_site(frame, str(self.pull.facts["site"])) if self.tells_site else frame

    def _nothing_there(self) -> str:
        refused = self.pull.refused
        first = (self.pull.skipped or {})[refused[0]]
        if self.pull.done:
            return f"Nothing that was asked for is there, of {len(refused):,} in all. {first}"
        return (
            f"Nothing is there of the first {len(refused):,} asked for, and the rest is left unasked. {first} "
            "If they were only deleted, wiki.resume() goes on with the rest."
        )


class Pulling(Connection):
    """A connection that turns lists into frames; `Reading` says which lists."""

    def __init__(self, session: Session, http: ClientPerLoop, *, sandbox: Sandbox | None = None) -> None:
        super().__init__(session, http, sandbox=sandbox)
        self._question: Question | None = None

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
        if self._question is None:
            raise ConfluenceNBError("There is nothing to resume: no pull of this wiki broke off.")
        begun_by = self._question.pull.account
        if begun_by != self._session.account:
            raise ConfluenceNBError(
                f"The pull was begun as {begun_by} and {self._session.account} is signed in now: what two "
                "accounts see is not mixed. Call the helper again; the rows so far are in wiki.partial."
            )
        return self._answered(self._question, None)

    @property
    def partial(self) -> pd.DataFrame | None:
        """The rows of the pull that broke off, None when none did."""
        question = self._question
        # On the portal's thread, where the rows are put in: an interrupted pull may still be at it.
        return None if question is None else self._run(_called(question.rows_so_far))

    def _leave_what_broke_off(self) -> None:
        """A helper begins to ask: should it break off before its own list, `resume()` is not to give another's rows."""
        self._question = None

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
        facts: Facts = dict,
        expected: Callable[[], int | None] | None = None,
        spent: Spent | None = None,
    ) -> pd.DataFrame:
        """The rows of all parts as one frame.

        Parameters
        ----------
        said:
            What the caller asked for, as `attrs["parameters"]` tells it.
        skipped:
            Ids that are left out already, and why; None when nothing here can be left out.
        facts:
            What else `attrs` say, asked for whenever a frame is made.
        expected:
            As of `Pull`.
        spent:
            What was asked to come this far.
        """
        if progress is not None:
            truth("progress", progress)
        before = spent or Spent()
        pull = Pull(
            parts=parts,
            columns=columns,
            facts={
                "site": self._chosen_site().host,
                "endpoint": endpoint,
                "parameters": {name: _plain(value) for name, value in said.items() if value is not None},
            },
            account=self._session.account,
            wanted=rows_wanted(limit),
            skipped=None if skipped is None else dict(skipped),
            expected=expected,
            requests=before.requests,
            points=before.points,
        )
        return self._answered(Question(pull, steps, facts, self._tells_site), progress)

    def _answered(self, question: Question, progress: bool | None) -> pd.DataFrame:
        self._question = question
        try:
            with progress_bar(str(question.pull.facts["endpoint"]), progress) as bar:
                self._run(question.pull.run(bar))
            frame = question.answer()
        except BaseException as error:
            # Others may have asked meanwhile, from another thread or from the progress of this.
            self._question = question
            if isinstance(error, ConfluenceNBError):
                error.frame = question.rows_so_far()
            elif isinstance(error, KeyboardInterrupt):
                error.add_note("What was read so far is in wiki.partial; wiki.resume() goes on from there.")
            raise
        if self._question is question:
            self._question = None
        if skipped := frame.attrs.get("skipped"):
            _warn_of(skipped)
        return frame

    def _chosen_site(self) -> Site:
        return self._run(self._session.site())


async def _called(function: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    return function()


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
            f"limit={repr(limit)[:40]} is no number of rows. Give a whole number, or None for all."
        )
    return rows


def _warn_of(skipped: Sequence[Mapping[str, str]]) -> None:
    first = skipped[0]
    others = f", and {len(skipped) - 1:,} more" if len(skipped) > 1 else ""
    why = first["reason"].rstrip(".")
    warnings.warn(
        f"Left out: {first['id']} ({why}){others}. frame.attrs['skipped'] lists each with its reason.",
        LeftOut,
        stacklevel=callers_level(),
    )


def _plain(value: object) -> Any:
    """A parameter as JSON knows it, for `attrs`: Parquet files and `attrs` comparisons need no more."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, pd.DataFrame):
        return f"a frame of {len(value):,} rows"
    if isinstance(value, Iterator):
        return f"a {type(value).__name__}"  # what it held is gone
    if is_several(value):
        items = list(value)
        return [_plain(item) for item in items] if len(items) <= 100 else f"{len(items):,} values"
    return str(value)
