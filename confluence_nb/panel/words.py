"""Every sentence of the panel as HTML: the one place where text from a server becomes markup, escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.oauth.app import CONSOLE_URL
from confluence_nb.oauth.sites import Site
from confluence_nb.panel.session import Status
from confluence_nb.panel.view import Step, View

CONNECTED_APPS_URL = "https://id.atlassian.com/manage-profile/apps"
"""Where a person takes a consent back: Atlassian has no call that does it."""

PROBLEM = 'class="cnb-problem"'
"""Marks a message as a failure's; quotes from outside are escaped, so nothing else can look like it."""

CHOOSE_FIRST = "Pick a site from the list first."
NOTHING_PASTED = "The box is empty. Copy the address of the page that follows Accept, then paste it here."
CLIENT_INCOMPLETE = "Fill in both client id and secret. Both are on the app's Settings page in the console."
HOW_TO_PASTE = (
    "That page may fail to load: that is expected. "
    "What counts is its whole address, in the browser’s address bar."
)
HOW_IT_ARRIVES = (
    "The answer arrives by itself. If the page that follows Accept does not load, copy its whole address from the "
    "browser’s address bar and paste it here."
)
IN_THE_BOX = "http://localhost:…/callback?code=…"
IN_THE_BOX_UNNEEDED = "arrives by itself"
NO_SITE = (
    "This sign-in covers no Confluence site. Sign out and in again, and tick the site on the consent page; "
    "if it is not offered there, your account has no Confluence on it or an administrator has to allow the app."
)


def header(view: View) -> str:
    """The panel's first line: what it is, and how it stands."""
    signed_in = view.status is not None and view.status.signed_in
    kind, text = ("cnb-badge cnb-on", "Signed in") if signed_in else ("cnb-badge", "Not signed in")
    return (
        '<div class="cnb-header"><div class="cnb-title" role="heading" aria-level="3">Confluence sign-in</div>'
        f'<span class="{kind}">{text}</span></div>'
    )


def message(inner: str) -> str:
    """The line that tells what is going on, read out by screen readers when it changes."""
    return f'<div role="status" aria-live="polite">{inner}</div>'


def notice(text: str) -> str:
    return message(escape(text))


def busy(text: str) -> str:
    """A notice that something takes its time."""
    return message(
        f'<div class="cnb-busy"><span class="cnb-spinner" aria-hidden="true"></span>{escape(text)}</div>'
    )


def welcome() -> str:
    """What is said when all is done: the panel is no more needed."""
    return message(
        '<div class="cnb-next"><b>Go on in the next cell.</b> <code>wiki.spaces()</code> lists the spaces, '
        '<code>wiki.pages(space="KEY")</code> reads one, <code>wiki.explore()</code> shows them to look around.</div>'
    )


def problem(text: str) -> str:
    return message(f"<div {PROBLEM}><b>That did not work.</b> {escape(text)}</div>")


def failure(error: Exception) -> str:
    """A failure, and where its kind is explained."""
    more = f" {_link(error.help, 'More about it')}" if isinstance(error, ConfluenceNBError) else ""
    return message(f"<div {PROBLEM}><b>That did not work.</b> {escape(sentence_for(error))}{more}</div>")


def sentence_for(error: Exception) -> str:
    """What the person is told of a failure.

    Only messages written for people are shown: any other exception may carry a secret in its text.
    """
    if isinstance(error, ConfluenceNBError) and str(error):
        return str(error)
    kind = type(error).__name__
    return f"Something unexpected happened ({kind}). Try again; if it stays so, report it with that name."


def about(view: View) -> str:
    """What a step shows above its boxes and buttons."""
    status = view.status
    if status is None:
        return ""
    if view.step is Step.CONSENT:
        return _consent_step(view)
    if view.step is Step.SITE:
        what = "No site" if view.sites == () else "Choose the site"
        return _step(3, f"<b>{what}</b>{_for_account(status)}") + _note(status)
    return _signed_in(status) + _note(status)


def hint(view: View) -> str:
    """What the message line says while there is nothing else to say: in the way to a sign-in, how to go on."""
    if view.step is not Step.CONSENT or view.status is None:
        return message("")
    if view.status.note:
        return message(_note(view.status))
    text = HOW_IT_ARRIVES if view.comes_by_itself else HOW_TO_PASTE
    return message(f'<div class="cnb-hint">{escape(text)}</div>')


def paste_step(view: View) -> str:
    """Step 2, and in its box what belongs there."""
    if view.comes_by_itself:
        return _step(2, "<b>Come back here</b>, or paste the address of the page that follows")
    return _step(2, "<b>Paste the address of the page that follows</b>")


def counted(shown: int, every: int, typed: str) -> str:
    """How much of a long list of sites is shown."""
    if not typed:
        text = f"{every} sites"
    elif shown:
        text = f"{shown} of {every} sites"
    else:
        text = f"None of the {every} sites has “{typed[:60]}” in it."
    return f'<div class="cnb-soft" role="status">{escape(text)}</div>'


def site_label(site: Site) -> str:
    """An entry of the selector: text, which the widget shows as such."""
    return f"{site.name} · {site.host}" if _says_more(site) else site.host


def _says_more(site: Site) -> bool:
    """Whether the site's name tells anything that the first part of its host does not."""
    return site.name.casefold() not in ("", site.host.split(".")[0])


