"""Puts the channel's pages and API together into one ASGI application."""

from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import Invalid
from services.web_ingest.agency_api import AgencyApi
from services.web_ingest.api import AppApi
from services.web_ingest.bodies import AdditionBody, EntryBody, SubmissionBody
from services.web_ingest.edge import Edge
from services.web_ingest.form import FormPages
from services.web_ingest.lookup import LookupPages
from services.web_ingest.openapi import (
    ADDRESS_PARAMETER,
    APP_SECURITY,
    CLOSED,
    CODE_PARAMETER,
    FILE_BODY,
    FILE_CONTENT,
    KEY_PARAMETER,
    MISSING,
    MISSING_TICKET,
    REFUSALS,
    SECRET_PARAMETER,
    TICKET_PARAMETER,
    AdditionAnswer,
    BroughtFile,
    DescribedApi,
    ReceiptAnswer,
    StatusAnswer,
    body_of,
)
from services.web_ingest.operator_api import OperatorApi
from services.web_ingest.operator_pages import OperatorPages
from services.web_ingest.paths import language_of
from services.web_ingest.problems import problem
from services.web_ingest.render import STYLE_PATH, Pages
from services.web_ingest.site import Handler, Site
from services.web_ingest.texts import load_texts
from services.web_ingest.throttle import Throttle
from services.web_ingest.upload_memory import UploadMemory
from services.web_ingest.web import Web

API_ROOT = "/v1"
SUBMIT_PATH = f"{API_ROOT}/submissions"


def create_app(web: Web) -> ASGIApp:
    """The whole web channel; raises `Invalid` when texts of the pages are wrong. It needs no lifespan."""
    own = web.settings
    site = Site(
        web=web,
        pages=Pages(load_texts(), web.province, own),
        attempts=Throttle(own.lookup_burst, own.lookup_per_minute, web.clock),
        messages=Throttle(own.form_burst, own.form_per_minute, web.clock),
        memory=UploadMemory(own.upload_memory),
    )
    api = AppApi(site)
    app = Starlette(
        routes=[
            *FormPages(site).routes(),
            *LookupPages(site).routes(),
            *OperatorPages(site).routes(),
            Route(STYLE_PATH, _style(site), methods=["GET"]),
            Mount(API_ROOT, _documented(site, api, OperatorApi(site), AgencyApi(site))),
        ],
        exception_handlers={HTTPException: _no_page(site)},
    )
    app.router.redirect_slashes = False
    return Edge(_straight(site.json(api.submit), app), secure=own.secure)


def _straight(submit: Handler, app: ASGIApp) -> ASGIApp:
    """Lead the busiest request straight to its handler: middleware and routing are a tenth of what it costs otherwise.

    The handler answers every error itself, and `Edge` adds the headers. `_documented` registers the same handler for
    the OpenAPI document.
    """

    async def dispatched(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == SUBMIT_PATH and scope["method"] == "POST":
            answer = await submit(Request(scope, receive))
            await answer(scope, receive, send)
        else:
            await app(scope, receive, send)

    return dispatched


def _documented(site: Site, api: AppApi, operators: OperatorApi, agencies: AgencyApi) -> FastAPI:
    made = DescribedApi(docs_url=None, redoc_url=None, openapi_url="/openapi.json", redirect_slashes=False)
    made.add_api_route(
        "/submissions",
        site.json(api.submit),
        **_about("submit", "Send a submission", 202, ReceiptAnswer, REFUSALS),
        openapi_extra={
            **APP_SECURITY,
            "parameters": [KEY_PARAMETER],
            "requestBody": body_of(SubmissionBody, "submission", "photos"),
        },
    )
    made.add_api_route(
        "/submissions/{code}",
        site.json(api.status),
        **_about("status", "Ask what became of it", 200, StatusAnswer, REFUSALS | MISSING, method="GET"),
        openapi_extra={**APP_SECURITY, "parameters": [CODE_PARAMETER, SECRET_PARAMETER]},
    )
    made.add_api_route(
        "/submissions/{code}/files/{address}",
        site.json(api.file),
        methods=["GET"],
        operation_id="file",
        summary="Have a file that the answer brought",
        response_model=None,
        responses=FILE_CONTENT | REFUSALS | MISSING,
        openapi_extra={**APP_SECURITY, "parameters": [CODE_PARAMETER, ADDRESS_PARAMETER, SECRET_PARAMETER]},
    )
    made.add_api_route(
        "/submissions/{code}/additions",
        site.json(api.add),
        **_about("add", "Add to it, or answer a supplement request", 202, AdditionAnswer, REFUSALS | MISSING | CLOSED),
        openapi_extra={
            **APP_SECURITY,
            "parameters": [CODE_PARAMETER, SECRET_PARAMETER, KEY_PARAMETER],
            "requestBody": body_of(AdditionBody, "addition", "photos"),
        },
    )
    made.add_api_route(
        "/operator/entries",
        site.json(operators.enter),
        **_about("enter", "Enter a call, letter or portal item (operators)", 202, ReceiptAnswer, REFUSALS),
        openapi_extra={
            **APP_SECURITY,
            "parameters": [KEY_PARAMETER],
            "requestBody": body_of(EntryBody, "entry", "recording", "photos"),
        },
    )
    made.add_api_route(
        "/agency/tickets/{ticket_id}/files",
        site.json(agencies.put_file),
        **_about("putFile", "Put a file of an answer down (agencies)", 201, BroughtFile, REFUSALS | MISSING_TICKET),
        openapi_extra={**APP_SECURITY, "parameters": [TICKET_PARAMETER], "requestBody": FILE_BODY},
    )
    made.add_exception_handler(HTTPException, _no_page(site))
    return made


def _about(
    name: str, summary: str, status: int, answer: type, refusals: dict[int | str, dict[str, Any]], method: str = "POST"
) -> dict[str, Any]:
    return {
        "methods": [method],
        "operation_id": name,
        "summary": summary,
        "status_code": status,
        "response_model": None,
        "responses": {status: {"model": answer}, **refusals},
    }


def _style(site: Site) -> Handler:
    async def style(_: Request) -> Response:
        return site.pages.style()

    return style


def _no_page(site: Site) -> Any:  # noqa: ANN401 - Starlette's type of handlers is narrower than what it calls
    """Answer unknown addresses and methods as the rest of the channel answers errors."""

    async def answer(request: Request, error: HTTPException) -> Response:
        reason = "method_not_allowed" if error.status_code == 405 else "not_found"
        refused = Invalid(reason)
        if request.url.path.startswith(f"{API_ROOT}/"):
            return problem(refused)
        return site.pages.failure(refused, language_of(request.url.path))

    return answer
