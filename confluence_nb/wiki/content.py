"""The lists that a wiki is made of: spaces, pages, blog posts, tasks, and any other list by its path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from confluence_nb.api.catalog import collections
from confluence_nb.frames.overview import overview
from confluence_nb.pull.shapes import held_by
from confluence_nb.wiki.planning import Planning


class Content(Planning):
    """Spaces, pages, blog posts, tasks; any list with `table`, and which there are."""

    def spaces(
        self,
        *,
        type: str | None = None,  # noqa: A002 (the API's own word, as a keyword only)
        status: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Every space that the account may see.

        Parameters
        ----------
        type, status, sort:
            As `GET /spaces` takes them: `"global"`, `"personal"` …; `"current"`, `"archived"`; `"name"` …
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `id`, `key`, `name`, `author_id`, `homepage_id`, `url` … string; `type`, `status` category;
        `created_at` datetime (UTC).

        Source: `GET /wiki/api/v2/spaces`.
        """
        return self._read("/spaces", {"type": type, "status": status, "sort": sort}, limit, progress)

    def pages(
        self,
        space: object = None,
        *,
        body: str | None = None,
        status: str | Iterable[str] | None = None,
        title: str | None = None,
        sort: str | None = None,
        names: bool = False,
        plan: str | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Every page of the site, or of some spaces.

        Parameters
        ----------
        space:
            A key, an id, several of them, or a frame of `spaces()`. None reads every space.
        body:
            `"storage"` or `"atlas_doc_format"` adds the column `body`.
        status:
            `"current"`, `"archived"`, `"trashed"`, `"deleted"` or several; the API's default is current and
            archived.
        title:
            The exact title, letter case aside.
        sort:
            `"id"`, `"title"`, `"created-date"`, `"modified-date"`, with `-` before it for descending.
        names:
            True adds `space_key`, `author` and `owner`, looked up 250 at a time and remembered.
        plan:
            How a long list is read, as far as you want to say: `"frugal"` never costs more points than one request
            after the other, `"fast"` takes no heed of the hour's points; None is fast while they last.
            `attrs["plan"]` tells what was chosen, and why.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `id`, `title`, `space_id`, `parent_id`, `author_id`, `owner_id`, `url` … string; `status`,
        `parent_type` category; `position`, `version_number` Int64; `created_at`, `version_created_at` datetime
        (UTC); `body` string when asked for.

        Raises
        ------
        NotFound
            For a space that is not there.
        ConfluenceNBError
            Of another kind when the list breaks off; its `.frame` has the rows so far.

        Source: `GET /wiki/api/v2/pages`.
        """
        params = {"body_format": body, "status": status, "title": title, "sort": sort}
        return self._read_planned(
            "/pages", params, limit, progress, space=space, plan=plan, steps=self._naming(names)
        )

    def blogposts(
        self,
        space: object = None,
        *,
        body: str | None = None,
        status: str | Iterable[str] | None = None,
        title: str | None = None,
        sort: str | None = None,
        names: bool = False,
        plan: str | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Every blog post of the site, or of some spaces.

        Parameters
        ----------
        space, body, status, title, sort, plan:
            As for `pages`.
        names:
            True adds `space_key` and `author`, looked up 250 at a time and remembered.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `id`, `title`, `space_id`, `author_id`, `url` … string; `status` category; `version_number` Int64;
        `created_at`, `version_created_at` datetime (UTC); `body` string when asked for.

        Raises
        ------
        NotFound
            For a space that is not there.

        Source: `GET /wiki/api/v2/blogposts`.
        """
        params = {"body_format": body, "status": status, "title": title, "sort": sort}
        return self._read_planned(
            "/blogposts", params, limit, progress, space=space, plan=plan, steps=self._naming(names)
        )

    def tasks(
        self,
        pages: object = None,
        *,
        space: object = None,
        status: str | None = None,
        assigned_to: object = None,
        created_by: object = None,
        body: str | None = None,
        names: bool = False,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """The tasks (checkboxes) of the site, of some spaces, or of some pages and blog posts.

        Parameters
        ----------
        pages:
            An id, several, a Series, or a frame of pages or blog posts. They are asked for 250 at a time.
        space:
            Keys or ids of spaces, instead of pages.
        status:
            `"complete"` or `"incomplete"`.
        assigned_to, created_by:
            Account ids.
        body:
            `"storage"` or `"atlas_doc_format"` adds the column `body`.
        names:
            True adds `space_key`, `creator`, `assignee` and `completer`.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `page_id` (that of a blog post when blog posts are given), `id`, `local_id`, `space_id`, `blog_post_id`,
        `created_by`, `assigned_to`, `completed_by` string; `status` category; `created_at`, `updated_at`, `due_at`,
        `completed_at` datetime (UTC); `body` string when asked for.

        Source: `GET /wiki/api/v2/tasks`.
        """
        params = {
            "status": status,
            "assigned_to": assigned_to,
            "created_by": created_by,
            "body_format": body,
        }
        if pages is None:
            return self._read("/tasks", params, limit, progress, space=space, steps=self._naming(names))
        return self._tasks_of(pages, space, params, limit, progress, names)

    def _tasks_of(
        self,
        pages: object,
        space: object,
        params: dict[str, object],
        limit: int | None,
        progress: bool | None,
        names: bool,
    ) -> pd.DataFrame:
        given = {name: value for name, value in params.items() if value is not None}
        found = self._asked_about(pages, space, given, "/tasks", limit=limit)
        calls = [
            {**given, parameter: ids[start : start + 250]}
            for kind, parameter in (("page", "page_id"), ("blogpost", "blogpost_id"))
            for ids in [found.of_kind(kind)]
            for start in range(0, len(ids), 250)
        ]
        other = {
            subject: f"The API tells no tasks of a {kind}."
            for subject, kind in found.kinds.items()
            if kind not in ("page", "blogpost")
        }
        return self._read_each(
            "/tasks",
            calls,
            {**given, "pages": pages},
            limit,
            progress,
            shape=held_by(set(found.ids)),
            skipped={**found.absent, **other},
            steps=self._naming(names),
            spent=found.spent,
        )

    def table(
        self, path: str, *, limit: int | None = None, progress: bool | None = None, **params: Any
    ) -> pd.DataFrame:
        """Any list of either API as a frame, by its path in the specification.

        Parameters
        ----------
        path:
            `"/pages/{id}/versions"` with `id=…`, `"/wiki/rest/api/group"`; `wiki.collections()` lists them all.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.
        **params:
            As in the specification, an underscore for a hyphen: `space_id=`, `body_format=`.

        Returns
        -------
        The columns of the specification, whatever the number of rows; fields that it lacks follow them.

        Raises
        ------
        ConfluenceNBError
            For an unknown path, parameter or value, with the nearest right one, before any request.

        Source: the list of the v2 or the v1 API at that path.
        """
        return self._read(path, params, limit, progress)

    def collections(self) -> pd.DataFrame:
        """Every list that `table` reads, 108 of both APIs; asks nobody.

        Returns
        -------
        `path`, `scopes` (alternatives, such as `a + b or c`) string; `method`, `api` (v1 or v2), `paging` category;
        `parameters`, `required`, `columns` lists; `most_per_request` Int64 (rows); `granted` boolean: whether this
        sign-in has the scopes on the chosen site, missing while nobody is signed in; `deprecated` boolean.

        Source: Atlassian's OpenAPI files of the v2 and the v1 API.
        """
        return overview(collections(), self._session.granted_scopes() if self.signed_in else None)
