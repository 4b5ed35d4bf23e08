"""How the panel looks: Jupyter's own theme where there is one, plain and readable elsewhere."""

from __future__ import annotations

PANEL_CLASS = "confluence-nb-panel"

# JupyterLab takes the arrow keys in a list of choices for its own, and goes to the next cell. A list is told apart when
# it gets the focus: a handler in the markup is all that a widget made of HTML can bring along.
_KEEPS_ARROW_KEYS = (
    "this.closest('.confluence-nb-panel')?.addEventListener('focusin', event => "
    "event.target.tagName === 'SELECT' && event.target.setAttribute('data-lm-suppress-shortcuts', 'true'))"
)

# The ring around what has the focus is in want of its !important: the widgets' own styles take it off boxes and lists,
# and leave buttons a pale one.
_RULES = """
.confluence-nb-panel {
  --cnb-text: var(--jp-ui-font-color1, var(--vscode-editor-foreground, #1f1f1f));
  --cnb-soft: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, #595959));
  --cnb-ground: var(--jp-layout-color1, var(--vscode-editor-background, #ffffff));
  --cnb-inset: var(--jp-layout-color2, var(--vscode-input-background, #f3f3f3));
  --cnb-line: var(--jp-border-color2, var(--vscode-panel-border, #cfcfcf));
  --cnb-brand: var(--jp-brand-color1, var(--vscode-button-background, #1565c0));
  --cnb-on-brand: var(--jp-ui-inverse-font-color1, var(--vscode-button-foreground, #ffffff));
  --cnb-good: var(--jp-success-color0, #2e7d32);
  --cnb-warn: var(--jp-warn-color0, #b45309);
  --cnb-error: var(--jp-error-color0, #b71c1c);
  max-width: 720px;
  padding: 12px 16px;
  border: 1px solid var(--cnb-line);
  border-radius: 6px;
  background: var(--cnb-ground);
  color: var(--cnb-text);
}
.confluence-nb-panel .widget-html-content, .confluence-nb-panel .widget-html { color: var(--cnb-text); }
.confluence-nb-panel .widget-html, .confluence-nb-panel .widget-html-content {
  height: auto; line-height: 1.5; white-space: normal; overflow-wrap: anywhere;
}
.confluence-nb-panel .widget-label { color: var(--cnb-text); }
.confluence-nb-panel .widget-inline-hbox > .widget-label { text-align: left; }
.confluence-nb-panel .cnb-title { margin: 0 0 4px; font-size: 1.15em; font-weight: 600; }
.confluence-nb-panel .cnb-soft { color: var(--cnb-soft); }
.confluence-nb-panel ol { margin: 4px 0; padding-left: 1.6em; }
.confluence-nb-panel a { color: var(--jp-content-link-color, var(--cnb-brand)); text-decoration: underline; }
.confluence-nb-panel a.cnb-button {
  display: inline-block; margin: 4px 0; padding: 4px 14px; border-radius: 3px;
  background: var(--cnb-brand); color: var(--cnb-on-brand); text-decoration: none;
}
.confluence-nb-panel a.cnb-button:hover { text-decoration: underline; }
.confluence-nb-panel :is(a, button, input, select, textarea, summary):focus-visible {
  outline: 2px solid var(--cnb-brand) !important; outline-offset: 2px !important;
}
.confluence-nb-panel input, .confluence-nb-panel select { font-family: inherit; }
.confluence-nb-panel .cnb-copy {
  display: block; box-sizing: border-box; width: 100%; margin: 2px 0 6px; padding: 4px 6px; resize: vertical;
  border: 1px solid var(--cnb-line); background: var(--cnb-inset); color: var(--cnb-text);
  font-family: var(--jp-code-font-family, monospace); font-size: 0.92em; text-overflow: ellipsis;
}
.confluence-nb-panel .cnb-problem,
.confluence-nb-panel .cnb-warning { padding-left: 8px; border-left: 3px solid; }
.confluence-nb-panel .cnb-problem { border-color: var(--cnb-error); }
.confluence-nb-panel .cnb-warning { border-color: var(--cnb-warn); margin: 4px 0; }
"""

