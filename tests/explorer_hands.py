"""What a person does with the explorer, as functions: pick a line, type, press a button, and wait until it rests."""

from __future__ import annotations

import asyncio
import html
import re
from typing import Any

import ipywidgets as widgets

from confluence_nb.api.portal import portal
from confluence_nb.explorer.explorer import Explorer
from confluence_nb.explorer.row_list import RowList


def settle(explorer: Explorer) -> None:
    """Wait until nothing that was started is under way."""

    async def at_rest() -> None:
        while True:
            for _ in range(10):
                await asyncio.sleep(0)  # what was started may be starting something itself
            tasks = [place._task for place in explorer._places if place._task is not None]
            if not (under_way := [task for task in tasks if not task.done()]):
                return
            await asyncio.wait(under_way)

    portal.run(at_rest())


def lines(rows: RowList) -> list[str]:
    return [label for label, _ in rows.options]


def pick(explorer: Explorer, rows: RowList, part: str) -> Any:
    """Choose the first line with these words in it, and wait for what follows; gives what the line stood for."""
    value = next(value for label, value in rows.options if part in label)
    rows.value = value
    settle(explorer)
    return value


def type_in(explorer: Explorer, box: widgets.Text, text: str) -> None:
    box.value = text
    settle(explorer)


def press(explorer: Explorer, button: widgets.Button) -> None:
    button.click()
    settle(explorer)


def codes(explorer: Explorer) -> list[str]:
    """The calls offered, the nearest first."""
    return [html.unescape(code) for code in re.findall(r'value="([^"]*)"', explorer.code.value)]


def words_of(widget: widgets.HTML) -> str:
    """What a person reads of a widget."""
    styled = re.sub(r"<style>.*?</style>", "", widget.value, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "", styled))


def is_shown(widget: widgets.Widget) -> bool:
    return bool(widget.layout.display != "none")
