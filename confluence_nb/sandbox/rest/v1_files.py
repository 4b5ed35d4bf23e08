"""The way to a file's bytes that a bearer token may go: a redirect to an address that needs no token."""

from __future__ import annotations

from confluence_nb.sandbox.rest.exchange import Answer, Call, v1
from confluence_nb.sandbox.rest.problems import v1_problem

_STATUSES = ("current", "archived", "trashed", "draft")


def _download(call: Call) -> Answer:
    owner, identifier = call.path["id"], call.path["attachmentId"]
    statuses = call.query.several("status", _STATUSES, ("current",))
    file = call.content.attachment(identifier)
    if file is None or file.owner.id != owner or file.status not in statuses:
        raise v1_problem(404, f"No attachment {identifier} found on the content with id: {owner}")
    version = call.query.whole("version", file.version.number, 1, file.version.number)
    return Answer(302, b"", {"Location": call.around.file_address(file, version)})


OPERATIONS = (
    v1("/content/{id}/child/attachment/{attachmentId}/download", _download,
       "readonly:content.attachment:confluence", "read:attachment"),
)  # fmt: skip
