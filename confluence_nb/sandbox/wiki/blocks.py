"""The passages bodies are put together from: sections, tables, panels, code, lists, layouts, macros."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from confluence_nb.sandbox.accounts import Account
from confluence_nb.sandbox.wiki.atlas_doc import AtlasDoc
from confluence_nb.sandbox.wiki.chance import Chance
from confluence_nb.sandbox.wiki.words import LABELS, SENTENCES, SYSTEMS, TEAMS, TOPICS
from confluence_nb.sandbox.wiki.writer import Writer

# A prime, so that any step through the passages meets all of them before one comes twice.
PASSAGES = 127

_CODE = (
    (
        "python",
        "for row in rows:\n    if row['cost'] > 1_000 and row['due'] != \"paid\":\n        queue.append(row)",
    ),
    ("sql", "SELECT team, count(*) AS n\nFROM incidents\nWHERE severity < 3 AND opened_at >= '2024-01-01';"),
    ("yaml", 'replicas: 3\nlimits: {cpu: "2", memory: 4Gi}\nenv:\n  - name: REGION\n    value: eu-west-1'),
    ("bash", "kubectl -n prod rollout status deploy/gateway && curl -fsS \"$HEALTH\" | jq '.status'"),
    ("json", '{"feature": "invoice-export", "enabled": true, "teams": ["billing", "finance"]}'),
    ("xml", '<rule id="7"><when>status &lt; 500</when><then>retry</then></rule>'),
)
_COLORS = ("Green", "Yellow", "Red", "Blue", "Grey", "Purple")
_STATES = ("DONE", "IN PROGRESS", "AT RISK", "TO DO", "BLOCKED", "GEPLANT")
_FEELINGS = (("tick", "✅"), ("warning", "⚠️"), ("smile", "🙂"), ("rocket", "🚀"), ("cross", "❌"))
_MOODS = ("info", "note", "tip", "warning")


class Passages:
    """One set of passages in one format; the same index says the same thing in every format.

    Parameters
    ----------
    writer:
        The format.
    """

    def __init__(self, writer: Writer, chance: Chance, people: tuple[Account, ...]) -> None:
        self.values = tuple(_Passage(writer, chance, people, index).write() for index in range(PASSAGES))
        self.escaped = tuple(orjson.dumps(value)[1:-1] for value in self.values)
        self.comma = b"," if isinstance(writer, AtlasDoc) else b""
        self.mean = sum(map(len, self.escaped)) / PASSAGES


class _Passage:
    """Writes the passage of one index."""

    def __init__(self, writer: Writer, chance: Chance, people: tuple[Account, ...], index: int) -> None:
        self.w = writer
        self.chance = chance
        self.people = people
        self.index = index
        self.asked = 3_000

    def write(self) -> str:
        forms: tuple[Callable[[], str], ...] = (
            *(
                self.section,
                self.prose,
                self.numbers,
                self.list,
                self.prose,
                self.panel,
                self.section,
                self.source,
            ),
            *(self.steps, self.prose, self.hidden, self.decision, self.side_by_side, self.macros, self.prose),
            self.people_list,
        )
        return forms[self.index % len(forms)]()

    def pick(self, options: tuple[str, ...]) -> str:
        self.asked += 1
        return self.chance.pick(options, self.index, self.asked)

    def below(self, limit: int) -> int:
        self.asked += 1
        return self.chance.below(limit, self.index, self.asked)

    def sentence(self) -> str:
        return self.w.text(self.pick(SENTENCES) + " ")

    def person(self) -> str:
        account = self.people[self.below(len(self.people))]
        return self.w.mention(account.account_id, account.name)

    def paragraph(self, sentences: int) -> str:
        return self.w.paragraph(*(self.sentence() for _ in range(sentences)))

    def day(self) -> str:
        return f"{2021 + self.below(5)}-{1 + self.below(12):02}-{1 + self.below(28):02}"

    def section(self) -> str:
        topic = self.pick(TOPICS).capitalize()
        return self.w.join(
            [self.w.heading(2 + self.below(2), f"{topic} & {self.pick(SYSTEMS)}"), self.paragraph(4)]
        )

    def prose(self) -> str:
        w = self.w
        return w.paragraph(
            self.sentence(),
            w.styled(self.pick(TEAMS), "strong"),
            w.text(" owns this; see "),
            w.link(
                f"{self.pick(SYSTEMS)} docs", f"https://docs.example.com/{self.pick(LABELS[:12])}?v=2&lang=en"
            ),
            w.text(". "),
            *(self.sentence() for _ in range(3)),
            w.styled(f"timeout={self.below(900)}", "code"),
        )

    def numbers(self) -> str:
        w = self.w
        rows = [
            [
                w.text(self.pick(TOPICS)),
                self.person(),
                w.status(self.pick(_STATES), self.pick(_COLORS)),
                w.text(f"{self.below(100_000):,} €"),
                w.date(self.day()),
            ]
            for _ in range(3 + self.below(3))
        ]
        head = [w.styled(name, "strong") for name in ("Topic", "Owner", "State", "Cost", "Due")]
        return w.table(head, rows, wide_last=self.below(2) == 0)

    def list(self) -> str:
        return self.w.items([self.sentence() for _ in range(4)])

    def panel(self) -> str:
        return self.w.panel(self.pick(_MOODS), self.paragraph(2))

    def source(self) -> str:
        language, text = _CODE[self.below(len(_CODE))]
        return self.w.code(language, text)

    def steps(self) -> str:
        return self.w.items([self.sentence() for _ in range(5)], ordered=True)

    def hidden(self) -> str:
        return self.w.expand(f"Details: {self.pick(TOPICS)}", self.paragraph(3), self.list())

    def decision(self) -> str:
        w = self.w
        name, character = _FEELINGS[self.below(len(_FEELINGS))]
        return w.paragraph(
            w.emoticon(name, character),
            w.styled(" Decision: ", "strong"),
            self.sentence(),
            w.text("Decided by "),
            self.person(),
            w.text(" on "),
            w.date(self.day()),
            w.text("."),
        )

    def side_by_side(self) -> str:
        return self.w.columns(self.paragraph(3), self.list())

    def macros(self) -> str:
        w = self.w
        return (
            w.macro("toc", {"maxLevel": "3"}),
            w.macro("children", {"sort": "title", "depth": "2"}),
            w.macro("jira", {"key": f"{self.pick(('OPS', 'PAY', 'WEB'))}-{self.below(9_000) + 1}"}),
            w.macro("include", {"page": f"{self.pick(TEAMS)} glossary"}),
            w.macro("excerpt-include", {"name": self.pick(TOPICS)}),
        )[self.below(5)]

    def people_list(self) -> str:
        return self.w.items(
            [self.w.join([self.person(), self.w.text(" — "), self.sentence()]) for _ in range(3)]
        )
