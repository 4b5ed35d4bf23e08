"""What people say about pages: footer and inline comments, and the answers to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from confluence_nb.api.catalog import collection
from confluence_nb.api.columns import Column
from confluence_nb.pull import Part, Subjects
from confluence_nb.pull.routes import Routes
from confluence_nb.pull.shapes import PAGE_ID, Shape, chained, columns_about, of_kind, rows_about
from confluence_nb.pull.threads import SiteThreads
from confluence_nb.wiki.pulling import Step
from confluence_nb.wiki.reading import Reading, in_given_order

LISTS = {"footer": "/footer-comments", "inline": "/inline-comments"}

_KIND = Column("kind", "category", ("kind",), tuple(LISTS))


class Comments(Reading):
    """`comments`."""

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
            An id, several, a Series, or a frame of pages or blog posts; ids of attachments too. None, and no space,
            reads every comment of the site.
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
        two for each page and one for each comment. Should they lack the answers, each comment is asked for its own.

        Source: `GET /wiki/api/v2/footer-comments` and `inline-comments`, or those below each page.
        """
        params = {"body_format": body}
        columns = columns_about(
            [PAGE_ID, _KIND], *(collection(path).columns_for(params) for path in LISTS.values())
        )
        endpoint = "GET /wiki/api/v2/footer-comments, inline-comments"
        routes, steps = self._routes(), self._naming(names)
        parts: Iterator[Part]
        threads: list[SiteThreads] = []
        found = None
        if pages is not None or space is not None:
            found = self._asked_about(pages, space, params, *LISTS.values(), limit=limit)
        if found is None or self._run(routes.is_shorter_whole(found, "type = comment", lists=len(LISTS))):
            ids = None if found is None else set(found.ids)
            threads = [SiteThreads(routes, path, kind, ids, params) for kind, path in LISTS.items()]
            parts = (thread.part() for thread in threads)
        else:
            parts, endpoint = _of_each(routes, found, params), endpoint.replace("v2/", "v2/pages/{id}/")
        if found is not None:
            steps = [in_given_order(found), *steps]  # the same, whichever way they are read
        return self._pulled(
            parts,
            columns,
            endpoint=endpoint,
            said={"pages": pages, "space": space, **params},
            limit=limit,
            progress=progress,
            skipped={} if found is None else found.left_out("footer-comments"),
            steps=[*steps, _without_lost(threads)],
            spent=None if found is None else found.spent,
        )


def _without_lost(threads: Sequence[SiteThreads]) -> Step:
    """The step that says which answers are left out."""

    def told(frame: pd.DataFrame) -> pd.DataFrame:
        lost = {comment: reason for thread in threads for comment, reason in thread.lost.items()}
        frame.attrs["skipped"] += [{"id": comment, "reason": reason} for comment, reason in lost.items()]
        return frame

    return told


def _of_each(routes: Routes, found: Subjects, params: Mapping[str, object]) -> Iterator[Part]:
    """The two lists of each page, and the answers to each comment found."""
    for kind, path in LISTS.items():

        def told(subject: str, kind: str = kind) -> Shape:
            return chained(of_kind(kind), rows_about(subject, PAGE_ID))

        for subject, part in routes.below_each(found, path.strip("/"), told, params):
            part.follow = routes.replies(path, told, subject, params)
            yield part
