"""Every topic with its messages, key, producers, consumers and retention: the registry that tools and docs read."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from schemas.base import Contract
from schemas.commands import AddToTicket, AnswerTicket, CorrectReading, ReviewCommand, RouteTicket, SettleWithdrawal
from schemas.dead_letter import DeadLetter
from schemas.events import SubmissionEvent, TicketEvent
from schemas.files import AttachmentLost, AttachmentStored, AttachmentWaiting
from schemas.inbound import Ignored, Inbound, StaffMessage, Unreadable, Withdrawn
from schemas.log import CommitLogged
from schemas.raw import Raw
from schemas.reply import Reply, ReplyEvent
from schemas.ticket import AnswerRefused, Ticket, TicketAddition, Transfer, TransferWithdrawn
from schemas.timer import TimerDue

CHANNELS: dict[str, str] = {
    "web": "web_ingest",
    "zalo": "zalo_ingest",
    "facebook": "facebook_ingest",
    "email": "email_ingest",
}
"""Channel code to the service that serves it. A new channel is one line here (Điều 2.7)."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A declared topic; `name` may hold `<channel>` or `<agency>`, filled in per channel or agency."""

    name: str
    about: str
    messages: tuple[type[Contract], ...]
    key: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    retention: timedelta
    personal: bool
    partitions: int = 12
    most_bytes: int | None = None
    """Where others than the gateway write: the largest batch of theirs, as it is before it is compressed."""


AGENCY = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What stands for `<agency>`: a `Code`, so that neither a name nor a topic can hold anything else."""

DAYS_7 = timedelta(days=7)
DAYS_30 = timedelta(days=30)

TOPICS: tuple[Topic, ...] = (
    Topic(
        "raw.<channel>",
        "Payloads verbatim, durable before they are acknowledged.",
        (Raw,),
        "receiving endpoint; for form, app and operator entries the account",
        ("<channel>_ingest.receive",),
        ("<channel>_ingest.read",),
        DAYS_30,
        personal=True,
    ),
    Topic(
        "inbound",
        "Citizens' messages in the gateway's own words, stubs of those that could not be read, and what else came.",
        (Inbound, Unreadable, StaffMessage, Withdrawn, Ignored),
        "account",
        ("<channel>_ingest.read",),
        ("normalizer", "<channel>_ingest.media"),
        DAYS_7,
        personal=True,
    ),
    Topic(
        "media",
        "Attachments that were fetched, or could not be.",
        (AttachmentStored, AttachmentLost),
        "account",
        ("<channel>_ingest.media",),
        ("normalizer",),
        DAYS_7,
        personal=False,
    ),
    Topic(
        "media.waiting",
        "Attachments whose host does not answer, until they are tried again.",
        (AttachmentWaiting,),
        "attachment",
        ("<channel>_ingest.media",),
        ("<channel>_ingest.media",),
        DAYS_7,
        personal=True,
    ),
    Topic(
        "submission.commands",
        "Operators' verdicts on submissions, corrections of what was read, and citizens' withdrawals seen to.",
        (ReviewCommand, CorrectReading, SettleWithdrawal),
        "account",
        ("operators",),
        ("normalizer",),
        DAYS_30,
        personal=True,
    ),
    Topic(
        "submission.events",
        "Outcomes of inbound messages, without personal data.",
        (SubmissionEvent,),
        "account",
        ("normalizer",),
        ("downstream",),
        DAYS_30,
        personal=False,
    ),
    Topic(
        "tickets",
        "Accepted submissions on their way to an agency.",
        (Ticket,),
        "ticket id",
        ("normalizer",),
        ("dispatcher",),
        DAYS_30,
        personal=True,
    ),
    Topic(
        "ticket.commands",
        "Operators, agencies' API and citizens' additions to a ticket.",
        (RouteTicket, AnswerTicket, AddToTicket),
        "ticket id",
        ("operators", "normalizer"),
        ("dispatcher",),
        DAYS_30,
        personal=True,
    ),
    Topic(
        "ticket.events",
        "Steps in tickets' lives, without personal data, for downstream systems.",
        (TicketEvent,),
        "ticket id",
        ("dispatcher",),
        ("downstream",),
        DAYS_30,
        personal=False,
    ),
    Topic(
        "agency.<agency>",
        "An agency's queue, and what became of those of its answers that were not taken.",
        (Transfer, TransferWithdrawn, TicketAddition, AnswerRefused),
        "ticket id",
        ("dispatcher",),
        ("agency",),
        DAYS_30,
        personal=True,
        partitions=1,
    ),
    Topic(
        "agency.<agency>.commands",
        "Answers of an agency that works over the bus; only its own tickets.",
        (AnswerTicket,),
        "ticket id",
        ("agency",),
        ("dispatcher",),
        DAYS_30,
        personal=True,
        partitions=1,
        # 20 000 signs, however they are escaped; and a dead letter of whatever else this holds is not too large.
        most_bytes=250_000,
    ),
    Topic(
        "replies.<channel>",
        "Rendered replies to citizens.",
        (Reply,),
        "account",
        ("normalizer", "dispatcher"),
        ("<channel>_ingest.send",),
        DAYS_7,
        personal=True,
    ),
    Topic(
        "reply.events",
        "How replies ended; back into the history.",
        (ReplyEvent,),
        "account",
        ("<channel>_ingest.send",),
        ("normalizer", "dispatcher"),
        DAYS_7,
        personal=False,
    ),
    Topic(
        "timers",
        "Due times that were reached.",
        (TimerDue,),
        "history",
        ("scheduler",),
        ("normalizer", "dispatcher"),
        DAYS_7,
        personal=False,
    ),
    Topic(
        "conversation.log",
        "Commits of conversations, personal part sealed.",
        (CommitLogged,),
        "history",
        ("normalizer",),
        ("projections",),
        DAYS_30,
        personal=False,
    ),
    Topic(
        "ticket.log",
        "Commits of tickets, personal part sealed.",
        (CommitLogged,),
        "history",
        ("dispatcher",),
        ("projections",),
        DAYS_30,
        personal=False,
    ),
    Topic(
        "dlq",
        "Records that a stage could not handle, with their payload.",
        (DeadLetter,),
        "stage",
        ("every stage",),
        ("operators",),
        timedelta(days=90),
        personal=True,
        partitions=1,
    ),
)


@lru_cache(maxsize=1024)
def topic_for(name: str) -> Topic | None:
    """The declaration that covers a concrete topic name, or None for an undeclared one."""
    exact = next((topic for topic in TOPICS if topic.name == name), None)
    if exact is not None:
        return exact
    head, _, rest = name.partition(".")
    if head in ("raw", "replies") and rest in CHANNELS:
        return next(topic for topic in TOPICS if topic.name == f"{head}.<channel>")
    agency, dot, what = rest.partition(".")
    if head == "agency" and AGENCY.fullmatch(agency) and f"{dot}{what}" in ("", ".commands"):
        return next(topic for topic in TOPICS if topic.name == f"agency.<agency>{dot}{what}")
    return None


def consumers_of(name: str) -> tuple[str, ...]:
    """Who reads a concrete topic, none of an undeclared one; of a stage, the group it reads by."""
    declared = topic_for(name)
    return () if declared is None else declared.consumers
