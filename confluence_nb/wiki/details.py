"""What the API tells of one page at a time only: its versions, properties and likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from confluence_nb.api.catalog import collection
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.pull.shapes import Shape, chained, columns_about, of_any_kind, rows_about
from confluence_nb.wiki.pulling import Step
from confluence_nb.wiki.reading import Reading


class Details(Reading):
    """`versions`, `properties`, `likes`."""

    def versions(
        self,
        pages: object = None,
        *,
        space: object = None,
        body: str | None = None,
        names: bool = False,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """The history: one row for each version of each page, the newest first.

        Parameters
        ----------
        pages:
            An id, several, a Series, or a frame of pages or blog posts; ids of attachments and comments too.
        space:
            Keys or ids of spaces: the versions of their pages.
        body:
            `"storage"` or `"atlas_doc_format"` adds `page_body`, the text of that version.
        names:
            True adds `author`.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `page_id` (the id given), `page_title` (at that version), `message`, `author_id` string; `number` Int64;
        `minor_edit` boolean; `created_at` datetime (UTC); `page_body` string when asked for.

        One request for each page at least: the API has no list of many pages' versions.

        Source: `GET /wiki/api/v2/pages/{id}/versions` and those of other content.
        """
        return self._below_each(
            "/pages/{id}/versions",
            pages,
            space,
            {"body_format": body},
            limit,
            progress,
            self._naming(names),
            of_any_kind,
        )

    def properties(
        self,
        pages: object = None,
        *,
        space: object = None,
        key: str | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Content properties: what apps have stored with pages.

        Parameters
        ----------
        pages:
            An id, several, a Series, or a frame of pages or blog posts; ids of comments, folders … too.
        space:
            Keys or ids of spaces: the properties of their pages.
        key:
            Only the properties of that key.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `page_id` (the id given), `id`, `key`, `value` (JSON text, for `json.loads`), `version_author_id` … string;
        `version_number` Int64; `version_created_at` datetime (UTC).

        One request for each page at least.

        Source: `GET /wiki/api/v2/pages/{page-id}/properties` and those of other content.
        """
        return self._below_each("/pages/{page-id}/properties", pages, space, {"key": key}, limit, progress)

    def likes(
        self,
        pages: object = None,
        *,
        space: object = None,
        names: bool = False,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Who likes what: one row for each like.

        Parameters
        ----------
        pages:
            An id, several, a Series, or a frame of pages or blog posts; ids of comments too.
        space:
            Keys or ids of spaces: the likes of their pages.
        names:
            True adds `name`, who likes it.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `page_id` (the id given), `account_id`: string.

        One request for each page at least.

        Source: `GET /wiki/api/v2/pages/{id}/likes/users` and those of other content.
        """
        return self._below_each(
            "/pages/{id}/likes/users", pages, space, {}, limit, progress, self._naming(names)
        )

    def _below_each(
        self,
        path: str,
        pages: object,
        space: object,
        params: Mapping[str, object],
        limit: int | None,
        progress: bool | None,
        steps: Sequence[Step] = (),
        shape: Shape | None = None,
    ) -> pd.DataFrame:
        """A list that the API has below each page only; `path` is that of pages."""
        name = path.partition("}/")[2]
        if pages is None and space is None:
            raise ConfluenceNBError(
                f"The API has no list of a whole site's {name.replace('/', ' ')}. Say of which pages, with "
                "wiki.pages(space=…) for example, or give space=."
            )
        found = self._asked_about(pages, space, params, path, limit=limit)
        columns = columns_about(collection(path).columns_for(params))

        def told(subject: str) -> Shape:
            about = rows_about(subject, columns[0])
            return about if shape is None else chained(shape, about)

        return self._pulled(
            (part for _, part in self._routes().below_each(found, name, told, params)),
            columns,
            endpoint=f"GET /wiki/api/v2{path}",
            said={"pages": pages, "space": space, **params},
            limit=limit,
            progress=progress,
            skipped=found.left_out(name),
            steps=steps,
            spent=found.spent,
        )
