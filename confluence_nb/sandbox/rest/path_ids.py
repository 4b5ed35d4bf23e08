"""The ids in a v2 path, read as strictly as the service reads them, before anything is looked up by them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from confluence_nb.sandbox.rest.exchange import V2
from confluence_nb.sandbox.rest.query import BadValueError

_LONG = re.compile(r"-?\d{1,19}", re.ASCII)
_CONTENT_ID = re.compile(r"(?:att)?\d{1,19}", re.ASCII)
_GREATEST = 2**63
_FILES = f"{V2}/attachments/"
# Named by words, not by numbers.
_WORDS = frozenset({"propertyKey", "taskId"})


def read_path_ids(path: str, values: Mapping[str, str]) -> dict[str, str]:
    """The values of a path's parameters; a file's id with its `att`, which a path may leave out.

    Parameters
    ----------
    path:
        Of the operation, with names in braces.

    Raises
    ------
    BadValueError
        When an id is none.
    """
    found = dict(values)
    file = next(iter(found), None) if path.startswith(_FILES) else None
    for name, value in values.items():
        if name == file:
            if not _CONTENT_ID.fullmatch(value):
                raise BadValueError(name, value, "ContentId")
            found[name] = f"att{value.removeprefix('att')}"
        elif name not in _WORDS and not (_LONG.fullmatch(value) and abs(int(value)) < _GREATEST):
            raise BadValueError(name, value, "long")
    return found
