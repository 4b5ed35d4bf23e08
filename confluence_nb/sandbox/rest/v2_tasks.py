"""Labels and tasks of the whole site in the v2 API."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from confluence_nb.sandbox.rest.attached_shapes import task_row
from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v2
from confluence_nb.sandbox.rest.facets import PREFIXES, body_format, labels_window
from confluence_nb.sandbox.rest.problems import missing
from confluence_nb.sandbox.rest.v2_pages import wanted_spaces
from confluence_nb.sandbox.rest.window import Rows, window
from confluence_nb.sandbox.wiki.attached import SEATS
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.order import Order, Place
from confluence_nb.sandbox.wiki.things import SITE_LABELS, Task

_TIMES: dict[str, Callable[[Task], int | None]] = {
    "created-at": lambda task: task.created,
    "due-at": lambda task: task.due,
    "completed-at": lambda task: task.completed,
}


def _labels(call: Call) -> Answer:
    ids = call.query.ids("label-id", 250)
    return labels_window(call, [label for label in SITE_LABELS if not ids or label.id in ids], PREFIXES)


def _filter(call: Call) -> Callable[[Task], bool]:
    query, content = call.query, call.content
    status = query.chosen("status", ("complete", "incomplete"))
    blank = query.flag("include-blank-tasks", True)
    named = {name: frozenset(query.ids(name, 250)) for name in ("task-id", "page-id", "blogpost-id")}
    people = {
        name: frozenset(map(content.account_index, query.many(name, 250)))
        for name in ("created-by", "assigned-to", "completed-by")
    }
    bounds = [
        (told, query.moment(f"{name}-from"), query.moment(f"{name}-to")) for name, told in _TIMES.items()
    ]

    def wanted(task: Task) -> bool:
        return (
            status in (None, "complete" if task.done else "incomplete")
            and (blank or task.text != "")
            and (not named["task-id"] or task.id in named["task-id"])
            and (not named["page-id"] or (task.owner.kind is Kind.PAGE and task.owner.id in named["page-id"]))
            and (
                not named["blogpost-id"]
                or (task.owner.kind is Kind.BLOGPOST and task.owner.id in named["blogpost-id"])
            )
            and (not people["created-by"] or task.created_by in people["created-by"])
            and (not people["assigned-to"] or task.assigned_to in people["assigned-to"])
            and (not people["completed-by"] or task.completed_by in people["completed-by"])
            and all(_within(told(task), first, last) for told, first, last in bounds)
        )

    return wanted


def _within(moment: int | None, first: int | None, last: int | None) -> bool:
    if first is None and last is None:
        return True
    return moment is not None and (first is None or moment >= first) and (last is None or moment <= last)


def _tasks(call: Call) -> Answer:
    content, wanted, seats = call.content, _filter(call), SEATS[Kind.TASK]
    spaces = wanted_spaces(call, 250)
    representation = body_format(call)

    def read(order: Order, after: Place | None) -> Iterator[Task]:
        first = 0 if after is None else after.number + 1
        for ref in content.bearers(Kind.TASK, first // seats * seats):
            # Whose space is not asked for, its tasks need not be made.
            if spaces is not None and content.space_of(ref) not in spaces:
                continue
            yield from (task for task in content.tasks_of(ref) if task.number >= first and wanted(task))

    rows: Rows[Task] = Rows(
        read, lambda task, field: task.number, lambda task: task.number, ("id",), Kind.TASK
    )
    return window(call, rows, lambda task: task_row(content, task, representation))


def _task(call: Call) -> Answer:
    task = call.content.task(call.path["id"])
    if task is None:
        raise missing("a task", call.path["id"])
    return plain(task_row(call.content, task, body_format(call)))


OPERATIONS = (
    v2("/labels", _labels, "read:label"),
    v2("/tasks", _tasks, "read:task"),
    v2("/tasks/{id}", _task, "read:task"),
)
