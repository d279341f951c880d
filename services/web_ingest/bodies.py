"""The JSON bodies of the web channel: what the app and operators send, and what a form is written down as."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.domain.hygiene import clean_text
from gateway.domain.strict_json import read_json
from gateway.errors import Invalid
from schemas.base import Code, Text
from schemas.vocabulary import SUBFIELDS, ContactItem, Intake, Label, Language
from services.web_ingest.faults import FieldFault, Refused

EARLIEST: Final = datetime(2020, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
ANSWERS: Final = "x-answers"
OPERATOR: Final = "x-operator"
"""Beside the verbatim body in `Raw`: the code it adds to, and the operator who typed it in."""

CLOCK_SKEW: Final = timedelta(minutes=10)
"""How far ahead of ours a sender's clock may run."""


def _plausible(at: datetime) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise ValueError("outside the years that can be meant")
    return at.astimezone(UTC)


def _readable(text: str) -> str:
    # A letter or digit settles it at once; only a text without any needs the careful look.
    if not any(map(str.isalnum, text)) and not clean_text(text).strip():
        raise ValueError("nothing readable in it")
    return text


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
Content = Annotated[Text, AfterValidator(_readable)]


class Body(BaseModel):
    """Members we do not know are kept in the raw payload and otherwise ignored: an app may be newer than we are."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class ContactBody(Body):
    """Contact as typed; what is missing is asked for later (Điều 6.3)."""

    name: str | None = Field(default=None, max_length=120, examples=["Nguyễn Văn An"])
    phone: str | None = Field(default=None, max_length=40, examples=["0912 345 678"])
    email: str | None = Field(default=None, max_length=254, examples=["an@example.com"])
    address: str | None = Field(default=None, max_length=300, examples=["Tổ 3, ấp 2, xã Thuận Lợi"])


class ConsentBody(Body):
    """Ticked boxes, on the text of this version; never presumed."""

    notice_version: str = Field(max_length=40, pattern=r"^[\w.\-]{1,40}$", examples=["2026-01"])
    publish_details: bool = False
    exact_position: bool = False


class AdditionBody(Body):
    """What a citizen adds to a submission, or answers to a supplement request."""

    content: Text = Field(default="", examples=["Địa chỉ của tôi: tổ 3, ấp 2, xã Thuận Lợi."])
    contact: ContactBody = ContactBody()
    place: str | None = Field(default=None, max_length=300)
    language: Literal[Language.VI, Language.EN] | None = None
    sent_at: Moment | None = Field(default=None, description="When the citizen pressed send.")
    consent: ConsentBody | None = None


class SubmissionBody(AdditionBody):
    """A submission; `user_id` is the app's own name for its user and stays opaque to us."""

    content: Content = Field(
        examples=["Đèn đường trước số nhà 12 đường Hùng Vương bị hỏng ba ngày nay, buổi tối rất nguy hiểm."]
    )
    place: str | None = Field(
        default=None, max_length=300, description="Where the matter is.", examples=["12 Hùng Vương, Đồng Xoài"]
    )
    user_id: str = Field(min_length=1, max_length=200, examples=["bpt-7f3a"])
    verified: tuple[Literal[ContactItem.PHONE], ...] = Field(
        default=(), max_length=1, description="Contact items that the app itself has verified."
    )


class FormBody(AdditionBody):
    """What the public form is written down as."""


class EntryBody(AdditionBody):
    """A call, paper letter or portal item that an operator types in (Điều 3.5, 5)."""

    content: Content = Field(examples=["Người dân gọi báo mất nước từ sáng tại khu phố 3."])
    intake: Literal[Intake.CALL, Intake.LETTER, Intake.PORTAL] = Field(examples=["call"])
    reference: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Number of the letter, portal item or call: the same one again is the same entry.",
        examples=["CV-2026-1180"],
    )
    received_at: Moment | None = Field(default=None, description="When the call came or the letter was received.")
    label: Label | None = None
    subfield: Code | None = None


SUBMISSION: Final[TypeAdapter[SubmissionBody]] = TypeAdapter(SubmissionBody)
ADDITION: Final[TypeAdapter[AdditionBody]] = TypeAdapter(AdditionBody)
FORM: Final[TypeAdapter[FormBody]] = TypeAdapter(FormBody)
ENTRY: Final[TypeAdapter[EntryBody]] = TypeAdapter(EntryBody)

BodyT = TypeVar("BodyT", bound=AdditionBody)


def read_body(adapter: TypeAdapter[BodyT], payload: bytes, *, max_bytes: int) -> BodyT:
    """A checked body; raises `Refused` naming fields and reasons, or `Invalid`; neither holds a value.

    The strict reader comes first: it bounds depth, numbers, texts and members, which pydantic does not.
    """
    if not isinstance(read_json(payload, max_bytes=max_bytes), dict):
        raise Invalid("not_an_object", "The body must be a JSON object.")
    try:
        return adapter.validate_json(payload, strict=True)
    except ValidationError as error:
        raise Refused("invalid_fields", "Some fields are not right.", faults=_faults(error)) from None


def check_field(label: Label | None, subfield: str | None) -> None:
    """A subfield must belong to its label (Điều 4); raises `Refused`."""
    if subfield is not None and (label is None or subfield not in SUBFIELDS[label]):
        raise Refused("invalid_fields", faults=[FieldFault("subfield", "unknown")])


def check_not_ahead(field: str, at: datetime | None, now: datetime) -> None:
    """A time that has not come yet is a mistake; raises `Refused`."""
    if at is not None and at > now + CLOCK_SKEW:
        raise Refused("invalid_fields", faults=[FieldFault(field, "in_the_future")])


def _faults(error: ValidationError) -> list[FieldFault]:
    found: list[Any] = error.errors(include_input=False, include_url=False, include_context=False)
    return [FieldFault(".".join(str(part) for part in item["loc"]), str(item["type"])) for item in found[:20]]
