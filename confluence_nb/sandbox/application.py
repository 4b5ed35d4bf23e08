"""The sandbox as one ASGI application: finds who answers a request, and lets faults and delays befall it."""

from __future__ import annotations

import asyncio
import gzip
import logging

from starlette.responses import HTMLResponse, JSONResponse, Response

from confluence_nb.sandbox.asgi import Receive, Request, Scope, Send, read_request, send_half, send_response
from confluence_nb.sandbox.connections import DroppableConnection
from confluence_nb.sandbox.control import PREFIX as CONTROL_PREFIX
from confluence_nb.sandbox.control import Control, answer_control
from confluence_nb.sandbox.gateway.faults import Area, Fault
from confluence_nb.sandbox.gateway.passage import PREFIX as GATEWAY_PREFIX
from confluence_nb.sandbox.gateway.passage import Passed
from confluence_nb.sandbox.gateway.refusals import site_domain
from confluence_nb.sandbox.media.tickets import PREFIX as MEDIA_PREFIX
from confluence_nb.sandbox.signin.consent import answer_consent, show_callback, show_consent
from confluence_nb.sandbox.signin.exchange import exchange
from confluence_nb.sandbox.signin.pages import front_page
from confluence_nb.sandbox.signin.resources import accessible_resources, me
from confluence_nb.sandbox.state import State

logger = logging.getLogger("confluence_nb.sandbox")

_CROSS_ORIGIN = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, accept",
    "access-control-expose-headers": "link, retry-after, ratelimit, ratelimit-policy",
}


class Application:
    """Answers every request; raw ASGI, because a framework's layers would slow a client down."""

    def __init__(self, state: State, control: Control) -> None:
        self._state = state
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        journal = self._state.journal
        entered = journal.enter()
        outcome = "aborted"
        request = await read_request(scope, receive)
        try:
            outcome = await self._serve(request, scope, receive, send)
        except Exception:
            # The server below answers 500 and says nothing: a defect would look like a fault on demand.
            logger.exception("The sandbox failed on %s %s", request.method, request.path)
            outcome = "500"
            raise
        finally:
            journal.leave(request, outcome, entered)
            logger.info("%s %s %s", request.method, request.path, outcome)

    async def _serve(self, request: Request, scope: Scope, receive: Receive, send: Send) -> str:
        options = self._state.options
        area = _area_of(request.path)
        fault = self._state.faults.next(options, area)
        if fault == "stall":
            await asyncio.sleep(options.stall_seconds)
        passed = self._answer(request, area, fault)
        response = passed.response
        if area not in ("page", "control"):
            if delay := options.latency + options.body_cost * passed.bodies:
                await asyncio.sleep(delay)
            response.headers.update(_CROSS_ORIGIN)
        response = await _compressed(request, response, options.gzip_above)

        def is_wanted() -> bool:
            return DroppableConnection.is_open(scope)

        if fault != "drop":
            await send_response(response, send, is_wanted=is_wanted)
            return str(response.status_code)
        if options.drop_at == "middle":
            await send_half(response, send, is_wanted=is_wanted)
        elif options.drop_at == "after":
            await send_response(response, send, is_wanted=is_wanted)
        await DroppableConnection.drop(scope, receive)
        return f"dropped {options.drop_at}"

    def _answer(self, request: Request, area: Area, fault: Fault | None) -> Passed:
        state = self._state
        if fault == "throttle":
            return Passed(state.faults.throttled(state.options))
        if fault == "error":
            return Passed(state.faults.failed(state.options))
        if request.method == "OPTIONS" and area not in ("page", "control"):
            return Passed(Response(status_code=204))
        if area == "gateway":
            return state.gateway.answer(request, state.options)
        if area == "media":
            return Passed(state.media.answer(request))
        if area == "control":
            return Passed(answer_control(request, self._control))
        return Passed(self._answer_at_sign_in(request))

    def _answer_at_sign_in(self, request: Request) -> Response:
        state = self._state
        match request.method, request.path:
            case "GET", "/":
                return HTMLResponse(front_page(state.options.app_name))
            case "GET", "/authorize":
                return show_consent(request, state.options, state.sites)
            case "POST", "/consent":
                return answer_consent(request, state.options, state.sites, state.grants, state.url)
            case "GET", "/callback":
                return show_callback(request, state.options)
            case "POST", "/oauth/token":
                return exchange(request, state.options, state.grants)
            case "GET", "/oauth/token/accessible-resources":
                return accessible_resources(state.grants.find(request.bearer), state.grants, state.sites)
            case "GET", "/me":
                return me(state.grants.find(request.bearer), state.grants)
            case _, path if path.startswith("/wiki/"):
                return site_domain()
            case _, path:
                return JSONResponse({"code": 404, "message": f"Nothing is at {path}"}, 404)


async def _compressed(request: Request, response: Response, limit: int) -> Response:
    if not limit or len(response.body) <= limit or "gzip" not in request.headers.get("accept-encoding", ""):
        return response
    # Level 1 and off the loop: compressing must not be what a client waits for.
    body = await asyncio.to_thread(gzip.compress, bytes(response.body), 1)
    headers = dict(response.headers) | {"content-encoding": "gzip", "vary": "accept-encoding"}
    headers["content-length"] = str(len(body))
    return Response(body, response.status_code, headers)


def _area_of(path: str) -> Area:
    if path.startswith(GATEWAY_PREFIX):
        return "gateway"
    if path.startswith(MEDIA_PREFIX):
        return "media"
    if path == "/oauth/token":
        return "token"
    if path in ("/oauth/token/accessible-resources", "/me"):
        return "account"
    return "control" if path.startswith(CONTROL_PREFIX) else "page"
