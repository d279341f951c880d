"""Says what went wrong: `application/problem+json` (RFC 9457) with reasons and fields, never a value of the input."""

import json
import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from gateway.errors import Conflict, GatewayError, Unavailable
from services.web_ingest.faults import Refused

log = logging.getLogger(__name__)

STATUS: Mapping[str, int] = {
    "too_large": 413,
    "message_too_large": 413,
    "file_too_large": 413,
    "files_too_large": 413,
    "too_many_files": 413,
    "too_many_parts": 413,
    "timeout": 408,
    "disconnected": 400,
    "bad_content_length": 400,
    "not_utf8": 400,
    "not_json": 400,
    "not_multipart": 400,
    "too_deep": 400,
    "duplicate_member": 400,
    "too_many_members": 400,
    "number_too_large": 400,
    "lone_surrogate": 400,
    "wrong_media_type": 415,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_many_attempts": 429,
    "too_many_messages": 429,
}
"""HTTP status of an `Invalid` by its reason; every other reason is 422: understood, and refused."""


def status_of(error: GatewayError) -> int:
    """HTTP status of an error of ours."""
    match error:
        case Unavailable():
            return 503
        case Conflict():
            return 409
        case _:
            return STATUS.get(error.reason, 422)


def wait_of(error: GatewayError) -> float:
    """Seconds for Retry-After; 0.0 when it makes no sense."""
    return error.retry_after if isinstance(error, Unavailable | Refused) else 0.0


def retry_header(wait: float) -> dict[str, str]:
    """Retry-After in whole seconds, rounded up."""
    return {"Retry-After": str(max(1, int(wait + 0.999)))} if wait > 0 else {}


def problem(error: GatewayError) -> Response:
    """The error as a problem document."""
    status = status_of(error)
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "reason": error.reason,
    }
    if error.detail:
        body["detail"] = error.detail
    if isinstance(error, Refused) and error.faults:
        body["errors"] = [{"field": fault.field, "reason": fault.reason} for fault in error.faults]
    headers = retry_header(wait_of(error))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(json.dumps(body), status, headers, media_type="application/problem+json")


def unforeseen(error: Exception) -> Unavailable:
    """What a caller is told of an error that nobody foresaw; logged by class and place, since texts hold values."""
    place = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    where = f"{place.name}:{place.lineno}" if place else ""
    log.error("unforeseen_error", extra={"error": type(error).__name__, "where": where})
    return Unavailable("unforeseen", "The message could not be taken just now.", retry_after=5.0)
