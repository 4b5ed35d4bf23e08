"""A wiki to read from: what a cell calls, one DataFrame for each question."""

from confluence_nb.wiki.administration import Administration
from confluence_nb.wiki.attached import Attached
from confluence_nb.wiki.comments import Comments
from confluence_nb.wiki.content import Content
from confluence_nb.wiki.details import Details
from confluence_nb.wiki.exploring import Exploring
from confluence_nb.wiki.files import Files
from confluence_nb.wiki.mirroring import Mirroring
from confluence_nb.wiki.page import Single
from confluence_nb.wiki.people import People
from confluence_nb.wiki.quota import Quotas
from confluence_nb.wiki.searching import Searching
from confluence_nb.wiki.tree import Tree

__all__ = ["Wiki"]


class Wiki(
    Exploring,
    Single,
    Content,
    Searching,
    Comments,
    Attached,
    Details,
    Tree,
    People,
    Administration,
    Files,
    Quotas,
    Mirroring,
):
    """One profile's wiki. `connect()` and `demo()` make it; every helper returns one DataFrame.

    A frame is complete or it is not a frame: when a list breaks off, the call raises, the rows so far are in
    the error's `.frame` and in `wiki.partial`, and `wiki.resume()` goes on from there.

    A helper that is asked about pages takes an id, several, a Series or a frame, and brings the id back as
    `page_id`. A frame of pages, children or search results stands for its rows; one of comments, attachments, tasks
    … for the pages that they are on, and its column `id` for themselves: `wiki.likes(talk["id"])`. An id that this
    account cannot see does not end the call: `attrs["skipped"]` names it, a warning too.

    `frame.attrs` says where a frame came from: `site`, `endpoint`, `parameters`, `rows`, `complete`,
    `requests`, `points` (what it cost of the hour's budget, as documented), `seconds`.
    """

    def __dir__(self) -> list[str]:
        """What *Tab* offers: the names that a cell uses; the sandbox only where there is one."""
        names = (name for name in super().__dir__() if not name.startswith("_"))
        return [name for name in names if name != "sandbox" or self.sandbox is not None]
