"""How the explorer looks, over what it shares with the panel: three columns where there is room, one where not."""

from __future__ import annotations

# What is going on stands under the search, where it is seen in one column too; its line is kept free, so that nothing
# jumps when it comes and goes.

EXPLORER_CLASS = "confluence-nb-explorer"

STYLE = """<style>
.confluence-nb-explorer.confluence-nb-panel { max-width: 1400px; container-type: inline-size; }
.confluence-nb-explorer .widget-text { width: auto; max-width: 100%; }
.confluence-nb-explorer .widget-vbox, .confluence-nb-explorer .widget-hbox { overflow: visible; }
.confluence-nb-explorer .cnb-panes, .confluence-nb-explorer .cnb-bar { flex-wrap: wrap; gap: 4px 14px; }
.confluence-nb-explorer .cnb-bar { align-items: center; }
.confluence-nb-explorer .cnb-bar .widget-text { flex: 1 1 220px; min-width: 0; }
.confluence-nb-explorer .cnb-told { min-height: 28px; }
.confluence-nb-explorer .cnb-spaces { flex: 1 1 200px; min-width: 0; }
.confluence-nb-explorer .cnb-tree { flex: 2 1 300px; min-width: 0; }
.confluence-nb-explorer .cnb-preview { flex: 3 1 400px; min-width: 0; }
.confluence-nb-explorer .cnb-preview :is(.widget-html, .widget-html-content) { min-width: 0; }
.confluence-nb-explorer .cnb-rows {
  flex: 1 1 auto; flex-direction: column; align-items: stretch; width: auto; max-width: 100%; height: auto;
}
.confluence-nb-explorer .cnb-rows > .widget-label { width: auto; flex: none; font-weight: 600; }
.confluence-nb-explorer .cnb-rows > select {
  flex: 1 1 220px; width: 100%; height: auto; padding: 4px; box-sizing: border-box;
  border: 1px solid var(--cnb-line); border-radius: 4px; background: var(--cnb-ground); color: var(--cnb-text);
  font: inherit;
}
.confluence-nb-explorer .cnb-rows > select > option {
  padding: 2px 4px; border-radius: 3px; color: var(--cnb-text); overflow: hidden; text-overflow: ellipsis;
}
.confluence-nb-explorer .cnb-rows > select > option:checked {
  background: var(--cnb-brand) linear-gradient(var(--cnb-brand), var(--cnb-brand)); color: var(--cnb-on-brand);
  -webkit-text-fill-color: var(--cnb-on-brand);
}
.confluence-nb-explorer .cnb-scroll {
  height: 440px; overflow: auto; box-sizing: border-box; padding: 8px 14px;
  border: 1px solid var(--cnb-line); border-radius: 4px; background: var(--cnb-ground);
}
.confluence-nb-explorer .cnb-scroll:focus-visible { outline: 2px solid var(--cnb-brand); outline-offset: -2px; }
.confluence-nb-explorer .cnb-scroll .cnb-page {
  max-width: none; max-height: none; overflow: visible; padding: 0; border: 0;
}
.confluence-nb-explorer .cnb-code { margin-top: 6px; }
.confluence-nb-explorer .cnb-call { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; margin: 4px 0; }
.confluence-nb-explorer .cnb-call .cnb-copy { flex: 4 1 240px; width: auto; min-width: 0; margin: 0; }
.confluence-nb-explorer .cnb-call .cnb-soft { flex: 1 1 160px; }
.confluence-nb-explorer .cnb-copy-button {
  padding: 3px 12px; border: 1px solid var(--cnb-line); border-radius: 3px; cursor: pointer;
  background: var(--cnb-inset); color: var(--cnb-text); font: inherit;
}
.confluence-nb-explorer .cnb-copy-button:hover { border-color: var(--cnb-brand); }
@container (max-width: 700px) {
  .confluence-nb-explorer .cnb-panes { flex-direction: column; flex-wrap: nowrap; }
  .confluence-nb-explorer .cnb-panes > .widget-vbox { flex: none; }
  .confluence-nb-explorer .cnb-spaces select { flex-basis: 120px; }
  .confluence-nb-explorer .cnb-scroll { height: 320px; }
}
</style>"""
