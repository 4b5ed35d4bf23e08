"""What a person does with a notebook in JupyterLab, as methods: run a cell, press a button, paste, save."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from lab_server import LabServer
from playwright.sync_api import Error, Locator, Page, expect

CELL_SECONDS = 90
PROMPT_OF_NO_RUN = "[ ]:"
PROMPT_WITH_NUMBER = re.compile(r"\[\d+\]")

# JupyterLab calls the kernel idle for a moment while there is none yet, and a cell run then is lost:
# ready is a kernel that the notebook's session is connected to, and whose answers have come.
KERNEL_READY = """() => {
  const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  const kernel = context?.session?.kernel;
  return context?.isReady && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""

RUNS_LOST = 3
"""How often a cell is run of which JupyterLab says that it was not: it cancels one while it connects anew."""


class NotebookPage:
    """One notebook, open in one browser tab, with a kernel that is ready."""

    def __init__(self, page: Page, server: LabServer, name: str, sources: list[str]) -> None:
        self.page = page
        self.file: Path = server.folder / name
        self.script_errors: list[str] = []
        page.on("pageerror", lambda error: self.script_errors.append(str(error)))
        notebook = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            cells=[nbformat.v4.new_code_cell(source) for source in sources],
        )
        nbformat.write(notebook, self.file)
        self._open(server.address_of(name))

    def _open(self, address: str, attempts: int = 3) -> None:
        for attempt in range(1, attempts + 1):
            self.page.goto(address, wait_until="domcontentloaded")
            try:
                self.page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell", timeout=30_000)
                self.page.wait_for_function(KERNEL_READY, timeout=30_000)
            except Error:
                if attempt == attempts:
                    raise
            else:
                return

    def command(self, name: str, *, wait: bool = True) -> None:
        """Run a command of JupyterLab: keys and menus would depend on the focus."""
        call = f"window.jupyterapp.commands.execute({json.dumps(name)})"
        self.page.evaluate(f"() => {call}.then(() => null)" if wait else f"() => {{ {call}; return null }}")

    def cell(self, index: int) -> Locator:
        """The code cell at `index`."""
        return self.page.locator(".jp-NotebookPanel .jp-Notebook .jp-CodeCell").nth(index)

    def output(self, index: int) -> Locator:
        """What the cell at `index` shows under itself."""
        return self.cell(index).locator(".jp-OutputArea")

    def wait_until_ran(self, index: int) -> None:
        """Wait for the number in the prompt of the cell: it stays `[*]` while the cell runs or waits."""
        prompt = self.cell(index).locator(".jp-InputPrompt")
        expect(prompt).to_have_text(PROMPT_WITH_NUMBER, timeout=CELL_SECONDS * 1000)

    def run(self, index: int) -> Locator:
        """Run one cell and give its output."""
        prompt = self.cell(index).locator(".jp-InputPrompt")
        for _ in range(RUNS_LOST):
            prompt.click()
            self.command("notebook:run-cell")
            if prompt.inner_text() != PROMPT_OF_NO_RUN:
                break
        self.wait_until_ran(index)
        return self.output(index)

    def run_all(self) -> None:
        """Run > Run All Cells, without waiting for any of them."""
        self.command("notebook:run-all-cells", wait=False)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """A button of a widget; rows of the file browser are buttons too."""
        return self.page.locator(".jupyter-widgets").get_by_role("button", name=name)

    def paste(self, text: str, into: Locator) -> None:
        """Through the real clipboard, as a person would."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.paste_clipboard(into)

    def paste_clipboard(self, into: Locator) -> None:
        """Paste whatever was copied last, in this tab or another."""
        into.click()
        self.page.keyboard.press("Control+v")

    def save(self) -> dict[str, Any]:
        """Save as a person would, and read back what is in the file now."""
        before = self.file.stat().st_mtime_ns
        self.command("docmanager:save")
        assert self.file.stat().st_mtime_ns != before, "saving did not write the notebook"
        notebook: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        return notebook
