"""How every chart looks: one template, so that seven pictures read as one set in a light and a dark notebook."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from confluence_nb.charts.display import drawn_in_pages_too
from confluence_nb.errors import ConfluenceNBError

if TYPE_CHECKING:
    import plotly.graph_objects as go

PALETTE = ("#2f7ae5", "#bb8217", "#3a9f64", "#b34128", "#e22fb3", "#1c6791")
"""Colours of things of different kinds, in this order: the hues of Okabe and Ito, darkened to 3:1 on white and on
black grounds, and told apart by people who do not see red, green or blue."""

GREY = "#767676"
"""What is left over: "other", "unknown", "n more"."""

SCALE = ((0.0, "#eef3fb"), (0.47, "#a3c3f1"), (0.55, "#2f6fd0"), (1.0, "#123a78"))
"""From few to many, for heat maps: one hue, so that it is read by its lightness alone. It is steep in the middle, where
neither white nor dark numbers are readable on it."""

TINTS = ("#a6c6f4", "#e2c894", "#acd7bb", "#deaca1", "#f1a3dd", "#9ec0d1")
"""The palette mixed with white, for areas that have words on them."""

# "Share chart" would carry titles and names out of the wiki to plotly's cloud. The others do what a mouse does.
UNWANTED_BUTTONS = (
    "sendChartToCloud",
    *("zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"),
)

INK, SOFT_INK, LINE, CARD = "#1f2328", "#57606a", "#d8dee4", "#ffffff"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
HEIGHT = 420
TITLE_CHARACTERS, NOTE_CHARACTERS = 76, 104


def graph_objects() -> Any:
    """`plotly.graph_objects`; imported here, because plotly is an extra and takes half a second.

    Raises
    ------
    ConfluenceNBError
        Where plotly is not installed.
    """
    try:
        import plotly.graph_objects as go
    except ImportError as error:
        raise ConfluenceNBError(
            "Charts are drawn by plotly, which is not installed here. "
            'Install it with: pip install "confluence_nb[charts]", then restart the kernel.'
        ) from error
    return go


def shown(words: object) -> str:
    """Text from the wiki as text of a figure: plotly reads tags, entities and formulas in whatever it shows.

    What reaches a figure through here appears as it was written. Titles, axes and notes that are given to
    `finished` go through it there.
    """
    text = str(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("$", "&#36;")


def finished(
    figure: go.Figure, title: str, *, x: str | None = None, y: str | None = None, note: str | None = None
) -> go.Figure:
    """Give `figure` the look of all charts, and return it.

    Parameters
    ----------
    figure:
        With its traces; what its layout already says, such as a height, stays.
    title:
        What is seen and of what, in words, as plain text.
    x, y:
        What the axes count; None for a picture without axes.
    note:
        A line under the title in small letters: what was left out or gathered, and how it was counted.
    """
    lines = wrap(title, TITLE_CHARACTERS) or [""]
    under = wrap(note or "", NOTE_CHARACTERS)
    figure.update_layout(
        template=_template(),
        title={
            "text": "<br>".join(map(shown, lines)),
            "subtitle": {"text": "<br>".join(map(shown, under))},
        },
        margin_t=40 + 24 * len(lines) + 18 * len(under),
    )
    if figure.layout.height is None:
        figure.update_layout(height=HEIGHT)
    if x is not None:
        figure.update_xaxes(title_text=shown(x))
    if y is not None:
        figure.update_yaxes(title_text=shown(y))
    drawn_in_pages_too()
    return figure


def nothing(title: str, words: str) -> go.Figure:
    """The picture of a frame without rows: `words` say in its middle what there is none of."""
    figure = graph_objects().Figure()
    figure.add_annotation(
        text=shown(words),
        font={"size": 16, "color": SOFT_INK},
        x=0.5,
        y=0.5,
        xref="paper",
        yref="paper",
        showarrow=False,
    )
    figure.update_layout(height=HEIGHT // 2, xaxis_visible=False, yaxis_visible=False)
    return finished(figure, title)


def _template() -> go.layout.Template:
    """The template that a figure carries, whatever plotly's default is set to in the notebook."""
    go = graph_objects()
    # A figure cannot know the theme around it, and no grey is readable on white and on black: hence a card.
    axis = {
        "automargin": True,
        "gridcolor": LINE,
        "linecolor": LINE,
        "zerolinecolor": LINE,
        "separatethousands": True,
        "exponentformat": "none",
        "ticks": "",
        "title": {"font": {"size": 13, "color": SOFT_INK}, "standoff": 12},
    }
    return go.layout.Template(
        layout={
            "colorway": PALETTE,
            "treemapcolorway": TINTS,
            "colorscale": {"sequential": SCALE},
            "font": {"family": FONT, "size": 12, "color": INK},
            "paper_bgcolor": CARD,
            "plot_bgcolor": CARD,
            "margin": {"l": 24, "r": 24, "b": 24},
            "title": {
                **dict.fromkeys(("xref", "yref"), "container"),
                "x": 0,
                "xanchor": "left",
                "y": 1,
                "yanchor": "top",
                "pad": {"l": 24, "t": 20},
                "font": {"size": 17, "color": INK},
                "subtitle": {"font": {"size": 12, "color": SOFT_INK}},
            },
            "xaxis": {**axis, "showgrid": False},
            "yaxis": axis,
            "legend": {"font": {"color": INK}, "title": {"font": {"color": SOFT_INK}}},
            "hoverlabel": {
                "align": "left",
                "namelength": -1,
                "bgcolor": CARD,
                "bordercolor": GREY,
                "font": {"family": FONT, "size": 12, "color": INK},
            },
            "bargap": 0.15,
            "separators": ".,",
            "modebar": {"bgcolor": CARD, "color": GREY, "activecolor": INK, "remove": UNWANTED_BUTTONS},
        }
    )
