"""How a page's preview looks: Jupyter's own theme where there is one, plain and readable elsewhere."""

from __future__ import annotations

# A table is a block that scrolls by itself, and its words stay whole: in a narrow pane a browser would else
# make columns of single letters.

STYLE = """<style>
.cnb-page {
  --cnb-text: var(--jp-content-font-color1, var(--vscode-editor-foreground, #1f1f1f));
  --cnb-soft: var(--jp-content-font-color2, var(--vscode-descriptionForeground, #595959));
  --cnb-ground: var(--jp-layout-color1, var(--vscode-editor-background, #ffffff));
  --cnb-inset: var(--jp-layout-color2, var(--vscode-textCodeBlock-background, #f3f3f3));
  --cnb-line: var(--jp-border-color2, var(--vscode-panel-border, #cfcfcf));
  max-width: 860px; max-height: 640px; overflow: auto; padding: 12px 16px; box-sizing: border-box;
  border: 1px solid var(--cnb-line); border-radius: 6px;
  background: var(--cnb-ground); color: var(--cnb-text);
  font-family: var(--jp-content-font-family, sans-serif); line-height: 1.5; overflow-wrap: anywhere;
}
.cnb-page a { color: var(--jp-content-link-color, #1565c0); }
.cnb-page .cnb-title { font-size: 1.5em; font-weight: 600; line-height: 1.25; }
.cnb-page .cnb-soft { color: var(--cnb-soft); }
.cnb-page .cnb-body { margin-top: 12px; }
.cnb-page .cnb-p { margin: 0 0 8px; }
.cnb-page .cnb-p:last-child { margin-bottom: 0; }
.cnb-page .cnb-p, .cnb-page li, .cnb-page td, .cnb-page th { unicode-bidi: plaintext; }
.cnb-page .cnb-tasks { list-style: none; padding-left: 0.4em; }
.cnb-page.cnb-page table {
  display: block; overflow-x: auto;
  border-collapse: collapse; margin: 8px 0; color: inherit; font-size: inherit;
}
.cnb-page.cnb-page td, .cnb-page.cnb-page th {
  border: 1px solid var(--cnb-line); padding: 4px 8px; vertical-align: top; text-align: start;
  max-width: none; white-space: normal; overflow-wrap: break-word; color: inherit; background: var(--cnb-ground);
}
.cnb-page.cnb-page th { background: var(--cnb-inset); font-weight: 600; }
.cnb-page.cnb-page pre, .cnb-page.cnb-page code {
  background: var(--cnb-inset); color: inherit; font-family: var(--jp-code-font-family, monospace); font-size: 0.92em;
}
.cnb-page.cnb-page pre { padding: 8px 10px; margin: 8px 0; overflow-x: auto; white-space: pre; border-radius: 3px; }
.cnb-page.cnb-page code { padding: 1px 3px; border-radius: 3px; }
.cnb-page blockquote { margin: 8px 0; padding-left: 10px; border-left: 3px solid var(--cnb-line); color: inherit; }
.cnb-page details { margin: 8px 0; padding: 4px 10px; border: 1px solid var(--cnb-line); border-radius: 3px; }
.cnb-page .cnb-panel {
  margin: 8px 0; padding: 6px 10px; background: var(--cnb-inset);
  border-left: 4px solid var(--jp-brand-color1, #1565c0);
}
.cnb-page .cnb-note { border-color: var(--jp-warn-color1, #b45309); }
.cnb-page .cnb-tip { border-color: var(--jp-success-color1, #2e7d32); }
.cnb-page .cnb-warning { border-color: var(--jp-error-color1, #b71c1c); }
.cnb-page .cnb-status {
  padding: 0 6px; border: 1px solid var(--cnb-soft); border-radius: 3px; font-size: 0.85em; font-weight: 600;
}
.cnb-page.cnb-page td > ul, .cnb-page.cnb-page td > ol { margin: 0; }
.cnb-page .cnb-mark { color: var(--cnb-soft); }
.cnb-page .cnb-body > .cnb-mark { display: block; margin: 8px 0; }
.cnb-page .cnb-columns { display: flex; gap: 20px; flex-wrap: wrap; }
.cnb-page .cnb-columns > div { flex: 1 1 240px; min-width: 0; }
</style>"""
