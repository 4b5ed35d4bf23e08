"""Refusals of the two APIs, in the shapes the service gives them."""

from __future__ import annotations

import orjson

from confluence_nb.sandbox.rest.exchange import V1, Answer

_JSON = {"Content-Type": "application/json"}


class ProblemError(Exception):
    """Ends a call with an error answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body.decode())
        self.answer = answer


def v2_problem(status: int, code: str, title: str, detail: str | None = None) -> ProblemError:
    """An error of the v2 API."""
    error = {"status": status, "code": code, "title": title, "detail": detail}
    return ProblemError(Answer(status, orjson.dumps({"errors": [error]}), dict(_JSON)))


def invalid(name: str, value: str, expected: str) -> ProblemError:
    """400: a parameter's value is not of its kind."""
    # A content id is the one kind whose sentence the service does not end.
    end = "" if expected == "ContentId" else "."
    return v2_problem(
        400,
        "INVALID_REQUEST_PARAMETER",
        f"Provided value {{{value}}} for '{name}' is not the correct type. Expected type is {expected}{end}",
    )


def bad_cursor() -> ProblemError:
    """400: the cursor is none that a list handed out."""
    return v2_problem(
        400,
        "INVALID_REQUEST_PARAMETER",
        "Provided value for 'cursor' is not the correct type. Expected type is Cursor.",
        "The provided cursor was not valid. You can get a new valid cursor by making the original pagination "
        "request again.",
    )


def missing(what: str, identifier: str) -> ProblemError:
    """404: nothing of that kind has that id; the title names it, unlike that of a rejected credential."""
    return v2_problem(404, "NOT_FOUND", f"Cannot find {what} with id [{identifier}]")


def no_such_operation(path: str) -> ProblemError:
    """404: the path is none of the API's; each of the two says it in its own shape."""
    if path.startswith(V1):
        return v1_problem(404, f"null for uri: {path}")
    return v2_problem(404, "NOT_FOUND", "Not Found")


def v1_problem(status: int, message: str) -> ProblemError:
    """An error of the v1 API."""
    content = {
        "statusCode": status,
        "data": {
            "authorized": status != 403,
            "valid": status not in (400, 403),
            "errors": [],
            "successful": False,
        },
        "message": message,
    }
    return ProblemError(Answer(status, orjson.dumps(content), dict(_JSON)))
