"""Wires the email channel to a deployment with plain calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.channel import Channel, correspondents, read_stage, send_stage, sender, stage
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.deployment import Deployment
from gateway.runtime.sending import Pace
from gateway.runtime.sending.lease import SendingLease
from gateway.runtime.service import Consumer
from services.email_ingest.answer_limit import AnswerLimit
from services.email_ingest.configuration import credentials, imap_server, load_settings, smtp_server
from services.email_ingest.cursor import FolderCursor
from services.email_ingest.inbound import Own
from services.email_ingest.letter import Letterhead
from services.email_ingest.mailbox import Folder, Mailbox, Pauses
from services.email_ingest.proofs import Proofs
from services.email_ingest.raw import CHANNEL
from services.email_ingest.read import Read
from services.email_ingest.reader import MailReader
from services.email_ingest.receive import Intaking, Receive
from services.email_ingest.send import MailCarrier
from services.email_ingest.settings import EmailSettings
from services.email_ingest.standing import Standing

SIDE_BY_SIDE = 2
"""Mails on their way at once: servers take few connections of one login."""

TRIAL_PAUSES = Pauses(first=0.5, longest=3.0)
"""A trial's mail server comes and goes with the demo."""


@dataclass(frozen=True)
class Email:
    """The opened channel."""

    deployment: Deployment
    settings: EmailSettings
    carrier: MailCarrier
    correspondents: Correspondents
    children: BoundedChildren


def email(deployment: Deployment, *, settings: EmailSettings | None = None) -> Email | None:
    """The opened channel; None when it is not configured. Raises `Invalid` naming every wrong `EMAIL_` variable."""
    settings = settings or load_settings(deployment)
    if not settings.address:
        return None
    carrier = MailCarrier(
        server=smtp_server(settings),
        credentials=credentials(settings),
        head=Letterhead(settings.address, settings.sender_name),
        identity=deployment.identity,
        limit=AnswerLimit(deployment.store, per_day=settings.answers_per_day, clock=deployment.clock),
        clock=deployment.clock,
    )
    return Email(deployment, settings, carrier, correspondents(deployment, CHANNEL), BoundedChildren())


def opened(deployment: Deployment) -> Channel | None:
    """The channel for the process that runs it; None when it is not configured. Raises `Invalid` like `email`."""
    channel = email(deployment)
    if channel is None:
        return None
    pace = Pace(channel.settings.send_per_second, SIDE_BY_SIDE)
    return Channel(
        code=CHANNEL,
        consumers=consumers(channel),
        tasks=(
            *(mailbox(channel, folder).run for folder in channel.settings.folders),
            sender(deployment, channel.carrier, pace).run,
        ),
        state=partial(state, channel),
        close=channel.children.close,
    )


def consumers(channel: Email) -> Sequence[Consumer]:
    """What the channel reads: its own raw messages, and replies to its citizens."""
    deployment, settings = channel.deployment, channel.settings
    read = Read(
        files=deployment.files,
        identity=deployment.identity,
        reader=MailReader(channel.children),
        correspondents=channel.correspondents,
        met=Proofs(deployment.outbox, deployment.identity, deployment.clock).met,
        own=Own(frozenset({settings.address.lower()}), frozenset(one.lower() for one in settings.list_ids)),
    )
    return (read_stage(deployment, CHANNEL, read), send_stage(deployment, channel.carrier))


async def state(channel: Email) -> Mapping[str, Any]:
    """How the channel is, for operators: its servers, and for each folder whether it is watched and how far read."""
    settings = channel.settings
    return {
        "address": settings.address,
        "imap": f"{settings.imap_host}:{settings.imap_port}",
        "smtp": f"{settings.smtp_host}:{settings.smtp_port}",
        "folders": [await _folder_state(channel, folder) for folder in settings.folders],
    }


def mailbox(channel: Email, folder: str) -> Mailbox:
    """The receiver of one folder."""
    deployment, settings = channel.deployment, channel.settings
    intaking = Intaking(
        mailbox=settings.address.lower(),
        bus=deployment.edge(stage(CHANNEL, "receive")),
        files=deployment.files,
        identity=deployment.identity,
        successors=deployment.successors,
        clock=deployment.clock,
        metrics=deployment.metrics,
        check_room=deployment.check_room,
        max_bytes=settings.max_bytes,
        from_beginning=settings.first_start == "all",
        trial=deployment.trial,
    )
    return Mailbox(
        folder=Folder(imap_server(settings), credentials(settings), folder),
        receive=Receive(intaking, _cursor(channel, folder)),
        standing=_standing(channel, folder),
        lease=SendingLease(
            f"{settings.address.lower()}/{folder}",
            deployment.store,
            owner=deployment.process,
            clock=deployment.clock,
            role="receiver",
        ),
        metrics=deployment.metrics,
        idle_seconds=settings.idle_seconds,
        pauses=TRIAL_PAUSES if deployment.trial else Pauses(),
    )


async def _folder_state(channel: Email, folder: str) -> Mapping[str, Any]:
    cursor = await _cursor(channel, folder).load()
    read_to = None if cursor is None else {"uidvalidity": cursor.uidvalidity, "uid": cursor.uid}
    return {"folder": folder, **await _standing(channel, folder).known(), "read_to": read_to}


def _cursor(channel: Email, folder: str) -> FolderCursor:
    return FolderCursor(channel.deployment.documents, channel.settings.address.lower(), folder)


def _standing(channel: Email, folder: str) -> Standing:
    deployment = channel.deployment
    return Standing(deployment.documents, channel.settings.address.lower(), folder, clock=deployment.clock)
