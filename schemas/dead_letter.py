"""A record that a stage could not handle: kept with its payload and reason, watched, replayable."""

from uuid import UUID

from pydantic import Field

from schemas.base import Code, Contract, Instant, Personal


class DeadLetterPersonal(Personal):
    """The record's value as it was."""

    value: bytes


class DeadLetter(Contract):
    """One record out of the line, with all that is needed to put it back."""

    TYPE = "vn.1022.dead_letter.v1"

    id: UUID
    topic: str
    group: str
    key: str
    message_id: str
    message_type: str
    message_source: str
    message_time: Instant
    message_traceparent: str = ""
    stage: str
    reason: Code
    detail: str = Field(default="", max_length=500, description="What was wrong, without any value of the record.")
    at: Instant
    personal: DeadLetterPersonal
