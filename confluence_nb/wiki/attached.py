"""What hangs on pages and can be asked of the whole site too: attachments and labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from confluence_nb.api.catalog import collection
from confluence_nb.pull import Part, Subjects
from confluence_nb.pull.routes import Routes
from confluence_nb.pull.shapes import PAGE_ID, Shape, columns_about, held_by, labelled, rows_about
from confluence_nb.wiki.reading import SPACES_AT_ONCE, Reading, in_given_order

LABELLED = {"page": "pages", "blogpost": "blogposts", "attachment": "attachments"}
"""What a label can be asked for."""


class Attached(Reading):
    """`attachments`, `labels`."""

    def attachments(
        self,
        pages: object = None,
        *,
        space: object = None,
        filename: str | None = None,
        media_type: str | None = None,
        status: str | Iterable[str] | None = None,
        names: bool = False,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """The files that hang on pages and blog posts; `wiki.download` fetches them.

        Parameters
        ----------
        pages:
            An id, several, a Series, or a frame of pages or blog posts. None, and no space, reads every attachment
            of the site.
        space:
            Keys or ids of spaces: the attachments of their pages.
        filename, media_type:
            The exact file name; the media type, such as `"image/png"`.
        status:
            `"current"`, `"archived"`, `"trashed"` or several; the API's default is current and archived.
        names:
            True adds `author`, who uploaded the present version.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `page_id` (the id given), `id`, `title` (the file's name), `media_type`, `comment`, `file_id`,
        `version_author_id`, `url` … string; `status` category; `file_size` (bytes), `version_number` Int64;
        `created_at`, `version_created_at` datetime (UTC).

        The site's list is read whole where that takes fewer requests than one for each page.

        Source: `GET /wiki/api/v2/attachments`, or that below each page.
        """
        params = {"filename": filename, "mediaType": media_type, "status": status}
        if pages is None and space is None:
            return self._read("/attachments", params, limit, progress, steps=self._naming(names))
        found = self._asked_about(pages, space, params, "/attachments", limit=limit)
        routes, steps = self._routes(), self._naming(names)
        parts: Iterable[Part]
        if self._run(routes.is_shorter_whole(found, "type = attachment")):
            parts = [Part(routes.reader("/attachments", **params), shape=held_by(set(found.ids)))]
            endpoint, steps = "GET /wiki/api/v2/attachments", [in_given_order(found), *steps]
        else:
            parts = (part for _, part in routes.below_each(found, "attachments", _told, params))
            endpoint = "GET /wiki/api/v2/pages/{id}/attachments"
        return self._pulled(
            parts,
            columns_about(collection("/attachments").columns_for(params)),
            endpoint=endpoint,
            said={"pages": pages, "space": space, **params},
            limit=limit,
            progress=progress,
            skipped=found.left_out("attachments"),
            steps=steps,
            spent=found.spent,
        )

    def labels(
        self,
        pages: object = None,
        *,
        space: object = None,
        prefix: str | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Labels: of pages, blog posts and attachments, one row for each label that a page has; or all of the site.

        Parameters
        ----------
        pages:
            An id, several, a Series, or a frame of pages or blog posts; ids of attachments too. None, and no space,
            reads the labels themselves, each once, without `page_id`.
        space:
            Keys or ids of spaces: the labels of their pages.
        prefix:
            `"global"`, `"my"` or `"team"`.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `page_id` (the id given), `id` (of the label), `name` string; `prefix` category.

        Each label is asked for its pages where the site has fewer labels than pages were given.

        Source: `GET /wiki/api/v2/labels` with `/labels/{id}/pages`, or `/pages/{id}/labels`.
        """
        params = {"prefix": prefix}
        if pages is None and space is None:
            return self._read("/labels", params, limit, progress)
        found = self._asked_about(pages, space, params, "/labels", limit=limit)
        routes, steps = self._routes(), []
        labels = self._run(routes.labels(found, prefix))
        if labels is not None:
            parts, steps = _pages_of_labels(routes, found, labels), [in_given_order(found)]
            endpoint = "GET /wiki/api/v2/labels/{id}/pages"
        else:
            parts = (part for _, part in routes.below_each(found, "labels", _told, params))
            endpoint = "GET /wiki/api/v2/pages/{id}/labels"
        return self._pulled(
            parts,
            columns_about(collection("/pages/{id}/labels").columns_for({})),
            endpoint=endpoint,
            said={"pages": pages, "space": space, **params},
            limit=limit,
            progress=progress,
            skipped=found.left_out("labels"),
            steps=steps,
            spent=found.spent,
        )


def _told(subject: str) -> Shape:
    return rows_about(subject, PAGE_ID)


def _pages_of_labels(routes: Routes, found: Subjects, labels: Iterable[Mapping[str, Any]]) -> Iterator[Part]:
    spaces = sorted(set(found.spaces.values()))
    # A label may be on many pages of spaces that nobody asked about.
    known = len(found.spaces) == len(found) and len(spaces) <= SPACES_AT_ONCE
    within = {"space_id": spaces} if known else {}
    given = [
        (root, set(found.of_kind(kind)), {} if kind == "attachment" else within)
        for kind, root in LABELLED.items()
    ]
    for label in labels:
        for root, ids, params in given:
            if ids:
                reader = routes.reader(f"/labels/{{id}}/{root}", id=str(label["id"]), **params)
                yield Part(reader, subject=f"label {label['id']}", shape=labelled(label, ids))
