"""What a caller gave, looked at before anything is done with it: an empty array is neither True nor False."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard


def truth(name: str, given: object) -> bool:
    """The True or False that was given, numpy's too.

    Raises
    ------
    TypeError
        For anything else: an empty list is no False that anybody has said.
    """
    if type(given).__name__ not in ("bool", "bool_"):
        raise TypeError(f"{name} is a {type(given).__name__}. Give True or False.")
    return bool(given)


def is_several(given: object) -> TypeGuard[Iterable[Any]]:
    """Whether these are values one after the other: no text, no mapping, and no array that is a single number."""
    is_one = isinstance(given, (str, bytes, bytearray, Mapping)) or getattr(given, "ndim", 1) == 0
    return isinstance(given, Iterable) and not is_one
