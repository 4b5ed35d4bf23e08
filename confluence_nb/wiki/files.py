"""Attachments as files in a folder."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from os import PathLike
from time import monotonic
from typing import Any

import pandas as pd

from confluence_nb._given import truth
from confluence_nb.api.columns import Column
from confluence_nb.api.download import DOWNLOAD, Attachment, Download, Outcome
from confluence_nb.api.download_folder import DownloadFolder
from confluence_nb.api.filenames import place_of
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.frames import FrameBuilder
from confluence_nb.frames.sites import with_site
from confluence_nb.notices import LeftOut
from confluence_nb.panel.progress import progress_bar
from confluence_nb.pull import subjects
from confluence_nb.pull.subjects import refuse_doubled
from confluence_nb.wiki.reading import Reading

COLUMNS = (
    Column("id", "string", ("id",)),
    Column("page_id", "string", ("page_id",)),
    Column("title", "string", ("title",)),
    Column("path", "string", ("path",)),
    Column("bytes", "Int64", ("bytes",)),
    Column("status", "category", ("status",), ("saved", "resumed", "unchanged", "skipped")),
    Column("reason", "string", ("reason",)),
)

_NEEDED = ("id", "title", "file_size", "version_number")
_CONTAINERS = ("page_id", "blog_post_id", "custom_content_id")


class Files(Reading):
    """Attachments as files in a folder."""

    def download(
        self, attachments: object, folder: str | PathLike[str], *, progress: bool | None = None
    ) -> pd.DataFrame:
        """Save attachments as files. Called again, it brings what is missing or has changed.

        A file lies at `<id of its page>/<its id>-<its title>` below the folder; what a title has in it that a
        system does not take, or that would lead elsewhere, becomes `_`. A file has its name only when it is whole;
        until then it grows under the name with `.part` at the end, and a later call goes on from there. The
        wiki's token never leaves for the host that keeps the files.

        Parameters
        ----------
        attachments:
            A frame of `attachments()`, or ids: one, several, a Series. Ids are looked up, one request each.
        folder:
            Where to; it is made if need be.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        One row for each attachment, in the order given: `id`, `page_id`, `title`, `path`, `reason` string;
        `bytes` Int64; `status` category.

        The status is `saved`, `resumed` (went on with a part), `unchanged` (was here in this version, so its bytes
        were not asked for) or `skipped` (for the `reason`; also in `attrs["skipped"]`).

        Raises
        ------
        ConfluenceNBError
            For a folder that cannot be written to, or a frame without the columns, before anything is asked; and
            when no more can be brought for now, with the rows so far in `.frame`.
        NotFound, NotPermitted
            For one bare id that cannot be had; of several it is `skipped`.

        Source: `GET /wiki/rest/api/content/{id}/child/attachment/{attachmentId}/download`.
        """
        if progress is not None:
            truth("progress", progress)
        wanted, single = _wanted(attachments)
        self._refuse_other_sites(attachments)
        into = DownloadFolder(folder)
        for container in {attachment.container for attachment in wanted if attachment.container}:
            into.check(container)
        site = self._chosen_site()
        download = Download(self._client, self._session, self._http, site, into, wanted, single)
        began = monotonic()
        try:
            with progress_bar(f"Files to {into.path.name}", progress, unit="files") as bar:
                self._run(download.run(bar))
        except ConfluenceNBError as error:
            error.frame = self._told(_frame(download, monotonic() - began))
            raise
        frame = self._told(_frame(download, monotonic() - began))
        if skipped := frame.attrs["skipped"]:
            first = skipped[0]
            why = first["reason"].rstrip(".")
            warnings.warn(
                f"{len(skipped):,} of {len(frame):,} files are left out, first {first['id']} ({why}). "
                "frame.attrs['skipped'] lists each with its reason.",
                LeftOut,
                stacklevel=2,
            )
        return frame

    def _told(self, frame: pd.DataFrame) -> pd.DataFrame:
        return with_site(frame, str(frame.attrs["site"])) if self._tells_site else frame


def _wanted(given: object) -> tuple[list[Attachment], bool]:
    if not isinstance(given, pd.DataFrame):
        found = subjects(given)
        return [Attachment(attachment) for attachment in found.ids], found.single
    missing = [name for name in _NEEDED if name not in given.columns]
    if not any(name in given.columns for name in _CONTAINERS):
        missing.append(_CONTAINERS[0])
    if missing:
        raise ConfluenceNBError(
            f"The frame has no column {', '.join(map(repr, missing))}. Give a frame of wiki.attachments(), or the ids "
            "alone: they are looked up."
        )
    refuse_doubled(given, *_NEEDED, *_CONTAINERS, "status")
    return list({attachment.id: attachment for attachment in _of_frame(given)}.values()), False


def _of_frame(frame: pd.DataFrame) -> Iterator[Attachment]:
    containers = [name for name in _CONTAINERS if name in frame.columns]
    names = [*_NEEDED, *containers, *(["status"] if "status" in frame.columns else [])]
    for values in frame[names].astype(object).itertuples(index=False, name=None):
        told = [value if pd.api.types.is_scalar(value) and not pd.isna(value) else None for value in values]
        row = dict(zip(names, told, strict=True))
        container = next((str(row[name]) for name in containers if row[name] is not None), None)
        page = row.get("page_id")
        attachment = Attachment(
            id=str(row["id"]),
            container=container,
            page_id=None if page is None else str(page),
            title=str(row["title"] or ""),
            size=_number(row["file_size"]),
            version=_number(row["version_number"]),
            status=row.get("status"),
        )
        place_of(container or "0", attachment.id, "")  # an id that is none is said before anything is asked
        yield attachment


def _number(told: Any) -> int | None:
    """A number of bytes or of a version; None for what is none, as the site may say or a frame may hold."""
    try:
        found = int(told)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if 0 <= found < 2**63 else None


def _frame(download: Download, seconds: float) -> pd.DataFrame:
    outcomes = download.outcomes
    builder = FrameBuilder(COLUMNS)
    builder.add([_row(outcome) for outcome in outcomes], base=None)
    return builder.frame(
        {
            "site": download.site.host,
            "endpoint": f"GET {DOWNLOAD}",
            "parameters": {"folder": str(download.folder.path)},
            "rows": len(outcomes),
            "complete": len(outcomes) == len(download.wanted),
            "requests": download.requests,
            "seconds": round(seconds, 3),
            "skipped": [
                {"id": outcome.attachment.id, "reason": outcome.reason}
                for outcome in outcomes
                if outcome.status == "skipped"
            ],
        }
    )


def _row(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.attachment.id,
        "page_id": outcome.attachment.page_id,
        "title": outcome.attachment.title,
        "path": None if outcome.path is None else str(outcome.path),
        "bytes": outcome.size,
        "status": outcome.status,
        "reason": outcome.reason,
    }
