"""Pictures of a wiki from its frames: a frame in, a plotly figure out.

    from confluence_nb import charts

    pages = wiki.pages(body="storage", names=True)
    charts.activity(pages)                     # how much happened when
    charts.contributors(pages)                 # who writes where
    charts.stale(pages)                        # what nobody has touched for long
    charts.tree(pages)                         # what hangs under what
    charts.links(pages)                        # which pages are linked most, and what links them
    charts.size(pages)                         # how long pages are, and how long they take to read
    charts.labels(wiki.labels(pages))          # which labels go together

Rows are counted in pandas before anything is drawn: no figure has more than some 2,000 marks, however long the frame.
Names and titles of the wiki are shown as they are written; none of them is read as markup. Drawing needs plotly:
`pip install "confluence_nb[charts]"`. It asks the network for nothing.
"""

from confluence_nb.charts.ages import stale
from confluence_nb.charts.areas import tree
from confluence_nb.charts.lengths import size
from confluence_nb.charts.network import links
from confluence_nb.charts.over_time import activity
from confluence_nb.charts.pairs import labels
from confluence_nb.charts.people import contributors

__all__ = ["activity", "contributors", "labels", "links", "size", "stale", "tree"]


def __dir__() -> list[str]:
    return __all__
