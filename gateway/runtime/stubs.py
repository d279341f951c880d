"""Makes the stub of a raw message that a channel's reader cannot read: one mechanism for every channel."""

from collections.abc import Callable, Sequence

from gateway.bus.port import Record
from gateway.domain.identity import Identity, message_id, stub_cause
from gateway.files.port import Files
from gateway.runtime.guard import StubMaker
from gateway.runtime.parsing import parsed
from schemas.dead_letter import DeadLetter
from schemas.envelope import Message
from schemas.inbound import Unreadable
from schemas.raw import Raw

TOPIC = "inbound"
ANY_BYTES = "application/octet-stream"
"""Media type of an original that nobody could read, whatever its sender called it."""


AnsweredCode = Callable[[Raw], str | None]
"""Finds the receipt code that a raw message adds to, where the channel keeps one beside the payload."""


def answers_nothing(_raw: Raw) -> str | None:
    """For channels that keep no code beside the payload."""
    return None


def stub_of_raw(files: Files, identity: Identity, *, source: str, answers: AnsweredCode = answers_nothing) -> StubMaker:
    """What a reader's wiring hands to its `Consumer`: files the payload and says on `inbound` that it is unreadable.

    `source` is the reading stage as its messages name it. The stub goes under the account that the envelope names;
    where it names none, as for webhooks and mails, under an account and a code of its own, so that it disturbs
    nobody's conversation, whatever is read in it later.
    The maker raises `Invalid` when the envelope cannot be read or its owner was erased, and `Unavailable`.
    """

    async def stub(record: Record, letter: DeadLetter) -> Sequence[Message]:
        raw = parsed(Raw, record)
        stub_id, account = raw.id, raw.account
        if account is None:
            stub_id, account = stub_cause(raw.id), identity.account_of_unreadable(raw.channel, raw.endpoint, raw.id)
        made = Unreadable(
            id=stub_id,
            channel=raw.channel,
            intake=raw.intake,
            account=account,
            code=identity.receipt_code(stub_id),
            received_at=raw.received_at,
            reason=letter.reason,
            answers=answers(raw),
            original=await files.put(account, raw.personal.payload, media_type=ANY_BYTES),
            attachments=raw.attachments,
            dead_letter=letter.id,
            trial=raw.trial,
        )
        return (_message_of(made, source),)

    return stub


def _message_of(stub: Unreadable, source: str) -> Message:
    """Keyed by account, under an id that the inbound of the same raw message will never have."""
    return Message(
        topic=TOPIC,
        key=stub.account,
        id=str(message_id(stub_cause(stub.id), TOPIC, 0)),
        type=Unreadable.TYPE,
        source=source,
        time=stub.received_at,
        value=stub.model_dump_json().encode(),
        subject=stub.code,
    )
