"""Both REST APIs of one sandbox site as plain functions: a request goes in, an answer comes out."""

from __future__ import annotations

from confluence_nb.sandbox.rest import (
    facets,
    v1_content,
    v1_files,
    v1_people,
    v1_permissions,
    v1_relations,
    v1_search,
    v1_search_people,
    v1_settings,
    v1_site,
    v1_watching,
    v2_comments,
    v2_files,
    v2_pages,
    v2_people,
    v2_rules,
    v2_spaces,
    v2_tasks,
    v2_tree,
)
from confluence_nb.sandbox.rest.described import described_operations
from confluence_nb.sandbox.rest.exchange import V1, V2, Answer, ApiRequest, Call, Surroundings
from confluence_nb.sandbox.rest.path_ids import read_path_ids
from confluence_nb.sandbox.rest.problems import ProblemError, invalid, no_such_operation, v1_problem
from confluence_nb.sandbox.rest.query import BadValueError, Query
from confluence_nb.sandbox.rest.routing import Routes
from confluence_nb.sandbox.rest.specimens import answer_of_any
from confluence_nb.sandbox.wiki import SiteContent

_FLOORS = (
    v2_pages,
    v2_spaces,
    v2_tree,
    v2_comments,
    v2_files,
    v2_tasks,
    v2_people,
    v2_rules,
    facets,
    v1_search,
    v1_search_people,
    v1_people,
    v1_permissions,
    v1_relations,
    v1_watching,
    v1_settings,
    v1_content,
    v1_files,
    v1_site,
)

_SERVED = [operation for floor in _FLOORS for operation in floor.OPERATIONS]
ROUTES = Routes(_SERVED)
_ALL_ROUTES = Routes([*_SERVED, *described_operations(_SERVED)])

__all__ = ["ROUTES", "Answer", "ApiRequest", "Surroundings", "answer", "scopes_needed"]


def scopes_needed(method: str, path: str) -> tuple[frozenset[str], ...] | None:
    """The sets of scopes any one of which lets a call through; None for a path that is no operation.

    No set at all is that of an operation that apps may not call, whatever their scopes.
    """
    found = _ALL_ROUTES.find(method, path)
    return None if found is None else found[0].scopes


def answer(content: SiteContent, request: ApiRequest) -> Answer:
    """Answer one call; whether the caller may make it was decided before."""
    found = _ALL_ROUTES.find(request.method, request.path)
    if found is None:
        return no_such_operation(request.path).answer
    operation, values = found
    query = Query(request.query)
    try:
        if request.around.rows_per_list is not None:
            # Such a list is had of anything, whatever its path names.
            return answer_of_any(operation, Call(content, request, values, query))
        if request.path.startswith(V2):
            values = read_path_ids(operation.path, values)
        return operation.handler(Call(content, request, values, query))
    except BadValueError as bad:
        if request.path.startswith(V1):
            return v1_problem(400, str(bad)).answer
        return invalid(bad.name, bad.value, bad.expected).answer
    except ProblemError as problem:
        return problem.answer
