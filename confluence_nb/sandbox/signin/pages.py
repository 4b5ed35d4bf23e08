"""The pages of the sign-in as HTML: consent, callback and error; plain forms that need no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from confluence_nb.sandbox.accounts import SIGN_IN_ACCOUNTS
from confluence_nb.sandbox.signin.scopes import KNOWN
from confluence_nb.sandbox.signin.sites import Site

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2433; --soft: #5b6578; --line: #d9dee8; --paper: #ffffff;
  --ground: #eef1f6; --accent: #1f5fd6; --on-accent: #ffffff; --tint: #f3f6fc; --warn: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf2; --soft: #a4aec0; --line: #39415180;
  --paper: #1c212b; --ground: #12151c; --accent: #7fabff; --on-accent: #0d1730; --tint: #252c39;
  --warn: #ff9a91; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 2rem 1rem;
  background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { width: 100%; max-width: 34rem; padding: 2rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 16px; box-shadow: 0 12px 40px #0000001f; }
h1 { margin: 0 0 .25rem; font-size: 1.4rem; line-height: 1.25; }
h1.warn { color: var(--warn); }
p { margin: .5rem 0; } .soft { color: var(--soft); font-size: .9rem; }
fieldset { margin: 1.25rem 0 0; padding: 0; border: 0; }
legend { padding: 0; font-weight: 600; }
label { display: flex; gap: .75rem; align-items: center; margin-top: .5rem; padding: .6rem .8rem;
  border: 1px solid var(--line); border-radius: 10px; cursor: pointer; }
label:hover, label:has(:checked) { background: var(--tint); }
label:has(:focus-visible) { outline: 2px solid var(--accent); }
label small { display: block; color: var(--soft); } input { accent-color: var(--accent); }
ul { margin: .5rem 0 0; padding: .25rem 0 .25rem 1.4rem; max-height: 14rem; overflow: auto; }
li { margin: .2rem 0; } li code { color: var(--soft); font-size: .75rem; }
code, textarea { font: .85rem/1.5 ui-monospace, Consolas, monospace; overflow-wrap: anywhere; }
textarea { width: 100%; margin-top: .75rem; padding: .75rem; border: 1px solid var(--line);
  border-radius: 10px; background: var(--tint); color: inherit; resize: vertical; }
.actions { display: flex; gap: .75rem; align-items: center; margin-top: 1.5rem; }
button { padding: .6rem 1.4rem; border: 1px solid var(--line); border-radius: 10px; background: none;
  color: inherit; font: inherit; font-weight: 600; cursor: pointer; }
button.main { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
"""

_COPY = """
const box = document.getElementById("address"), said = document.getElementById("said");
box.value = location.href;
document.getElementById("copy").hidden = false;
document.getElementById("copy").addEventListener("click", async () => {
  try { await navigator.clipboard.writeText(box.value); said.textContent = "Copied."; }
  catch { box.focus(); box.select();
    said.textContent = document.execCommand("copy") ? "Copied." : "Selected: now press Ctrl+C or ⌘C."; }
});
"""


def consent_page(
    app_name: str, asked: Mapping[str, str], scopes: Sequence[str], sites: Sequence[Site]
) -> str:
    """Who asks for what, on whose account and on which sites; all sites are ticked."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked.items()
    )
    accounts = "".join(
        f'<label><input type="radio" name="account" value="{escape(account.account_id)}"'
        f"{' checked' if number == 0 else ''}><span>{escape(account.name)}"
        f"<small>{escape(account.email)}</small></span></label>"
        for number, account in enumerate(SIGN_IN_ACCOUNTS)
    )
    ticks = "".join(
        f'<label><input type="checkbox" name="site" value="{escape(site.id)}" checked>'
        f"<span>{escape(site.name)}<small>{escape(site.host)} · {_products(site)}</small></span></label>"
        for site in sites
    )
    words = "".join(f"<li>{escape(KNOWN[scope])} <code>{escape(scope)}</code></li>" for scope in scopes)
    return _page(
        f"Allow {app_name}?",
        f"""<h1>{escape(app_name)} asks for access to your account</h1>
<p class="soft">This is the sandbox’s consent page. Nothing here reaches a real site.</p>
<form method="post" action="consent">{hidden}
<fieldset><legend>Account</legend>{accounts}</fieldset>
<fieldset><legend>Use the app on</legend>{ticks or '<p class="soft">This account has no site.</p>'}</fieldset>
<fieldset><legend>It may</legend><ul>{words}</ul></fieldset>
<div class="actions"><button class="main" name="decision" value="accept">Accept</button>
<button name="decision" value="deny">Deny</button></div></form>""",
    )


def callback_page(address: str, answer: Mapping[str, str]) -> str:
    """The address to take back to the notebook; a script puts the browser's own in its place."""
    if "error" in answer:
        title = "Access was not given"
        lead = "Copy this address into the notebook all the same: it ends the sign-in there."
    elif "code" in answer:
        title = "Almost done"
        lead = "Copy this address and paste it into the notebook."
    else:
        title = "Nothing to copy yet"
        lead = "This page shows an address to copy when a consent page leads here."
    return _page(
        title,
        f"""<h1>{title}</h1><p>{lead}</p>
<textarea id="address" rows="6" readonly aria-label="Address to copy">{escape(address)}</textarea>
<div class="actions"><button id="copy" class="main" type="button" hidden>Copy</button>
<span id="said" class="soft" role="status" aria-live="polite"></span></div>
<noscript><p class="soft">Select the whole address above and copy it.</p></noscript>
<script>{_COPY}</script>""",
    )


def front_page(app_name: str) -> str:
    """What somebody sees who opens the sandbox itself."""
    return _page(
        "Confluence sandbox",
        f"""<h1>The sandbox is running</h1><p>It stands in for a Confluence Cloud.
Sign in from a notebook: the link there leads to the consent page of “{escape(app_name)}”.</p>""",
    )


def error_page(words: str) -> str:
    """Why a consent link cannot be answered."""
    return _page(
        "Something is wrong with this link",
        f'<h1 class="warn">Something is wrong with this link</h1><p id="problem">{escape(words)}</p>',
    )


def _products(site: Site) -> str:
    return " and ".join(name for name, has in (("Confluence", site.confluence), ("Jira", site.jira)) if has)


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head><body><main>{content}</main></body></html>"
    )
