"""Where the things of a network go on a picture: those that are joined near each other, the same in every run."""

from __future__ import annotations

from typing import Any

import numpy as np

_STEPS = 300
# Strong enough that what nothing joins stays near: else the rim is far out, and what is joined shrinks to a point.
_TO_THE_MIDDLE = 2.0


def layout(count: int, edges: Any, groups: Any) -> Any:
    """Places in a disc by the springs and repulsion of Fruchterman and Reingold.

    Parameters
    ----------
    edges:
        Pairs of places in the list of things, as an array of two columns.
    groups:
        A number for each thing; things of one number start side by side, so that they tend to stay together.

    Returns
    -------
    An array of x and y, from -1 to 1.
    """
    if count == 0:
        return np.zeros((0, 2))
    rank = np.argsort(np.argsort(groups, kind="stable"), kind="stable")
    angle = 2 * np.pi * rank / count
    # Two radii: things that all lie on one circle and pull alike would never leave it.
    radius = 0.6 + 0.4 * (np.arange(count) % 2)
    places = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    near = np.sqrt(np.pi / count)
    joined = np.zeros((count, count))
    if len(edges):
        joined[edges[:, 0], edges[:, 1]] = joined[edges[:, 1], edges[:, 0]] = 1
        np.fill_diagonal(joined, 0)
    for step in range(_STEPS):
        gaps = places[:, None, :] - places[None, :, :]
        far = np.maximum(np.linalg.norm(gaps, axis=2), 0.01)
        push = near**2 / far**2
        pull = joined * far / near
        moves = (gaps * (push - pull)[:, :, None]).sum(axis=1)
        moves -= places * _TO_THE_MIDDLE
        lengths = np.maximum(np.linalg.norm(moves, axis=1, keepdims=True), 1e-9)
        places = places + moves / lengths * np.minimum(lengths, 0.1 * (1 - step / _STEPS))
    places = places - (places.max(axis=0) + places.min(axis=0)) / 2
    return places / max(float(np.abs(places).max()), 1e-9)
