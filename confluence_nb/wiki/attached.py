"""What hangs on pages and blog posts: comments, attachments, labels, versions, properties, likes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from confluence_nb.api.catalog import collection
from confluence_nb.api.columns import Column
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.pull import Part, Subjects
from confluence_nb.pull.pull import Rows
from confluence_nb.pull.routes import Routes, columns_about, held_by
from confluence_nb.pull.subjects import rows_about
from confluence_nb.wiki.reading import Reading, Step, rows_wanted

COMMENTS = {"footer": "/footer-comments", "inline": "/inline-comments"}

LABELLED = {"page": "pages", "blogpost": "blogposts", "attachment": "attachments"}
"""What a label can be asked for."""

_PAGE_ID = Column("page_id", "string", ("pageId",))
_KIND = Column("kind", "category", ("kind",), tuple(COMMENTS))
_VERSIONED = ("page", "blogpost", "attachment", "custom", "comment")
"""Under which key a version says what it is a version of."""


class Attached(Reading):
    """Comments, attachments, labels, versions, properties, likes."""

    def comments(
        self,
        pages: object = None,
        *,
        space: object = None,
        body: str | None = None,
        names: bool = False,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Footer and inline comments, with the answers to them at any depth.

        Parameters
        ----------
        pages:
            An id, several, a Series, or a frame of pages, blog posts or attachments. None, and no space, reads every
            comment of the site.
        space:
            Keys or ids of spaces: the comments on their pages.
        body:
            `"storage"` or `"atlas_doc_format"` adds the column `body`.
        names:
            True adds `author`, who wrote the present version.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `page_id` (the id given, of a page or whatever it is), `id`, `parent_comment_id` (missing for a comment that
        answers none), `title`, `blog_post_id`, `version_author_id`, `url`, for inline ones
        `properties_inline_original_selection` … string; `kind` (footer or inline), `status`, `resolution_status`
        category; `version_number` Int64; `version_created_at` datetime (UTC); `body` string when asked for.

        The site's two lists are read whole where that takes fewer requests than asking for each page, which takes
        two for each page and one for each comment.

        Source: `GET /wiki/api/v2/footer-comments` and `inline-comments`, or those below each page.
        """
        params = {"body_format": body}
        columns = columns_about(
            [_PAGE_ID, _KIND], *(collection(path).columns_for(params) for path in COMMENTS.values())
        )
        if pages is None and space is None:
            _, routes = self._fan_out(None, None, params, *COMMENTS.values(), limit=limit)
            parts = [
                Part(routes.reader(path, **params), shape=_of_kind(kind)) for kind, path in COMMENTS.items()
            ]
            return self._pulled(
                parts,
                columns,
                endpoint="GET /wiki/api/v2/footer-comments, inline-comments",
                said=params,
                limit=limit,
                progress=progress,
                steps=self._naming(names),
            )
        found, routes = self._fan_out(pages, space, params, *COMMENTS.values(), limit=limit)
        whole = self._run(routes.is_shorter_whole(found, "type = comment", lists=len(COMMENTS)))
        return self._pulled(
            _comments_of_site(routes, found, params) if whole else _comments_of_each(routes, found, params),
            columns,
            endpoint="GET /wiki/api/v2/footer-comments, inline-comments"
            if whole
            else "GET /wiki/api/v2/pages/{id}/footer-comments, inline-comments",
            said={"pages": pages, "space": space, **params},
            limit=limit,
            progress=progress,
            skipped={**found.absent, **found.without_list("footer-comments")},
            steps=[*_in_order(found, whole), *self._naming(names)],
        )

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

        Returns
        -------
        `page_id` (the id given), `id`, `title` (the file's name), `media_type`, `comment`, `file_id`,
        `version_author_id`, `url` … string; `status` category; `file_size` (bytes), `version_number` Int64;
        `created_at`, `version_created_at` datetime (UTC).

        The site's list is read whole where that takes fewer requests than one for each page.

        Source: `GET /wiki/api/v2/attachments`, or that below each page.
        """
        params = {"filename": filename, "mediaType": media_type, "status": status}
        columns = columns_about(collection("/attachments").columns_for(params))
        if pages is None and space is None:
            return self._read("/attachments", params, limit, progress, steps=self._naming(names))
        found, routes = self._fan_out(pages, space, params, "/attachments", limit=limit)
        whole = self._run(routes.is_shorter_whole(found, "type = attachment"))
        return self._pulled(
            [Part(routes.reader("/attachments", **params), shape=held_by(set(found.ids)))]
            if whole
            else _alone(routes.below_each(found, "attachments", _about(_PAGE_ID), params)),
            columns,
            endpoint=_endpoint("attachments", whole=whole),
            said={"pages": pages, "space": space, **params},
            limit=limit,
            progress=progress,
            skipped={**found.absent, **found.without_list("attachments")},
            steps=[*_in_order(found, whole), *self._naming(names)],
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
            An id, several, a Series, or a frame of pages, blog posts or attachments. None, and no space, reads the
            labels themselves, each once, without `page_id`.
        space:
            Keys or ids of spaces: the labels of their pages.
        prefix:
            `"global"`, `"my"` or `"team"`.

        Returns
        -------
        `page_id` (the id given), `id` (of the label), `name`, `prefix`.

        Each label is asked for its pages where the site has fewer labels than pages were given.

        Source: `GET /wiki/api/v2/labels` with `/labels/{id}/pages`, or `/pages/{id}/labels`.
        """
        params = {"prefix": prefix}
        if pages is None and space is None:
            return self._read("/labels", params, limit, progress)
        found, routes = self._fan_out(pages, space, params, "/labels", limit=limit)
        labels = self._run(routes.labels(found, prefix))
        return self._pulled(
            _pages_of_labels(routes, found, labels)
            if labels is not None
            else _alone(routes.below_each(found, "labels", _about(_PAGE_ID), params)),
            columns_about(collection("/pages/{id}/labels").columns_for({})),
            endpoint="GET /wiki/api/v2/labels/{id}/pages"
            if labels is not None
            else _endpoint("labels", whole=False),
            said={"pages": pages, "space": space, **params},
            limit=limit,
            progress=progress,
            skipped={**found.absent, **found.without_list("labels")},
            steps=_in_order(found, labels is not None),
        )

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
            An id, several, a Series, or a frame of pages, blog posts, attachments or comments.
        space:
            Keys or ids of spaces: the versions of their pages.
        body:
            `"storage"` or `"atlas_doc_format"` adds `page_body`, the text of that version.
        names:
            True adds `author`.

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
            _version,
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
            An id, several, a Series, or a frame of pages, blog posts, comments, folders …
        space:
            Keys or ids of spaces: the properties of their pages.
        key:
            Only the properties of that key.

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
            An id, several, a Series, or a frame of pages, blog posts or comments.
        space:
            Keys or ids of spaces: the likes of their pages.
        names:
            True adds `name`, who likes it.

        Returns
        -------
        `page_id` (the id given), `account_id`: string.

        One request for each page at least.

        Source: `GET /wiki/api/v2/pages/{id}/likes/users` and those of other content.
        """
        return self._below_each(
            "/pages/{id}/likes/users", pages, space, {}, limit, progress, self._naming(names)
        )

    # ---------------------------------------------------------------------- inside

    def _below_each(
        self,
        path: str,
        pages: object,
        space: object,
        params: Mapping[str, object],
        limit: int | None,
        progress: bool | None,
        steps: Sequence[Step] = (),
        shape: Callable[[Rows], Rows] | None = None,
    ) -> pd.DataFrame:
        """A list that the API has below each page only; `path` is that of pages."""
        name = path.partition("}/")[2]
        if pages is None and space is None:
            raise ConfluenceNBError(
                f"The API has no list of a whole site's {name.replace('/', ' ')}. Say of which pages, with "
                "wiki.pages(space=…) for example, or give space=."
            )
        found, routes = self._fan_out(pages, space, params, path, limit=limit)
        columns = columns_about(collection(path).columns_for(params))
        return self._pulled(
            _alone(routes.below_each(found, name, _about(columns[0], shape), params)),
            columns,
            endpoint=_endpoint(name, whole=False),
            said={"pages": pages, "space": space, **params},
            limit=limit,
            progress=progress,
            skipped={**found.absent, **found.without_list(name)},
            steps=steps,
        )

    def _fan_out(
        self, pages: object, space: object, params: Mapping[str, object], *paths: str, limit: int | None
    ) -> tuple[Subjects, Routes]:
        """What the call is about, its other parameters checked before anything is asked."""
        rows_wanted(limit)
        for entry in map(collection, paths):
            entry.request({**{parameter.name: "1" for parameter in entry.path_parameters}, **params})
        found = Subjects(()) if pages is None and space is None else self._subjects_in(pages, space)
        return found, self._routes()


def _comments_of_site(routes: Routes, found: Subjects, params: Mapping[str, object]) -> Iterator[Part]:
    ids = set(found.ids)
    for kind, path in COMMENTS.items():
        yield Part(routes.reader(path, **params), shape=_chained(held_by(ids), _of_kind(kind)))


def _comments_of_each(routes: Routes, found: Subjects, params: Mapping[str, object]) -> Iterator[Part]:
    for kind, path in COMMENTS.items():
        told = _about(_PAGE_ID, _of_kind(kind))
        for subject, part in routes.below_each(found, path.strip("/"), told, params):
            part.follow = routes.replies(path, told, subject, params)
            yield part


def _pages_of_labels(routes: Routes, found: Subjects, labels: Iterable[Mapping[str, Any]]) -> Iterator[Part]:
    for label in labels:
        for kind, root in LABELLED.items():
            ids = set(found.of_kind(kind))
            if ids:
                reader = routes.reader(f"/labels/{{id}}/{root}", id=str(label["id"]))
                yield Part(reader, subject=f"label {label['id']}", shape=_labelled(label, ids))


def _labelled(label: Mapping[str, Any], ids: set[str]) -> Callable[[Rows], Rows]:
    """Rows that are pages of a label as rows that are labels of a page."""
    return lambda rows: [{**label, "pageId": str(row["id"])} for row in rows if str(row.get("id")) in ids]


def _of_kind(kind: str) -> Callable[[Rows], Rows]:
    return lambda rows: [{**row, "kind": kind} for row in rows]


def _version(rows: Rows) -> Rows:
    """A version of other content says what it is a version of under another key."""
    told = []
    for row in rows:
        holder = next((row[key] for key in _VERSIONED if isinstance(row.get(key), Mapping)), None)
        told.append({**{key: value for key, value in row.items() if key not in _VERSIONED}, "page": holder})
    return told


def _about(
    column: Column, then: Callable[[Rows], Rows] | None = None
) -> Callable[[str], Callable[[Rows], Rows]]:
    def told(subject: str) -> Callable[[Rows], Rows]:
        about: Callable[[Rows], Rows] = rows_about(subject, column)
        return about if then is None else _chained(then, about)

    return told


def _chained(first: Callable[[Rows], Rows], then: Callable[[Rows], Rows]) -> Callable[[Rows], Rows]:
    return lambda rows: then(first(rows))


def _in_order(found: Subjects, is_needed: bool) -> list[Step]:
    """The step that puts the rows of a whole site's list in the order of the ids given."""
    places = {subject: place for place, subject in enumerate(found.ids)}

    def ordered(frame: pd.DataFrame) -> pd.DataFrame:
        place = frame["page_id"].map(places)
        return frame.iloc[place.argsort(kind="stable")].reset_index(drop=True)

    return [ordered] if is_needed else []


def _alone(pairs: Iterable[tuple[str, Part]]) -> Iterator[Part]:
    return (part for _, part in pairs)


def _endpoint(name: str, *, whole: bool) -> str:
    return f"GET /wiki/api/v2/{name}" if whole else f"GET /wiki/api/v2/pages/{{id}}/{name}"