def signed_out() -> str:
    return message(
        '<div class="cnb-hint">Signed out: nothing of the sign-in is kept here any more. Atlassian still lists the '
        f"consent until you remove it under {_link(CONNECTED_APPS_URL, 'Connected apps')}.</div>"
    )


def console_steps(redirect_uri: str, scopes: Sequence[str]) -> str:
    """How to register an app of one's own, with what has to be typed there ready to copy.

    `offline_access` is asked for at sign-in and is no permission of the app, so it is not in the list.
    """
    identity = [scope for scope in scopes if scope == "read:me"]
    confluence = [scope for scope in scopes if scope not in ("read:me", "offline_access")]
    classic = [scope for scope in confluence if scope.count(":") < 2 or scope.startswith("readonly:")]
    granular = [scope for scope in confluence if scope not in classic]
    permissions = (
        f"Permissions: add the <b>Confluence API</b>, then these scopes.{_scope_boxes(classic, granular)}"
    )
    if identity:
        permissions += f"Add the <b>User identity API</b> too, for {_codes(identity)}."
    return (
        "<div>Signing in takes an app that is registered with Atlassian, once. "
        'It is free and stays private to you.</div><ol class="cnb-list">'
        f"<li>In the {_link(CONSOLE_URL, 'developer console')} choose Create, "
        "then OAuth 2.0 integration.</li>"
        f"<li>{permissions}</li>"
        "<li>Authorization: next to OAuth 2.0 (3LO) choose Add, and enter this callback URL."
        f"{_copy_line('Callback URL', redirect_uri)}</li>"
        "<li>Settings: copy client id and secret from there into the fields below.</li></ol>"
    )


def _note(status: Status) -> str:
    return f'<div class="cnb-warning">{escape(status.note)}</div>' if status.note else ""


def _step(number: int, heading: str, more: str = "") -> str:
    """A numbered step, made of HTML."""
    return (
        f'<div class="cnb-step"><span class="cnb-number">{number}<span class="cnb-unseen">.</span></span> '
        f"<div>{heading}{more}</div></div>"
    )


def _consent_step(view: View) -> str:
    """Step 1; the view's link is what `browser_link` gave, or nothing when there is no link to show."""
    if not view.link:
        return ""
    return _step(
        1,
        "<b>Open the consent page and choose Accept</b>",
        f'<div><a class="cnb-button" href="{escape(view.link)}" target="_blank" rel="noopener noreferrer">'
        'Open the consent page<span class="cnb-unseen"> (in a new tab)</span></a></div>',
    )


def _signed_in(status: Status) -> str:
    """Who, where, and how the sign-in is remembered, with a warning for scopes that are missing."""
    site = status.site
    account = status.account or "Signed in"
    where = ""
    if site is not None:
        name = f" ({escape(site.name)})" if _says_more(site) else ""
        where = f"<div>{_site_link(site)}{name}</div>"
    initials = f'<span class="cnb-initials" aria-hidden="true">{escape(_initials(account))}</span>'
    parts = [f'<div class="cnb-account">{initials}<div><b>{escape(account)}</b>{where}</div></div>']
    parts.append(f'<div class="cnb-soft">{escape(status.remembered)}</div>')
    if status.missing_scopes:
        host = escape(site.host) if site is not None else "this site"
        parts.append(
            f'<div class="cnb-warning"><b>Missing on {host}:</b> {_codes(status.missing_scopes)}. Calls that '
            "need them will fail. Add them to the app in the console under Permissions, then sign out and in "
            "again.</div>"
        )
    return "".join(parts)


def _initials(name: str) -> str:
    """The first letters of the first and the last word."""
    parts = name.split()
    letters = [part[0] for part in (parts[:1] + parts[1:][-1:])]
    return "".join(letters).upper()


def _scope_boxes(classic: Sequence[str], granular: Sequence[str]) -> str:
    boxes = (("Classic scopes", classic), ("Granular scopes", granular))
    made = "".join(
        f'<div><div class="cnb-soft">{name}</div>{_copy_lines(name, lines)}</div>'
        for name, lines in boxes
        if lines
    )
    return f'<div class="cnb-scopes">{made}</div>'


def _copy_line(label: str, text: str) -> str:
    return (
        f'<input class="cnb-copy" type="text" readonly data-lm-suppress-shortcuts="true" '
        f'aria-label="{escape(label)}" value="{escape(text)}">'
    )


def _copy_lines(label: str, lines: Sequence[str]) -> str:
    return (
        f'<textarea class="cnb-copy" readonly wrap="off" rows="{len(lines)}" data-lm-suppress-shortcuts="true" '
        f'aria-label="{escape(label)}">{escape(chr(10).join(lines))}</textarea>'
    )


def _codes(names: Sequence[str]) -> str:
    # A name goes to the next line as a whole, with its comma; where no line has room for it, it parts after a colon.
    *others, last = (f"<code>{escape(name).replace(':', ':<wbr>')}</code>" for name in names)
    return " ".join([*(f'<span class="cnb-whole">{other},</span>' for other in others), last])


def _for_account(status: Status) -> str:
    return f' <span class="cnb-soft">for {escape(status.account)}</span>' if status.account else ""


def _site_link(site: Site) -> str:
    """The site's host, as a link only when its address is one that is safe to click."""
    return _link(site.url, site.host) if site.url.startswith("https://") else escape(site.host)


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>'
