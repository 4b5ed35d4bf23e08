"""`python tools/fuzz_content.py --minutes 10`: broken and strange bodies for every reader, until one crashes.

Bodies are golden ones with pieces cut out, doubled, swapped and put in from a dictionary of what XML and Confluence
stumble over. A find is written to `tests/golden/corpus/`, which the tests read from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

from confluence_nb import content

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden"
CORPUS = GOLDEN / "corpus"
READERS = [getattr(content, name) for name in content.__all__ if name[0].islower()]
PATIENCE = 5.0
"""Seconds that one reader may take for one body."""

PIECES = [
    *(
        "<",
        ">",
        "&",
        "</",
        "/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "<!DOCTYPE a [",
        '"',
        "'",
        "=",
        "\0",
        "\ud800",
    ),
    *(
        "&nbsp;",
        "&x;",
        "&#0;",
        "&#xFFFE;",
        "&#99999999;",
        "\ufffe",
        "\x0b",
        "\u2028",
        "|",
        "\\",
        "`",
        "\n\n",
        "    ",
    ),
    *(
        "<td>",
        "<tr>",
        "</table>",
        "<table>",
        "<li>",
        "</ul>",
        "<th colspan='99999' rowspan='99999'>",
        "<td colspan='-1'>",
    ),
    *(
        "<h1>",
        "<a href='http://['>",
        "<a href='#'>",
        "<ol start='x'>",
        "<pre>",
        "<br>",
        "<p xmlns='urn:x'>",
        "<body>",
    ),
    *(
        "<ac:link>",
        "<ac:link-body>",
        "<ri:page/>",
        "<ri:user/>",
        "<ac:image>",
        "<ac:task>",
        "<ac:task-body>",
        "<time/>",
    ),
    *(
        '<ac:structured-macro ac:name="code">',
        "<ac:structured-macro>",
        "<ac:plain-text-body>",
        "<ac:adf-fallback>",
    ),
    *(
        "<ac:adf-node type='decision-item'>",
        "<ac:parameter>",
        "<ac:default-parameter>",
        "</ac:structured-macro>",
    ),
    *(
        '{"type":"doc","content":[',
        '{"type":"text","text":"',
        "}",
        "]",
        '{"',
        "null",
        "1e999",
        '"attrs":{"level":',
    ),
]


def changed(body: str, others: Sequence[str], chance: random.Random) -> str:
    """The body with a few changes."""
    for _ in range(chance.randint(1, 6)):
        start = chance.randint(0, len(body))
        end = min(len(body), start + chance.choice((0, 0, 1, 5, 40)))
        other = chance.choice(others)
        begin = chance.randint(0, len(other))
        put_in = chance.choice(("", chance.choice(PIECES), other[begin : begin + 60], body[start:end] * 3))
        body = body[:start] + put_in * chance.choice((1, 1, 1, 1, 30)) + body[end:]
    return body


def failure(body: str) -> str | None:
    """How a reader crashed, or how long it took, if one did; an error for people is none."""
    for reader in READERS:
        begun = time.monotonic()
        try:
            reader(body)
        except content.UnreadableBody:
            pass
        except Exception:
            return traceback.format_exc()
        if time.monotonic() - begun > PATIENCE:
            return f"{reader.__name__} took {time.monotonic() - begun:.1f} s"
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Try bodies until the time is over; 1 when one failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument(
        "--seed", type=int, default=None, help="of the changes; another one each time by default"
    )
    chosen = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    chance = random.Random(chosen.seed)
    seeds = [
        path.read_bytes().decode("utf-8", "surrogatepass")
        for path in sorted(GOLDEN.rglob("*.*"))
        if path.suffix == ".xml" or path.parent.name == "adf"
    ]
    tried = 0
    end = time.monotonic() + 60 * chosen.minutes
    while time.monotonic() < end:
        body = changed(chance.choice(seeds), seeds, chance)
        found = failure(body)
        tried += 1
        if found:
            CORPUS.mkdir(exist_ok=True)
            raw = body.encode("utf-8", "surrogatepass")
            path = CORPUS / f"{hashlib.sha256(raw).hexdigest()[:12]}.xml"
            path.write_bytes(raw)
            print(f"{found}\nafter {tried:,} bodies; kept as {path}")
            return 1
    print(f"{tried:,} bodies, no crash")
    return 0


if __name__ == "__main__":
    sys.exit(main())
