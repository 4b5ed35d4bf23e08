"""JSON rows into typed DataFrames: the only floor that builds frames."""

from confluence_nb.frames.builder import FrameBuilder

__all__ = ["FrameBuilder"]
