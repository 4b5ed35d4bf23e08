"""How the panel looks: Jupyter's own theme where there is one, plain and readable elsewhere."""

from __future__ import annotations

PANEL_CLASS = "confluence-nb-panel"

# JupyterLab takes the arrow keys in a list of choices for its own, and goes to the next cell. A list is told apart when
# it gets the focus: a handler in the markup is all that a widget made of HTML can bring along.
_KEEPS_ARROW_KEYS = (
    "this.closest('.confluence-nb-panel')?.addEventListener('focusin', event => "
    "event.target.tagName === 'SELECT' && event.target.setAttribute('data-lm-suppress-shortcuts', 'true'))"
)

_RULES = """
.confluence-nb-panel {
  --cnb-text: var(--jp-ui-font-color1, var(--vscode-editor-foreground, #1f1f1f));
  --cnb-soft: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, #595959));
  --cnb-ground: var(--jp-layout-color1, var(--vscode-editor-background, #ffffff));
  --cnb-inset: var(--jp-layout-color2, var(--vscode-input-background, #f3f3f3));
  --cnb-line: var(--jp-border-color2, var(--vscode-panel-border, #cfcfcf));
  --cnb-brand: var(--jp-brand-color1, var(--vscode-button-background, #1565c0));
  --cnb-on-brand: var(--jp-ui-inverse-font-color1, var(--vscode-button-foreground, #ffffff));
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
  background: var(--cnb-brand); color: var(--cnb-on-brand); font-weight: 600; text-decoration: none;
}
.confluence-nb-panel a.cnb-button:hover { text-decoration: underline; }
.confluence-nb-panel a:focus-visible, .confluence-nb-panel button:focus-visible,
.confluence-nb-panel input:focus-visible, .confluence-nb-panel select:focus-visible,
.confluence-nb-panel textarea:focus-visible { outline: 2px solid var(--cnb-brand); outline-offset: 2px; }
.confluence-nb-panel .cnb-copy {
  display: block; box-sizing: border-box; width: 100%; margin: 2px 0 6px; padding: 4px 6px; resize: vertical;
  border: 1px solid var(--cnb-line); background: var(--cnb-inset); color: var(--cnb-text);
  font-family: var(--jp-code-font-family, monospace); font-size: 0.92em;
}
.confluence-nb-panel .cnb-problem,
.confluence-nb-panel .cnb-warning { padding-left: 8px; border-left: 3px solid; }
.confluence-nb-panel .cnb-problem { border-color: var(--cnb-error); }
.confluence-nb-panel .cnb-warning { border-color: var(--cnb-warn); margin: 4px 0; }
"""

STYLE = f'<style onload="{_KEEPS_ARROW_KEYS}">{_RULES}</style>'
