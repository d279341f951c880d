"""Describes the API for those who write the app: bodies, answers and examples, from the models that check them."""

from datetime import datetime
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from schemas.files import FileRef
from services.web_ingest.bodies import AdditionBody, EntryBody, SubmissionBody

REFERENCE: Final = "#/components/schemas/{model}"
VERSION: Final = "1.0.0"
CODE_EXAMPLE: Final = "7KQX-4M9T-2BHW"


class ReceiptAnswer(BaseModel):
    """The submission is durable. A code is not an acceptance: ask for the status."""

    code: str = Field(examples=[CODE_EXAMPLE])
    secret: str = Field(description="Show it to the citizen; it opens the status.", examples=["Q3WR-8XZ2-MNP5"])
    status_url: str = Field(examples=[f"https://1022.example/v1/submissions/{CODE_EXAMPLE}"])
    received_at: datetime


class FileAnswer(BaseModel):
    """A file that an answer brought; it is had with the app's key and the citizen's secret, like the status."""

    name: str = Field(examples=["Đèn đường.jpg"])
    media_type: str = Field(examples=["image/jpeg"])
    size: int = Field(description="Bytes as it was given; of a picture a copy is served.")
    url: str


class ReplyAnswer(BaseModel):
    """What the citizen was told."""

    kind: str = Field(examples=["acceptance"])
    language: str = Field(examples=["vi"])
    text: str
    articles: list[str] = Field(examples=[["8.3"]])
    at: datetime
    files: list[FileAnswer]


class StatusAnswer(BaseModel):
    """What became of a submission; `outcome` is null while it is being checked."""

    code: str = Field(examples=[CODE_EXAMPLE])
    outcome: str | None = Field(examples=["accepted"])
    reason: str | None
    articles: list[str]
    label: str | None = Field(examples=["infrastructure_incident"])
    subfield: str | None = Field(examples=["lighting"])
    missing: list[str] = Field(description="What a supplement request asks for.", examples=[["address"]])
    agency: str | None
    agency_name: str | None
    due_at: datetime | None = Field(description="End of the agency's 8 or 48 working hours (Điều 10).")
    late: bool = Field(description="The agency's time has run out (Điều 10.2).")
    until: datetime | None = Field(description="Until when a supplement request can be answered.")
    received_at: datetime | None
    decided_at: datetime | None
    transferred_at: datetime | None
    answered_at: datetime | None
    can_add: bool
    replies: list[ReplyAnswer]
    files: list[FileAnswer] = Field(description="Of an answer whose words went over another channel.")


class AdditionAnswer(BaseModel):
    """The addition is durable."""

    code: str = Field(examples=[CODE_EXAMPLE])
    received_at: datetime


class BroughtFile(BaseModel):
    """A file that lies ready; an agency's answer names it with these members, a `number` and a name for the citizen."""

    kind: str = Field(examples=["document"])
    file: FileRef


class FieldProblem(BaseModel):
    """A field and what is wrong with it; never its value."""

    field: str = Field(examples=["contact.phone"])
    reason: str = Field(examples=["string_type"])


class Problem(BaseModel):
    """RFC 9457, with a machine-readable reason."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    reason: str = Field(examples=["invalid_fields"])
    detail: str = ""
    errors: list[FieldProblem] = []


REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"content": {"application/problem+json": {"schema": {"$ref": REFERENCE.format(model="Problem")}}}, **about}
    for status, about in {
        400: {"description": "Not readable: not JSON, not UTF-8, nested too deeply."},
        401: {"description": "No valid key."},
        408: {"description": "The body did not come in time."},
        413: {"description": "Body, file or number of files too large."},
        415: {"description": "Neither application/json nor multipart/form-data."},
        422: {"description": "Fields that are not right, or an Idempotency-Key used with another body."},
        429: {"description": "Too many failed attempts; see Retry-After."},
        503: {"description": "Nothing durable can be had now; nothing was taken. See Retry-After."},
    }.items()
}
MISSING: Final[dict[int | str, dict[str, Any]]] = {
    404: {**REFUSALS[400], "description": "No such code with this secret; which of the two is wrong is not said."}
}
MISSING_TICKET: Final[dict[int | str, dict[str, Any]]] = {
    404: {**REFUSALS[400], "description": "No such ticket with this agency."}
}
CLOSED: Final[dict[int | str, dict[str, Any]]] = {
    409: {**REFUSALS[400], "description": "Nothing can be added to this submission now."}
}

FILE_CONTENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file, to be saved.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
FILE_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
TICKET_PARAMETER: Final = {
    "name": "ticket_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
    "example": "0b9c1f0e-5a54-4a1c-9a55-0f3a4f0f7d11",
}
ADDRESS_PARAMETER: Final = {
    "name": "address",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "maxLength": 64},
    "example": "0f" * 32,
}

APP_SECURITY: Final[dict[str, Any]] = {"security": [{"bearer": []}, {"apiKey": []}]}
KEY_PARAMETER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body is one submission; recommended.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
    "example": "0b9c1f0e-5a54-4a1c-9a55-0f3a4f0f7d11",
}
SECRET_PARAMETER: Final = {
    "name": "X-Lookup-Secret",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "maxLength": 40},
    "example": "Q3WR-8XZ2-MNP5",
}
CODE_PARAMETER: Final = {
    "name": "code",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "maxLength": 40},
    "example": CODE_EXAMPLE,
}


def body_of(model: type[BaseModel], part: str, *files: str) -> dict[str, Any]:
    """A request body: JSON, or the same JSON as a part of a form beside files."""
    reference = {"$ref": REFERENCE.format(model=model.__name__)}
    binary = {"type": "array", "items": {"type": "string", "format": "binary"}}
    form = {"type": "object", "required": [part], "properties": {part: reference, **dict.fromkeys(files, binary)}}
    return {
        "required": True,
        "content": {
            "application/json": {"schema": reference},
            "multipart/form-data": {
                "schema": form,
                "encoding": {part: {"contentType": "application/json"}},
            },
        },
    }


class DescribedApi(FastAPI):
    """FastAPI with our own document: complete although the handlers take raw requests."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = _document(self)
        return self.openapi_schema


def _document(api: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title="1022 gateway: app, operators and agencies",
        version=VERSION,
        description="Submissions to the hotline 1022. Times are ISO 8601 with a zone; errors are RFC 9457 problems.",
        routes=api.routes,
        servers=[{"url": "/v1"}],
    )
    _, ours = models_json_schema(
        [(model, "validation") for model in (SubmissionBody, AdditionBody, EntryBody, Problem)],
        ref_template=REFERENCE,
    )
    components = made.setdefault("components", {})
    components.setdefault("schemas", {}).update(ours["$defs"])
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    return made
