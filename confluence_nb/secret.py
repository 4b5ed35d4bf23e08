"""A string that must not be seen: masked wherever Python shows or stores an object."""

from __future__ import annotations

import hmac
from typing import NoReturn, final


@final
class Secret:
    """Wraps a token, a code or a client secret; only `reveal()` gives the text back.

    Tracebacks that show local variables, `vars()`, logs and pickles meet the wrapper, never the text.
    """

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str | Secret) -> None:
        self._text = text._text if isinstance(text, Secret) else text

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Secret):
            other = other._text
        if not isinstance(other, str):
            return NotImplemented
        ours, theirs = (text.encode("utf-8", "surrogatepass") for text in (self._text, other))
        return hmac.compare_digest(ours, theirs)

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret('••••')"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "A secret is not pickled. Pass the profile's name and connect again on the other side."
        )

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self