# Whoever is at the keyboard would begin at the top of the page again when what had the focus is replaced, or
# disabled for a moment: the focus goes back, or to the first thing to do. Nobody who went elsewhere is called back.
_KEEPS_FOCUS = """
const panel = this.closest('.confluence-nb-sign-in');
if (panel && !panel.dataset.keepsFocus) {
  panel.dataset.keepsFocus = 'yes';
  let held = null, timer = 0;
  const usable = node => node.isConnected && !node.disabled && node.getClientRects().length > 0;
  const back = () => {
    const now = document.activeElement;
    if (!held || (now && now !== document.body && !now.contains(panel))) return;
    const all = [...panel.querySelectorAll('a.cnb-button, input, select, button')];
    const next = usable(held) ? held : held.isConnected && held.disabled ? null : all.find(usable);
    if (next) next.focus({preventScroll: true});
  };
  panel.addEventListener('focusin', event => { held = event.target; });
  panel.addEventListener('focusout', event => {
    const left = event.target;
    setTimeout(() => {
      if (held === left && document.hasFocus() && usable(left) && document.activeElement !== left) held = null;
    });
  });
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(back, 60); })
    .observe(panel, {subtree: true, childList: true, attributes: true, attributeFilter: ['disabled', 'style']});
}
"""

SIGN_IN_CLASS = "confluence-nb-sign-in"

