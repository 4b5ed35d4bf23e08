"""How a field of a JSON row is called, and typed, as a column of a frame."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Dtype = Literal["string", "Int64", "Float64", "boolean", "datetime", "category", "list", "json"]

LINKS = {"webui": "url", "tinyui": "tiny_url", "editui": "edit_url", "download": "download_url"}
"""The links a reader can open, and their columns; the other `_links` only serve the API itself."""

FORMATS = frozenset(
    {"storage", "atlas_doc_format", "view", "raw", "plain", "wiki", "dynamic", "editor", "editor2"}
    | {"export_view", "styled_view", "anonymous_export_view"}
)
"""The representations under which a text is sent: `body.storage.value`, `description.plain.value`."""

ANY_FORMAT = "*"

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_A_WORD = re.compile(r"[^0-9A-Za-z\u0080-\U0010ffff]+")


@dataclass(frozen=True)
class Column:
    """One column of a collection's frame.

    Parameters
    ----------
    name:
        snake_case, unique within the collection.
    dtype:
        The promised type; `datetime` is UTC with microseconds, `list` holds Python lists of texts, numbers or
        truths, all of one kind, or of JSON texts. `json` is a string that holds JSON, because the values may be
        of any kind: `json.loads` gives them.
    source:
        The keys that lead to the value in a row; `*` stands for the body format that was asked for.
    categories:
        For `category`: the values that are known, in the order of the specification.
    asked:
        What must be asked for lest the API leaves the column out, such as `version`, `include-labels` or
        `targetType=user`; empty when it is sent in any case.
    """

    name: str
    dtype: Dtype
    source: tuple[str, ...]
    categories: tuple[str, ...] = ()
    asked: str = ""


def snake_case(name: str) -> str:
    """`blogPostId` -> `blog_post_id`, `inline-marker-ref` -> `inline_marker_ref`."""
    return _NOT_A_WORD.sub("_", _WORD_STARTS.sub("_", name)).strip("_").lower() or "field"


def column_name(path: Sequence[str]) -> str:
    """The column of a field: nested names joined by `_`, texts and links by what they are.

    `version.number` is `version_number`, `body.storage.value` is `body`, `labels.results` is
    `labels`, `_links.webui` is `url`.
    """
    keys = list(path)
    if keys[-1] == "value" and len(keys) > 2 and (keys[-2] in FORMATS or keys[-2] == ANY_FORMAT):
        keys = keys[:-2]
    elif keys[-1] == "results" and len(keys) > 1:
        keys = keys[:-1]
    elif len(keys) > 1 and keys[-2] == "_links" and keys[-1] in LINKS:
        keys = [*keys[:-2], LINKS[keys[-1]]]
    return "_".join(snake_case(key) for key in keys)


def promised(
    columns: Iterable[Column], asked: Collection[str], body: str | None, description: str | None
) -> Iterator[Column]:
    """The columns of one call.

    Parameters
    ----------
    asked:
        The expansions, each with those it stands below, and the `include-` parameters that are true.
    body, description:
        The formats asked for. A body is a column only in a format; a description is always one.
    """
    for column in columns:
        if column.asked and column.asked not in asked:
            continue
        if ANY_FORMAT not in column.source:
            yield column
            continue
        is_body = "body" in column.source
        form = body if is_body else description or "plain"
        if form is not None:
            source = tuple(form if key == ANY_FORMAT else key for key in column.source)
            yield replace(column, source=source)


def expanded(parts: Iterable[str]) -> tuple[set[str], str | None]:
    """What v1's `expand=` brings, `history.lastUpdated` with `history`, and the format of the body in it."""
    steps = [part.strip().split(".") for part in parts]
    asked = {".".join(keys[:end]) for keys in steps for end in range(1, len(keys) + 1)}
    bodies = [keys[keys.index("body") + 1 :] for keys in steps if "body" in keys[:2]]
    return asked, (bodies[0] or ["storage"])[0] if bodies else None
