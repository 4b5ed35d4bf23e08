"""A Confluence Cloud wiki as pandas DataFrames, from a notebook cell."""

__version__ = "0.1.0"