# Of a list that has the focus Chromium insists on its own colour of letters, which the dark theme's blue makes pale.
# Only the colour they are filled with is left to others; the gradient is there for the same reason.
_SIGN_IN_RULES = """
.confluence-nb-sign-in { container-type: inline-size; padding: 14px 18px; border-radius: 8px; }
.confluence-nb-sign-in .widget-vbox, .confluence-nb-sign-in .widget-hbox { overflow: visible; }
.confluence-nb-sign-in .widget-html { margin: 0; }
.confluence-nb-sign-in .cnb-unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.confluence-nb-sign-in .cnb-header {
  display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 12px;
  margin-bottom: 10px; padding-bottom: 8px; border-bottom: 1px solid var(--cnb-line);
}
.confluence-nb-sign-in .cnb-title { margin: 0; }
.confluence-nb-sign-in .cnb-badge { color: var(--cnb-soft); white-space: nowrap; }
.confluence-nb-sign-in .cnb-badge::before {
  content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 6px; box-sizing: border-box;
  border: 2px solid currentcolor; border-radius: 50%;
}
.confluence-nb-sign-in .cnb-on { color: var(--cnb-text); }
.confluence-nb-sign-in .cnb-on::before { border-color: var(--cnb-good); background: var(--cnb-good); }
.confluence-nb-sign-in .cnb-step { display: flex; gap: 10px; margin-bottom: 4px; }
.confluence-nb-sign-in .cnb-step > div { flex: 1 1 0; min-width: 0; }
.confluence-nb-sign-in .cnb-number {
  flex: none; width: 22px; height: 22px; box-sizing: border-box; border: 1px solid var(--cnb-line);
  border-radius: 50%; background: var(--cnb-inset); color: var(--cnb-text);
  font-size: 0.85em; font-weight: 600; line-height: 20px; text-align: center;
}
.confluence-nb-sign-in .cnb-hint, .confluence-nb-sign-in .cnb-busy { padding-left: 32px; }
.confluence-nb-sign-in .cnb-hint { color: var(--cnb-soft); }
.confluence-nb-sign-in .cnb-next { margin-top: 10px; }
.confluence-nb-sign-in code {
  padding: 1px 4px; border-radius: 3px; background: var(--cnb-inset); color: var(--cnb-text);
  font-family: var(--jp-code-font-family, monospace); font-size: 0.92em;
}
.confluence-nb-sign-in .cnb-roomy { min-height: 15.9em; }
.confluence-nb-sign-in .cnb-warning code { padding: 0; background: none; }
.confluence-nb-sign-in .cnb-warning .cnb-whole { display: inline-block; }
.confluence-nb-sign-in .cnb-account { display: flex; gap: 12px; align-items: center; margin-bottom: 8px; }
.confluence-nb-sign-in .cnb-initials {
  flex: none; width: 38px; height: 38px; border-radius: 50%; background: var(--cnb-brand); color: var(--cnb-on-brand);
  font-weight: 600; line-height: 38px; text-align: center;
}
.confluence-nb-sign-in .cnb-entry { flex-wrap: wrap; gap: 8px; margin: 2px 0 6px; padding-left: 32px; }
.confluence-nb-sign-in .cnb-entry > * { margin: 0; align-self: flex-end; }
.confluence-nb-sign-in .cnb-one-box > * { align-self: center; }
.confluence-nb-sign-in .widget-text { flex: 1 1 200px; flex-direction: column; height: auto; min-width: 0; }
.confluence-nb-sign-in .widget-text > .widget-label { width: auto; height: auto; line-height: 1.5; }
.confluence-nb-sign-in .widget-text > input {
  flex: none; width: 100%; height: 30px; border-radius: 4px; text-overflow: ellipsis;
}
.confluence-nb-sign-in .cnb-one-box .widget-label, .confluence-nb-sign-in .cnb-sites .widget-label {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.confluence-nb-sign-in .cnb-sites { margin: 0 0 2px; padding-left: 32px; height: auto; }
.confluence-nb-sign-in .cnb-sites > select {
  width: 100%; height: auto; padding: 4px; border: 1px solid var(--jp-border-color1, var(--cnb-line));
  border-radius: 4px; background: var(--cnb-ground); color: var(--cnb-text); font: inherit;
}
.confluence-nb-sign-in .cnb-sites option { padding: 1px 4px; border-radius: 3px; color: var(--cnb-text); }
.confluence-nb-sign-in .cnb-sites option:checked {
  background: var(--cnb-brand) linear-gradient(var(--cnb-brand), var(--cnb-brand)); color: var(--cnb-on-brand);
  -webkit-text-fill-color: var(--cnb-on-brand);
}
.confluence-nb-sign-in .cnb-list { padding-left: 32px; }
.confluence-nb-sign-in .cnb-scopes { display: flex; flex-wrap: wrap; gap: 0 12px; }
.confluence-nb-sign-in .cnb-scopes > div { flex: 1 1 240px; min-width: 0; }
.confluence-nb-sign-in .cnb-copy { resize: none; border-radius: 4px; }
.confluence-nb-sign-in button.jupyter-button { padding: 0 16px; border-radius: 4px; }
.confluence-nb-sign-in button.jupyter-button:disabled { transition: opacity 0.1s 0.3s; }
.confluence-nb-sign-in .cnb-footer { flex-wrap: wrap; gap: 8px; margin-top: 6px; }
.confluence-nb-sign-in .cnb-footer > .jupyter-button { margin: 0; border: 1px solid transparent; }
.confluence-nb-sign-in .cnb-footer > .jupyter-button:not(.mod-primary) {
  border-color: var(--cnb-line); background: transparent; color: var(--cnb-text);
}
.confluence-nb-sign-in .cnb-footer > .jupyter-button:not(.mod-primary):hover:enabled { border-color: var(--cnb-brand); }
.confluence-nb-sign-in .cnb-problem, .confluence-nb-sign-in .cnb-warning {
  margin: 6px 0; padding: 6px 10px; border-radius: 0 4px 4px 0;
}
.confluence-nb-sign-in .cnb-problem { background: color-mix(in srgb, var(--cnb-error) 9%, transparent); }
.confluence-nb-sign-in .cnb-warning { background: color-mix(in srgb, var(--cnb-warn) 9%, transparent); }
.confluence-nb-sign-in .cnb-spinner {
  display: inline-block; width: 12px; height: 12px; margin-right: 8px; box-sizing: border-box;
  border: 2px solid var(--cnb-line); border-top-color: var(--cnb-brand); border-radius: 50%;
  vertical-align: -1px; animation: cnb-turn 0.9s linear infinite;
}
@keyframes cnb-turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .confluence-nb-sign-in .cnb-spinner { animation-duration: 6s; } }
@container (max-width: 480px) {
  .confluence-nb-sign-in .cnb-header { gap: 0 8px; font-size: 0.92em; }
  .confluence-nb-sign-in .cnb-entry, .confluence-nb-sign-in .cnb-sites,
  .confluence-nb-sign-in .cnb-hint, .confluence-nb-sign-in .cnb-busy { padding-left: 0; }
  .confluence-nb-sign-in .cnb-one-box > .widget-text { flex-basis: 120px; }
  .confluence-nb-sign-in .cnb-list { padding-left: 21px; }
  .confluence-nb-sign-in .cnb-list .cnb-scopes { margin-left: -21px; }
  .confluence-nb-sign-in .cnb-list input.cnb-copy { width: calc(100% + 21px); margin-left: -21px; }
  .confluence-nb-sign-in .cnb-copy { padding: 4px 3px; font-size: 0.79em; }
  .confluence-nb-sign-in .cnb-roomy { min-height: 26.2em; }
}
"""

SIGN_IN_STYLE = f'<style onload="{_KEEPS_FOCUS}">{_SIGN_IN_RULES}</style>'

STYLE = f'<style onload="{_KEEPS_ARROW_KEYS}">{_RULES}</style>'
