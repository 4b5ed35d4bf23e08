"""`python tools/fuzz_answers.py --times 1000000`: every parser on torn answers, until it fails otherwise than in words.

Each parser is called as the package calls it, without a socket. What it may raise is a `ConfluenceNBError` with a
sentence; rows that an answer has must come out of it, in the frame too. A find is printed with the answer that made it.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from answer_parsers import Parser, parsers
from answer_seeds import told
from torn_answers import Torn, cut

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.sandbox import Sandbox

PATIENCE = 5.0
"""Seconds of the processor that one answer may take."""


@dataclass
class Tally:
    """What became of the answers of one parser."""

    name: str
    times: int = 0
    refused: int = 0
    seconds: float = 0.0
    find: str | None = None

    def __str__(self) -> str:
        read, found = self.times - self.refused, "0 finds" if self.find is None else f"1 FIND\n{self.find}"
        told = f"{self.name:<34} {self.times:>9,} answers {read:>9,} read {self.refused:>9,} refused"
        return f"{told} {self.seconds:>6.0f} s  {found}"


def tried(parser: Parser, times: int, chance: Random) -> Tally:
    """Give a parser so many answers; ends at the first find."""
    tally = Tally(parser.name)
    torn = Torn(parser.seeds, chance)
    began = before = time.thread_time()  # of this thread: other work on the machine is not the parser's
    while tally.times < times and tally.find is None:
        answer = torn()
        tally.times += 1
        try:
            parser.read(answer, chance)
        except ConfluenceNBError as error:
            tally.refused += 1
            if not is_a_sentence(str(error)):
                tally.find = f"no sentence: {str(error)!r} for {answer[:400]!r}"
        except KeyboardInterrupt:
            tally.name += " (interrupted)"
            break
        except Exception:
            tally.find = f"{traceback.format_exc()}for {cut(answer)!r}"
        now = time.thread_time()
        if now - before > PATIENCE:
            tally.find = f"{now - before:.1f} s for {answer[:400]!r}"
        before = now
    tally.seconds = time.thread_time() - began
    return tally


def is_a_sentence(text: str) -> bool:
    """Whether this can be said to a person: a few words, one end, no line of a program."""
    text = text.partition("\nMore about it: ")[0]
    return len(text) > 15 and text[-1:] in (".", "?", ")") and "Traceback" not in text


def main(arguments: Sequence[str] | None = None) -> int:
    """Try every parser, or those whose names hold a word that was given; 1 when one failed."""
    reader = argparse.ArgumentParser(
        prog="python tools/fuzz_answers.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reader.add_argument("words", nargs="*", help="only parsers with one of these words in their names")
    reader.add_argument("--times", type=int, default=100_000, help="answers for each parser")
    reader.add_argument(
        "--seed", type=int, default=None, help="of the changes; another one each time by default"
    )
    chosen = reader.parse_args(arguments)
    seed = chosen.seed if chosen.seed is not None else Random().randrange(10**9)
    print(f"seed {seed}", flush=True)
    finds = 0
    with quiet(), Sandbox(pages=60, spaces=3) as sandbox:
        for parser in chosen_of(parsers(told(sandbox)), chosen.words):
            tally = tried(parser, chosen.times, Random(seed))
            finds += tally.find is not None
            print(tally, flush=True)
    return 1 if finds else 0


def chosen_of(known: Sequence[Parser], words: Sequence[str]) -> Iterator[Parser]:
    return (parser for parser in known if not words or any(word in parser.name for word in words))


@contextmanager
def quiet() -> Iterator[None]:
    """What is announced to people is not said a million times."""
    log = logging.getLogger("confluence_nb")
    before = log.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            log.setLevel(before)


if __name__ == "__main__":
    sys.exit(main())
