"""Runs the quickstart from top to bottom as a person would, consent included, and leaves it as a web page."""

from __future__ import annotations

import os
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

ROOT = Path(__file__).resolve().parent.parent
QUICKSTART = ROOT / "notebooks" / "quickstart.ipynb"
OUTPUT = ROOT / "demo-output"

# What a person does at the panel: open the consent page and accept, paste the address, press the button,
# choose a site. The panel answers from another thread, so each step waits until the panel has got there.
SIGN_IN = """
def _sign_in(panel, sandbox, seconds=30):
    import time

    def wait_until(reached):
        deadline = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > deadline:
                raise TimeoutError(f"No answer within {seconds} s; the panel says: {panel.message.value}")
            time.sleep(0.02)

    panel.paste.value = sandbox.approve(wiki.consent_url)
    panel.finish.click()
    wait_until(lambda: panel.site.options)
    panel.site.value = next(value for label, value in panel.site.options if "acme" in label)
    panel.choose.click()
    wait_until(lambda: wiki.site)

_sign_in(wiki.panel, wiki.sandbox)
del _sign_in
"""


# In a kernel pandas takes a terminal for 80 columns wide and breaks the heads of frames in two.
WIDE = "__import__('pandas').set_option('display.width', 120)"


def run(notebook: NotebookNode) -> None:
    """Run every cell in a fresh kernel, signing in after the cell that shows the panel."""
    client = NotebookClient(
        notebook,
        timeout=300,
        resources={"metadata": {"path": str(ROOT / "notebooks")}},
        # A kernel of today warns when others on this machine could listen in.
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
    )
    with client.setup_kernel(env={**os.environ, "CONFLUENCE_NB_DEMO": "1"}):
        client.kc.execute(WIDE, silent=True)
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            client.execute_cell(cell, index)
            show(cell)
            if "sign-in" in cell.metadata.get("tags", ()):
                client.execute_cell(nbformat.v4.new_code_cell(SIGN_IN), index, store_history=False)
                notebook.cells[index] = cell  # what is run at an index takes the place of the cell there
                print("    (consent page accepted, its address pasted into the panel, site chosen)\n")
        client.set_widgets_metadata()


def show(cell: NotebookNode) -> None:
    """Print a cell and what it shows, as a terminal can."""
    number = f"[{cell.execution_count}] "
    print(number + cell.source.replace("\n", "\n" + " " * len(number)))
    for output in cell.outputs:
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        print("\n      " + text.rstrip().replace("\n", "\n      "))
    print()


def without_widgets(notebook: NotebookNode) -> NotebookNode:
    """A copy that shows the text of each widget, which a page can show without a kernel or a network."""
    copy = deepcopy(notebook)
    copy.metadata.pop("widgets", None)
    for cell in copy.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    return copy


def main() -> int:
    """Run the quickstart, keep what it became, and say where."""
    notebook = nbformat.read(QUICKSTART, as_version=4)
    OUTPUT.mkdir(exist_ok=True)
    try:
        run(notebook)
    except CellExecutionError as error:
        print(f"The quickstart stopped: {error}", file=sys.stderr)
        return 1
    nbformat.write(notebook, OUTPUT / QUICKSTART.name)
    page, _ = HTMLExporter().from_notebook_node(without_widgets(notebook))
    rendering = OUTPUT / "quickstart.html"
    rendering.write_text(page, encoding="utf-8")
    print(f"The notebook as it looks now: {rendering}")
    print("To click through it yourself, consent page and all: make lab")
    return 0


if __name__ == "__main__":
    sys.exit(main())
