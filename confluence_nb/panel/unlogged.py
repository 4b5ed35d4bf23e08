"""Keeps what is typed into a box out of the kernel's logs: at DEBUG they have every message of the browser whole."""

from __future__ import annotations

import logging
from typing import TypeVar
from weakref import WeakSet

import ipywidgets as widgets

_LOGGERS = ("Comm", "IPKernelApp", "traitlets")
"""The comm package's; ipykernel's own, with `--debug`; and that of older ipykernels."""

_Box = TypeVar("_Box", bound=widgets.Widget)

_boxes: WeakSet[widgets.Widget] = WeakSet()


def unlogged(box: _Box) -> _Box:
    """The box, whose messages are logged from now on by nobody in this process."""
    _boxes.add(box)
    return box


def _is_logged(record: logging.LogRecord) -> bool:
    if record.levelno > logging.DEBUG:
        return True
    said = record.getMessage()
    return not any(box.comm is not None and box.comm.comm_id in said for box in list(_boxes))


for _name in _LOGGERS:
    logging.getLogger(_name).addFilter(_is_logged)
