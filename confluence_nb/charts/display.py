"""Charts in a page that nobody watches being made: plotly's script goes into it, since no front end will bring one."""

from __future__ import annotations

import os
import sys
from typing import Any

MIMETYPE = "plotly_mimetype"
"""What plotly chooses in every kernel: the figure as JSON, which the front end draws."""

PAGE = "confluence_nb_page"


def drawn_in_pages_too() -> None:
    """Let figures of this kernel be drawn in a static page, where the run is one that ends as a page.

    JupyterLab and its like draw a figure from its JSON. `nbconvert --execute`, Papermill and their like save that
    JSON, and nothing in the page that is made of it knows how to draw. There the 5 MB of plotly's script are put
    into the output, once, and each figure as HTML beside its JSON. A notebook that a person runs is spared both.

    A renderer that somebody chose stays: through `plotly.io.renderers.default`, or the variable `PLOTLY_RENDERER`.
    """
    if not _runs_unattended():
        return
    import plotly.io as pio

    if pio.renderers.default != MIMETYPE or "PLOTLY_RENDERER" in os.environ:
        return
    pio.renderers[PAGE] = _page_renderer()
    pio.renderers.default = f"{MIMETYPE}+{PAGE}"


def _runs_unattended() -> bool:
    # Whoever asks a kernel to run a cell says whether a person is there who could answer input().
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return False
    asked = kernel.get_parent().get("content", {})
    return asked.get("allow_stdin", True) is False


def _page_renderer() -> Any:
    from plotly.io import to_html
    from plotly.io.base_renderers import NotebookRenderer

    class Page(NotebookRenderer):  # type: ignore[misc]
        """Plotly's own renderer for pages, but for the line that fetches MathJax from the network."""

        def to_mimebundle(self, fig_dict: dict[str, Any]) -> dict[str, str]:
            html = to_html(
                fig_dict,
                config=self.config,
                include_plotlyjs=False,
                include_mathjax=False,
                full_html=False,
                validate=False,
            )
            return {"text/html": html}

    return Page()
