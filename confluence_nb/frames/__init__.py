"""JSON rows into typed DataFrames: the only floor that builds frames."""

from confluence_nb.frames.builder import FrameBuilder
from confluence_nb.frames.order import reordered
from confluence_nb.frames.overview import overview

__all__ = ["FrameBuilder", "overview", "reordered"]
