"""Attachments and custom content of the v2 API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from confluence_nb.sandbox.rest.attached_shapes import attachment_row, custom_child_row, custom_row
from confluence_nb.sandbox.rest.exchange import Answer, Call, single, v2
from confluence_nb.sandbox.rest.facets import body_format, included
from confluence_nb.sandbox.rest.problems import missing, v2_problem
from confluence_nb.sandbox.rest.saved_versions import older_version
from confluence_nb.sandbox.rest.subjects import ATTACHMENT, BLOGPOST, CUSTOM, PAGE, Subject, ref_of, space_of
from confluence_nb.sandbox.rest.v2_pages import wanted_spaces
from confluence_nb.sandbox.rest.window import Rows, from_number, in_memory, sorted_whole, window
from confluence_nb.sandbox.wiki.attached import SEATS
from confluence_nb.sandbox.wiki.custom_content import CustomContent
from confluence_nb.sandbox.wiki.numbering import Kind, id_of
from confluence_nb.sandbox.wiki.order import Order, Place
from confluence_nb.sandbox.wiki.registers import moment
from confluence_nb.sandbox.wiki.things import Attachment

_STATUSES = ("current", "archived", "trashed")
_SORTS = ("id", "created-date", "modified-date")
_CUSTOM_FORMATS = ("raw", "storage", "atlas_doc_format")
_ONE_CUSTOM_FORMATS = (*_CUSTOM_FORMATS, "view", "export_view", "anonymous_export_view")

Wanted = Callable[[Attachment], bool]


def _sort_value(file: Attachment, field: str) -> int:
    return file.number if field == "id" else moment(file, field)


def _number(file: Attachment) -> int:
    return file.number


def _filter(call: Call) -> Wanted:
    statuses = call.query.several("status", _STATUSES, ("current", "archived"))
    media, name = call.query.one("mediaType"), call.query.one("filename")
    return lambda file: (
        file.status in statuses and media in (None, file.media_type) and name in (None, file.title)
    )


def _rows(call: Call, wanted: Wanted) -> Rows[Attachment]:
    content, seats = call.content, SEATS[Kind.ATTACHMENT]

    def read(order: Order, after: Place | None) -> Iterator[Attachment]:
        if order == Order():
            first = 0 if after is None else after.number + 1
            for ref in content.bearers(Kind.ATTACHMENT, first // seats * seats):
                yield from (
                    file for file in content.attachments_of(ref) if file.number >= first and wanted(file)
                )
            return
        register = content.registers.dated(Kind.ATTACHMENT, order.field)
        for number in register.read(after, descending=order.descending):
            file = content.attachment(id_of(Kind.ATTACHMENT, number))
            if file is not None and wanted(file):
                yield file

    return Rows(read, _sort_value, _number, _SORTS, Kind.ATTACHMENT)


def _all(call: Call) -> Answer:
    rows = _rows(call, _filter(call))
    return window(call, rows, lambda file: attachment_row(call.content, file), default_limit=50, cost=1)


def _labelled(call: Call) -> Answer:
    label_id, content = call.path["id"], call.content

    def labelled(first: int) -> Iterator[Attachment]:
        for number in content.registers.labelled(Kind.ATTACHMENT, label_id, first):
            file = content.attachment(id_of(Kind.ATTACHMENT, number))
            if file is not None and file.status == "current":
                yield file

    read = from_number(labelled, _sort_value, _number)
    rows: Rows[Attachment] = Rows(read, _sort_value, _number, _SORTS, Kind.ATTACHMENT)
    return window(call, rows, lambda file: attachment_row(content, file), cost=1)


def _of(subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        files = filter(_filter(call), call.content.attachments_of(ref_of(subject.of(call))))
        read = sorted_whole(list(files), _sort_value, _number)
        rows: Rows[Attachment] = Rows(read, _sort_value, _number, _SORTS, Kind.ATTACHMENT)
        return window(call, rows, lambda file: attachment_row(call.content, file), default_limit=50, cost=1)

    return answer


def _one(call: Call) -> Answer:
    file = ATTACHMENT.of(call)
    if not isinstance(file, Attachment):
        raise missing("an attachment", call.path["id"])
    older = older_version(call, file, ATTACHMENT.name)
    row = attachment_row(call.content, replace(file, version=older) if older else file)
    if older:
        row["status"] = "historical"
    row = included(call, file, row)
    return single(call, row, points=2)


def _thumbnail(call: Call) -> Answer:
    """The way to the picture of a picture, at the media host: the file itself here, of whatever size is asked for."""
    file = ATTACHMENT.of(call)
    older = older_version(call, file, ATTACHMENT.name)
    for name in ("width", "height"):
        call.query.whole(name, 1, 1, None)
    if not isinstance(file, Attachment) or not file.media_type.startswith("image/"):
        raise missing("a thumbnail of an attachment", call.path["id"])
    version = older or file.version
    return Answer(302, b"", {"Location": call.around.file_address(file, version.number)})


def _type(call: Call) -> str:
    kind = call.query.one("type")
    if kind is None:
        raise v2_problem(400, "INVALID_REQUEST_PARAMETER", "Missing required parameter: type")
    return kind


def _custom_window(call: Call, items: Sequence[CustomContent]) -> Answer:
    representation = body_format(call, _CUSTOM_FORMATS)

    def value(item: CustomContent, field: str) -> int | str:
        match field:
            case "created-date":
                return item.created
            case "modified-date":
                return item.version.created
            case "title":
                return item.title.casefold()
        return item.number

    read = sorted_whole(items, value, lambda item: item.number)
    sorts = ("id", "created-date", "modified-date", "title")
    rows: Rows[CustomContent] = Rows(read, value, lambda item: item.number, sorts, Kind.CUSTOM_CONTENT)
    return window(call, rows, lambda item: custom_row(call.content, item, representation), cost=1)


def _customs(call: Call) -> Answer:
    ids, spaces = call.query.ids("id", 250), wanted_spaces(call)
    items = [
        item
        for item in call.content.custom.read(_type(call))
        if (not ids or item.id in ids) and (spaces is None or item.space in spaces)
    ]
    return _custom_window(call, items)


def _space_customs(call: Call) -> Answer:
    space = space_of(call)
    items = [item for item in call.content.custom.read(_type(call)) if item.space == space.index]
    return _custom_window(call, items)


def _customs_on(subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        kind, item = _type(call), call.content.custom.on(ref_of(subject.of(call)))
        return _custom_window(call, [item] if item is not None and item.type == kind else [])

    return answer


def _custom(call: Call) -> Answer:
    item = CUSTOM.of(call)
    if not isinstance(item, CustomContent):
        raise missing("a custom content", call.path["id"])
    older = older_version(call, item, CUSTOM.name)
    shown = replace(item, version=older, status="historical") if older else item
    row = included(call, item, custom_row(call.content, shown, body_format(call, _ONE_CUSTOM_FORMATS)))
    return single(call, row, points=2)


def _custom_children(call: Call) -> Answer:
    above = CUSTOM.of(call)
    inner = call.content.custom.under(above) if isinstance(above, CustomContent) else []
    sorts: dict[str, Callable[[CustomContent], int]] = {
        "created-date": lambda item: item.created,
        "id": lambda item: item.number,
        "modified-date": lambda item: item.version.created,
    }
    rows = in_memory(inner, sorts)
    return window(call, rows, lambda pair: custom_child_row(call.content, pair[1]), default_sort="id")


OPERATIONS = (
    v2("/attachments", _all, ATTACHMENT.scope),
    v2("/attachments/{id}", _one, ATTACHMENT.scope),
    v2("/attachments/{id}/thumbnail/download", _thumbnail, ATTACHMENT.scope),
    v2("/labels/{id}/attachments", _labelled, ATTACHMENT.scope),
    v2("/pages/{id}/attachments", _of(PAGE), ATTACHMENT.scope),
    v2("/blogposts/{id}/attachments", _of(BLOGPOST), ATTACHMENT.scope),
    v2("/custom-content/{id}/attachments", _of(CUSTOM), ATTACHMENT.scope),
    v2("/custom-content", _customs, CUSTOM.scope),
    v2("/custom-content/{id}", _custom, CUSTOM.scope),
    v2("/custom-content/{id}/children", _custom_children, CUSTOM.scope),
    v2("/spaces/{id}/custom-content", _space_customs, CUSTOM.scope),
    v2("/pages/{id}/custom-content", _customs_on(PAGE), CUSTOM.scope),
    v2("/blogposts/{id}/custom-content", _customs_on(BLOGPOST), CUSTOM.scope),
)
