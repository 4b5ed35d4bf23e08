"""Changes answers as faults, proxies and strangers do: torn, doubled, mistyped, nested, in another encoding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import TypeVar

VALUES = [
    *(
        b"null",
        b"true",
        b"false",
        b"0",
        b"-0",
        b"-1",
        b"7",
        b"1.5",
        b"1e999",
        b"-1e999",
        b"NaN",
        b"-Infinity",
    ),
    *(b"9" * 19, b"9" * 20, b"9" * 400, b"1" + b"0" * 5_000, b"9223372036854775808", b"-9223372036854775809"),
    *(b'""', b'" "', b'"0"', b'"-1"', b'"true"', b'"nan"', b'"\\u0000"', b'"\\ud800"', b'"\\udc00\\ud83d"'),
    *(
        '"²"'.encode(),
        '"٣"'.encode(),
        '"\u202e"'.encode(),
        b'"\xff\xfe"',
        b'"\xed\xa0\x80"',
        b'"' + b"x" * 5_000 + b'"',
    ),
    *(
        b'"../../admin"',
        b'"http://["',
        b'"//x"',
        b'"?start=\xc2\xb2"',
        b'"?cursor=%ED%A0%80"',
        b'"?cursor="',
        b'"now"',
    ),
    *(b'"javascript:alert(1)"', b'"<script>"', b'"2024-13-45T99:99:99Z"', b'"0001-01-01T00:00:00+14:00"'),
    *(
        b"[]",
        b"{}",
        b"[[]]",
        b"[null]",
        b"[{}]",
        b'{"id":null}',
        b'{"id":{}}',
        b'{"":{"":""}}',
        b'["a",1,{"a":[]}]',
    ),
    *(
        b'{"results":[]}',
        b'{"results":[null]}',
        b'{"results":{"results":[1]}}',
        b'{"value":"x"}',
        b'{"next":"/x?cursor=a"}',
    ),
]
"""What stands in place of a value of JSON."""

DEEP = [b"[" * depth + b"]" * depth for depth in (300, 990, 1_030)] + [b'{"a":' * 900 + b"1" + b"}" * 900]
"""Deeper than Python's own stack, and than some readers' patience."""

PIECES = [
    *(
        b"",
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b",",
        b":",
        b"\\",
        b"\\u",
        b"\0",
        b"\n",
        b"\r\n\r\n",
        b"\xff",
        b"\xef\xbb\xbf",
    ),
    *(
        b";",
        b"=",
        b"<",
        b">",
        b"&",
        b"?",
        b"#",
        b"%",
        b"%00",
        b"+",
        b" ",
        b"\t",
        b'rel="next"',
        b"0",
        b"9" * 30,
        b"-",
    ),
    *(
        b"\xc2\xb2",
        b"\xd9\xa3",
        b"bytes */",
        b"GMT",
        b"Z",
        b"T",
        b"W/",
        b"code=",
        b"&state=",
        b"error=",
        b"://",
        b"http://[",
    ),
]
"""What is put in anywhere."""

LOGIN_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Your company's proxy</body></html>"
)

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')

Span = tuple[int, int]
T = TypeVar("T")


class Torn:
    """Makes changed answers of whole ones.

    Parameters
    ----------
    seeds:
        Whole answers: JSON, or texts of headers and addresses.
    """

    def __init__(self, seeds: Sequence[bytes], chance: Random) -> None:
        self._seeds = [(seed, *spans(seed)) for seed in seeds]
        self._chance = chance

    def __call__(self) -> bytes:
        """One more answer; one in a hundred is whole."""
        random = self._chance.random
        seed, values, members = self._seeds[int(random() * len(self._seeds))]
        kind = random()
        if kind < 0.01:
            return seed
        if values and kind < 0.75:
            return self._retyped(seed, values, members)
        if kind < 0.95:
            return self._cut(seed)
        return self._wrapped(self._retyped(seed, values, members) if values else seed)

    def _retyped(self, body: bytes, values: list[Span], members: list[Span]) -> bytes:
        """Other values, other members: what is read as JSON, and is not what was promised."""
        random = self._chance.random
        before = len(body) + 1
        for start, end in sorted((self._one(values) for _ in range(1 + int(random() * 3))), reverse=True):
            if end >= before:
                continue
            before = start
            kind = random()
            if kind < 0.7:
                put = self._one(DEEP) if kind < 0.002 else self._one(VALUES)
            elif kind < 0.85:
                other, spans_there, _ = self._one(self._seeds)
                there = self._one(spans_there) if spans_there else (0, 0)
                put = other[there[0] : there[1]] or b"null"
            else:
                put = body[start:end] + b"," + body[start:end]
            body = body[:start] + put + body[end:]
        if members and random() < 0.3:
            start, end = self._one(members)
            if end < before:
                member = body[start:end]
                twice = member + b"," + member[: member.find(b":") + 1] + self._one(VALUES)
                body = body[:start] + (twice if random() < 0.5 else b'"gone":1') + body[end:]
        return body

    def _cut(self, body: bytes) -> bytes:
        """Bytes that are lost, doubled or put in."""
        random = self._chance.random
        for _ in range(1 + int(random() * 4)):
            start = int(random() * (len(body) + 1))
            end = min(len(body), start + int(random() ** 4 * 60))
            kind = random()
            if kind < 0.2:
                body = body[:start]
            elif kind < 0.8:
                times = 2_000 if random() < 0.001 else 1
                body = body[:start] + self._one(PIECES) * times + body[end:]
            else:
                body = body[:end] + body[start:end] + body[end:]
        return body

    def _wrapped(self, body: bytes) -> bytes:
        """The whole in another encoding, or behind something else."""
        text = body.decode("utf-8", "replace")
        kind = int(self._chance.random() * 8)
        if kind < 3:
            return text.encode(("utf-16", "utf-32", "latin-1")[kind], "replace")
        return (
            b"\xef\xbb\xbf" + body,
            LOGIN_PAGE,
            ("\ufeff" + LOGIN_PAGE.decode()).encode("utf-16-le"),
            body + body,
            b")]}',\n" + body,
        )[kind - 3]

    def _one(self, some: Sequence[T]) -> T:
        return some[int(self._chance.random() * len(some))]


def spans(body: bytes) -> tuple[list[Span], list[Span]]:
    """Where the values of a JSON text are, the whole included, and where its members are, `"key": value`."""
    values: list[Span] = []
    members: list[Span] = []
    opened: list[int] = []
    keys: list[int | None] = [None]
    latest = 0
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark in b"[{":
            opened.append(token.start())
            keys.append(None)
        elif mark == b":":
            keys[-1] = latest
        elif mark != b",":
            if mark in b"]}" and not opened:
                return [], []
            if mark in b"]}":
                keys.pop()
            start = latest = opened.pop() if mark in b"]}" else token.start()
            following = body[token.end() : token.end() + 8].lstrip()
            if following[:1] == b":":
                continue  # a key
            values.append((start, token.end()))
            if keys[-1] is not None:
                members.append((keys[-1], token.end()))
                keys[-1] = None
    return ([], []) if opened or body[:1] not in b"[{" else (values, members)


def cut(answer: bytes, most: int = 1_500) -> bytes:
    """The answer, or both of its ends."""
    return answer if len(answer) <= most else answer[: most // 2] + b" ... " + answer[-most // 2 :]
