"""Citizens who write mails: each is put into the mailbox of a real server, where it is as durable as it gets."""

import asyncio
import random
from email.message import EmailMessage
from email.policy import SMTP

from services.email_ingest.configuration import TRIAL_ADDRESS
from tests.fakes.mail.dovecot import Dovecot
from tests.faults.ledger import Ledger
from tests.faults.matters import Citizen
from tests.faults.shares import citizens_of
from tests.faults.world import World

PAUSE_SECONDS = 0.05
DOUBLE = 0.1
"""Share of the mails that are delivered twice, as by a relay that heard no answer."""


async def write_by_mail(world: World, ledger: Ledger) -> None:
    """Let every citizen send everything."""
    if world.mail_folder is None:
        raise ValueError("this run has no mail server")
    chance = random.Random(f"{world.seed}/email")  # noqa: S311 - repeatable, not secret
    server = Dovecot(world.mail_folder, port=world.imap_port, password=world.secrets.mailbox)
    for place in range(world.shares["email"].each):
        for citizen in citizens_of(world.shares, "email", world.seed):
            message = citizen.number, place
            for _ in range(2 if chance.random() < DOUBLE else 1):
                ledger.intends(message)
                server.deliver(_mail(citizen, place))
                ledger.ended(message, result="acked")
            await asyncio.sleep(PAUSE_SECONDS)


def _mail(citizen: Citizen, place: int) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = citizen.user_id
    mail["To"] = TRIAL_ADDRESS
    mail["Subject"] = citizen.subject(place)
    mail["Date"] = "Wed, 25 Nov 2026 08:00:00 +0700"
    mail["Message-ID"] = f"<{citizen.key(place)}@citizen.example>"
    mail.set_content(citizen.words(place), cte="base64")
    return mail.as_bytes()
