"""Errors of the Graph API in Facebook's own shape."""

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from tests.fakes.facebook.state import GraphError

WORDS = {
    1: "An unknown error has occurred.",
    2: "Service temporarily unavailable",
    4: "(#4) Application request limit reached",
    10: "(#10) This message is sent outside of allowed window.",
    100: "(#100) No matching user found",
    190: "Error validating access token: The session has been invalidated.",
    200: "(#200) Requires pages_messaging permission to manage the object",
    368: "(#368) The action attempted has been deemed abusive",
    551: "(#551) This person isn't available right now.",
    613: "(#613) Calls to this api have exceeded the rate limit.",
    10900: "(#10900) Activity already replied to",
}


def graph_error(error: GraphError, page: str) -> Response:
    """The answer that carries an error."""
    told: dict[str, Any] = {
        "message": WORDS.get(error.code, f"(#{error.code}) Refused"),
        "type": "OAuthException",
        "code": error.code,
        "fbtrace_id": "AbCdEfGhIjK",
    }
    if error.subcode:
        told["error_subcode"] = error.subcode
    if error.transient is not None:
        told["is_transient"] = error.transient
    headers = {"X-FB-Trace-ID": "AbCdEfGhIjK"}
    if error.regain_minutes:
        usage = {"type": "pages", "call_count": 100, "estimated_time_to_regain_access": error.regain_minutes}
        headers["X-Business-Use-Case-Usage"] = json.dumps({page: [usage]})
    status = 401 if error.code == 190 else 500 if error.code in (1, 2) else 400
    return JSONResponse({"error": told}, status_code=status, headers=headers)
