"""What the citizen is told: rendered when decided, so that later texts do not alter a repeat."""

from uuid import UUID

from pydantic import Field

from schemas.base import Account, ArticleRef, Code, Contract, Instant, Personal, ReceiptCode
from schemas.files import MOST_ANSWER_FILES, AnswerFile
from schemas.vocabulary import Intake, Language, ReplyKind, ReplyState


class ReplyPersonal(Personal):
    """The rendered text."""

    text: str = Field(max_length=40_000, description="Longer than any text in it, such as an agency's answer.")


class Reply(Contract):
    """One message to one citizen, on the channel they used."""

    TYPE = "vn.1022.reply.v1"

    id: UUID
    history: str = Field(max_length=100, description="History whose commit caused it; told how it ended.")
    channel: Code
    intake: Intake
    account: Account
    code: ReceiptCode | None = Field(description="Submission it is about.")
    in_reply_to: UUID | None = Field(default=None, description="Inbound message it answers.")
    kind: ReplyKind
    language: Language
    articles: tuple[ArticleRef, ...] = ()
    at: Instant
    trial: bool = False
    files: tuple[AnswerFile, ...] = Field(
        default=(), max_length=MOST_ANSWER_FILES, description="What an answer brings beside its words."
    )
    personal: ReplyPersonal


class ReplyEvent(Contract):
    """How a reply ended on its channel; goes back into the history that caused it."""

    TYPE = "vn.1022.reply_event.v1"

    id: UUID
    reply_id: UUID
    history: str = Field(max_length=100)
    account: Account
    channel: Code
    state: ReplyState
    reason: Code | None = None
    by: Code | None = Field(default=None, description="Operator who settled it; null when the channel said so.")
    at: Instant
