"""A person at the consent page: opens it over HTTP, chooses, clicks, and copies the address that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


@dataclass
class _Choice:
    name: str
    value: str
    checked: bool
    words: str = ""

    def is_called(self, text: str) -> bool:
        names = {part.strip().lower() for part in self.words.split("·")} | {self.value.lower()}
        return text.strip().lower().removeprefix("https://").rstrip("/") in names


@dataclass
class _Form(HTMLParser):
    """What of the page a person could act on."""

    action: str = ""
    hidden: list[tuple[str, str]] = field(default_factory=list)
    choices: list[_Choice] = field(default_factory=list)
    problem: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.action = given.get("action") or ""
        elif tag == "input" and given.get("type") == "hidden":
            self.hidden.append((given.get("name") or "", given.get("value") or ""))
        elif tag == "input":
            self.choices.append(
                _Choice(given.get("name") or "", given.get("value") or "", "checked" in given)
            )
            self._inside = "choice"
        elif tag == "p" and given.get("id") == "problem":
            self._inside = "problem"
        elif tag == "small" and self._inside == "choice":
            self.choices[-1].words += "·"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("label", "p"):
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "choice":
            self.choices[-1].words += data
        elif self._inside == "problem":
            self.problem += data


def visit_consent_page(
    consent_url: str, *, account: str | None, sites: Sequence[str] | None, deny: bool
) -> str:
    """See `Sandbox.approve`."""
    with httpx.Client(trust_env=False, timeout=30.0) as browser:
        page = browser.get(consent_url)
        form = _read(page)
        fields = form.hidden
        fields += [("account", _pick(form, "account", account))]
        fields += [("site", value) for value in _tick(form, sites)]
        fields += [("decision", "deny" if deny else "accept")]
        names = dict.fromkeys(name for name, _ in fields)
        # httpx writes a repeated field from a list.
        body = {name: [value for key, value in fields if key == name] for name in names}
        answer = browser.post(urljoin(str(page.url), form.action), data=body)
        if answer.status_code != 302:
            _read(answer)
        return urljoin(str(answer.url), answer.headers["location"])


def _read(page: httpx.Response) -> _Form:
    form = _Form()
    form.feed(page.text)
    if page.status_code != 200 or not form.action:
        raise ValueError(f"The consent page answered {page.status_code}: {form.problem or 'no form on it'}")
    return form


def _pick(form: _Form, name: str, wanted: str | None) -> str:
    offered = [choice for choice in form.choices if choice.name == name]
    for choice in offered:
        if choice.checked if wanted is None else choice.is_called(wanted):
            return choice.value
    names = ", ".join(choice.words.split("·")[0] for choice in offered)
    raise ValueError(f"The consent page offers no {name} {wanted!r}. It offers: {names or 'none'}.")


def _tick(form: _Form, wanted: Sequence[str] | None) -> list[str]:
    if wanted is None:
        return [choice.value for choice in form.choices if choice.name == "site" and choice.checked]
    return [_pick(form, "site", name) for name in wanted]
