"""One look for all charts: colours that are told apart and read, words that stay words, and where they are drawn."""

from __future__ import annotations

import itertools
import json
from typing import Any

import nbformat
import numpy as np
import plotly.graph_objects as go
import pytest
from nbclient import NotebookClient

from confluence_nb.charts.look import CARD, GREY, INK, PALETTE, SCALE, SOFT_INK, TINTS, finished, nothing

DARK = "#111111"  # the ground of JupyterLab's dark theme
PLOTLY = "application/vnd.plotly.v1+json"

# How people see who lack one kind of cone, on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1.0).
SIGHTS = {
    "all colours": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


def linear(colour: str) -> Any:
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(light: Any) -> Any:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(light, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_are_told_apart_by_everybody(sight: str) -> None:
    seen = {colour: lab(np.array(SIGHTS[sight]) @ linear(colour)) for colour in (*PALETTE, GREY)}
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 15, (one, other)


def test_marks_and_words_stand_out() -> None:
    for colour in (*PALETTE, GREY):
        assert contrast(colour, CARD) >= 3
        assert contrast(colour, DARK) >= 3
    for ground in (CARD, *TINTS):
        assert contrast(INK, ground) >= 4.5
    assert contrast(SOFT_INK, CARD) >= 4.5


def test_the_scale_grows_darker_all_the_way() -> None:
    lightness = [lab(linear(colour))[0] for _, colour in SCALE]
    assert lightness == sorted(lightness, reverse=True)
    for share, colour in SCALE:  # plotly writes #444 on what is light, and white on what is dark
        assert contrast(colour, "#444444" if share < 0.5 else "#ffffff") >= 4.5


def test_words_stay_words() -> None:
    hostile = "<a href='https://evil.example'>x</a> & $x^2$ &lt;"
    figure = finished(go.Figure(go.Bar(x=[1], y=[2])), hostile, x=hostile, y=hostile, note=hostile)
    layout = figure.layout
    titles = (layout.title, layout.title.subtitle, layout.xaxis.title, layout.yaxis.title)
    said = [title.text for title in titles] + [nothing(hostile, hostile).layout.annotations[0].text]
    for text in said:
        assert "&lt;a href=" in text
        assert "&amp; " in text
        assert "&amp;lt;" in text
        assert "<a" not in text
        assert "$" not in text


def test_a_long_title_is_broken_and_has_room() -> None:
    short, long = (finished(go.Figure(), "a title " * count) for count in (2, 40))
    assert long.layout.title.text.count("<br>") >= 3
    assert long.layout.margin.t > short.layout.margin.t
    assert finished(go.Figure(layout_height=700), "A title").layout.height == 700


def test_no_button_sends_a_picture_away() -> None:
    assert "sendChartToCloud" in finished(go.Figure(), "A title").layout.template.layout.modebar.remove


FIGURE = "from confluence_nb.charts.look import nothing\nnothing('Pages by month', 'No pages')"
CHOSEN = "import plotly.io\nplotly.io.renderers.default = 'json'\n"


def outputs(source: str, *, attended: bool = False) -> list[dict[str, Any]]:
    """What a cell leaves in the notebook, where a person could answer `input()`, or nobody."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    client = NotebookClient(notebook, timeout=120)
    with client.setup_kernel():
        client.kc.allow_stdin = attended
        client.execute_cell(notebook.cells[0], 0)
    return [output["data"] for output in notebook.cells[0]["outputs"]]


def test_a_run_that_nobody_attends_can_be_made_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLOTLY_RENDERER", raising=False)
    script, figure = outputs(FIGURE)
    assert "plotly.js" in script["text/html"]
    assert set(figure) == {PLOTLY, "text/html"}
    assert "https://" not in figure["text/html"].replace("https://cloud.plotly.com", "")
    assert len(figure["text/html"]) < 20_000


def test_a_notebook_that_a_person_runs_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLOTLY_RENDERER", raising=False)
    (figure,) = outputs(FIGURE, attended=True)
    assert set(figure) == {PLOTLY}
    assert len(json.dumps(figure)) < 10_000


def test_a_renderer_that_was_chosen_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    (figure,) = outputs(CHOSEN + FIGURE)
    assert set(figure) == {"application/json"}
    monkeypatch.setenv("PLOTLY_RENDERER", "plotly_mimetype")
    (figure,) = outputs(FIGURE)
    assert set(figure) == {PLOTLY}
