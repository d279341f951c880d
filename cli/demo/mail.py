"""Plays the mail servers to the gateway: Debian's Dovecot as its mailbox, and an SMTP server as everybody else's."""

import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import cast

from cli.demo.voice import AbsentError, Words, check_free
from gateway.errors import Unavailable
from gateway.runtime.deployment import Deployment
from services.email_ingest.configuration import LOOPBACK, load_settings
from services.email_ingest.raw import CHANNEL
from tests.fakes.mail.dovecot import PROGRAM, Dovecot
from tests.fakes.mail.smtp import Handed, SmtpSink

NO_DOVECOT = "no Dovecot: apt install dovecot-imapd"
REAL = "this trial has a mailbox elsewhere: EMAIL_IMAP_HOST"
OFF = "the channel is off: EMAIL_ADDRESS"


class MailVoice:
    """Citizens who send mail to the hotline's address."""

    def __init__(self, box: Dovecot, sink: SmtpSink, mailbox: str, deployment: Deployment, run: str) -> None:
        """Take both running servers, the hotline's address, derivations and clock, and the run's name."""
        self._box = box
        self._sink = sink
        self._mailbox = mailbox
        self._deployment = deployment
        self._run = run
        self._sent: dict[str, list[str]] = {}

    def account(self, user: str) -> str:
        """The account of a sender's address."""
        return self._deployment.identity.account(CHANNEL, f"{self._mailbox.lower()}:{self._address(user)}")

    async def write(self, user: str, words: Words) -> None:
        """Put a mail into the mailbox: `subject`, `text`, and further `headers`."""
        mail = self._mail(user, words)
        mail["To"] = self._mailbox
        mail["Subject"] = words["subject"]
        self._box.deliver(mail.as_bytes())

    async def answer(self, user: str, words: Words) -> None:
        """Answer the last mail as mail programs do: in its thread, with what it said quoted below."""
        asked = self._got(user)[-1].mail
        mail = self._mail(user, {**words, "text": f"{words['text']}\n\n{_quoted(asked)}"})
        mail["To"] = str(asked["Reply-To"] or asked["From"])
        mail["Subject"] = f"Re: {asked['Subject']}"
        mail["In-Reply-To"] = str(asked["Message-ID"])
        mail["References"] = f"{asked['References'] or ''} {asked['Message-ID']}".strip()
        self._box.deliver(mail.as_bytes())

    def heard(self, user: str) -> Sequence[str]:
        """What was handed over for the address."""
        return [_text(one.mail) for one in self._got(user)]

    def missing(self, user: str) -> Sequence[str]:
        """Every answer stands in the thread of a mail of theirs."""
        threads = {str(one.mail["In-Reply-To"]) for one in self._got(user)}
        return () if threads <= set(self._sent.get(user, ())) else ("an answer stands outside the mail's thread",)

    def _mail(self, user: str, words: Words) -> EmailMessage:
        sent = self._sent.setdefault(user, [])
        sent.append(f"<{self._run}.{user}.{len(sent)}@citizen.example>")
        mail = EmailMessage(policy=SMTP)
        mail["From"] = formataddr((words.get("name", ""), self._address(user)))
        mail["Date"] = format_datetime(self._deployment.clock())
        mail["Message-ID"] = sent[-1]
        for name, value in words.get("headers", {}).items():
            mail[name] = value
        mail.set_content(words["text"], charset="utf-8")
        return mail

    def _address(self, user: str) -> str:
        return f"{user}.{self._run}@citizen.example"

    def _got(self, user: str) -> Sequence[Handed]:
        return [one for one in self._sink.handed if self._address(user) in one.recipients]


@asynccontextmanager
async def mail_voice(deployment: Deployment, _address: str, run: str) -> AsyncIterator[MailVoice]:
    """Both servers until the block ends, which leaves nothing of them behind.

    Raises `AbsentError` without Dovecot or for a trial with a real mailbox, `Conflict` for a taken port, and
    `Unavailable("no_mailbox")` when Dovecot does not start.
    """
    settings = load_settings(deployment)
    if not settings.address:
        raise AbsentError(OFF)
    if settings.imap_host not in LOOPBACK or settings.smtp_host not in LOOPBACK:
        raise AbsentError(REAL)
    if PROGRAM is None:
        raise AbsentError(NO_DOVECOT)
    check_free(settings.imap_port, "the mailbox")
    check_free(settings.smtp_port, "the citizens' mail server")
    password = settings.password.get_secret_value()
    # The server's library warns of what it will give up some day.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    base = Path(tempfile.mkdtemp(prefix="gateway-demo-mail-"))
    box = Dovecot(base, port=settings.imap_port, password=password)
    sink = SmtpSink(settings.smtp_port, password=password)
    try:
        # Started without giving way to anything else, so that whoever is told to stop has a whole server to stop.
        _start(box)
        await sink.start()
        yield MailVoice(box, sink, settings.address, deployment, run)
    finally:
        box.stop()
        shutil.rmtree(base, ignore_errors=True)
        await sink.stop()


def _start(box: Dovecot) -> None:
    try:
        box.start()
    except RuntimeError as error:
        raise Unavailable("no_mailbox", str(error)) from error


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return "" if part is None else str(cast("EmailMessage", part).get_content())


def _quoted(mail: EmailMessage) -> str:
    lines = "\n".join(f"> {line}" for line in _text(mail).splitlines())
    return f"Vào {mail['Date']}, {mail['From']} đã viết:\n{lines}"
