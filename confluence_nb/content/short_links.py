"""Short links of pages, such as `/wiki/x/LIQHD`: the id in them."""

from __future__ import annotations

from base64 import b64decode


def id_in_short_link(code: str) -> str | None:
    """The id of the page; None for a code that holds none.

    Parameters
    ----------
    code:
        At most 11 letters, digits, `_` and `-`: the bytes of the id, the lowest first, without the zeros at the end.
    """
    number = int.from_bytes(b64decode(f"{code:A<11}=", altchars=b"_-"), "little")
    return str(number) if 0 < number < 2**63 else None
