"""Reads events of the page's inbox: messages, edits, buttons, echoes, receipts and everything around them. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from gateway.domain.hygiene import clean_text
from schemas.inbound import Inbound, InboundPersonal, StaffMessage, StaffPersonal, Withdrawn
from schemas.vocabulary import Intake
from services.facebook_ingest.attachments import Hanging, read_attachments
from services.facebook_ingest.effects import Context, Echo, Effect, Note
from services.facebook_ingest.items import Item
from services.facebook_ingest.members import (
    Json,
    mapping,
    name_of,
    object_of,
    required,
    required_object,
    sequence,
    words,
)
from services.facebook_ingest.page import CHANNEL
from services.facebook_ingest.reasons import Skipped

_TOKEN = re.compile(r"[0-9a-f]{32}\.[0-9]{1,4}")
"""What `gateway.outbox.port.token_of` writes into `metadata`."""

_THUMB = frozenset({"\N{THUMBS UP SIGN}", "\N{THUMBS UP SIGN}\N{VARIATION SELECTOR-16}"})

_QUIET: Mapping[str, Skipped] = {
    "read": Skipped.READ,
    "delivery": Skipped.DELIVERY,
    "reaction": Skipped.REACTION,
    "referral": Skipped.REFERRAL,
    "pass_thread_control": Skipped.HANDOVER,
    "take_thread_control": Skipped.HANDOVER,
    "request_thread_control": Skipped.HANDOVER,
    "app_roles": Skipped.HANDOVER,
}
"""Events that say nothing an agency could act on."""

_OPENS_WINDOW = frozenset({"reaction", "referral"})
"""Of those, what lets us write for another day (Messenger Platform, "24-hour messaging window")."""


def read_messaging(item: Item, context: Context) -> Effect:
    """What an event of `messaging` or `standby` leads to; raises `Invalid` when it cannot be read."""
    event: Json = item.value
    if "policy_enforcement" in event:
        return Effect(context.ignored(item, Skipped.POLICY_ENFORCEMENT), alarm=True)
    for name, read in _READERS.items():
        if event.get(name) is not None:
            return read(item, event, context)
    quiet = next((name for name in _QUIET if name in event), None)
    if quiet is None:
        return Effect(context.ignored(item, Skipped.UNKNOWN_EVENT))
    user = object_of(mapping(event, "sender"), "id")
    if not user or user == context.page.id:
        return Effect(context.ignored(item, _QUIET[quiet]))
    account = context.account(user)
    note = _note(user, account, quiet, context.at(event.get("timestamp")), context)
    return Effect(context.ignored(item, _QUIET[quiet], account), note=note if quiet in _OPENS_WINDOW else None)


def _read_message(item: Item, event: Json, context: Context) -> Effect:
    message = mapping(event, "message")
    user, at = required_object(mapping(event, "sender"), "id"), context.at(event.get("timestamp"))
    if message.get("is_echo") or user == context.page.id:
        return _read_echo(item, event, message, context)
    account, mid = context.account(user), required(message, "mid")
    if message.get("is_deleted"):
        said = Withdrawn(
            id=context.id(account, f"{mid}/deleted"),
            channel=CHANNEL,
            account=_thread(user, account, context),
            what="message",
            message=context.id(account, mid),
            received_at=context.raw.received_at,
            trial=context.raw.trial,
        )
        return Effect(said, owner=said.account)
    hanging = read_attachments(sequence(message, "attachments"))
    text = clean_text(words(message, "text")).strip()
    note = _note(user, account, "message", at, context)
    if skipped := _wordless(text, hanging):
        return Effect(context.ignored(item, skipped, account), note=note)
    return _inbound(user, mid, text, at, context, hanging=hanging, note=note)


def _wordless(text: str, hanging: Hanging) -> Skipped | None:
    """Why a message without matter is none: a lone thumb thanks, another sticker says nothing."""
    if not hanging.nothing:
        return None
    if text in _THUMB or (not text and hanging.likes):
        return Skipped.THANKS
    if not text and hanging.stickers:
        return Skipped.STICKER
    return None if text else Skipped.EMPTY


def _read_echo(item: Item, event: Json, message: Json, context: Context) -> Effect:
    """Our own message coming back tells the outbox; what staff wrote in the page's inbox is kept."""
    user, at = required_object(mapping(event, "recipient"), "id"), context.at(event.get("timestamp"))
    account, mid = context.account(user), required(message, "mid")
    metadata = words(message, "metadata")
    token = metadata if _TOKEN.fullmatch(metadata) else None
    if token or (context.page.app_id and name_of(message, "app_id") == context.page.app_id):
        echo = Echo(token=token, remote_id=mid, user=user, account=account, at=at)
        return Effect(context.ignored(item, Skipped.OWN_ECHO, account), echo=echo)
    hanging = read_attachments(sequence(message, "attachments"))
    text = "\n".join(part for part in (clean_text(words(message, "text")).strip(), hanging.quoted) if part)
    said = StaffMessage(
        id=context.id(account, mid),
        channel=CHANNEL,
        account=_thread(user, account, context),
        sent_at=at,
        received_at=context.raw.received_at,
        trial=context.raw.trial,
        personal=StaffPersonal(text=clean_text(text)),
    )
    return Effect(said, owner=said.account)


def _read_edit(item: Item, event: Json, context: Context) -> Effect:
    edit = mapping(event, "message_edit")
    user, at = required_object(mapping(event, "sender"), "id"), context.at(event.get("timestamp"))
    account, mid = context.account(user), required(edit, "mid")
    text = clean_text(words(edit, "text")).strip()
    note = _note(user, account, "message", at, context)
    if not text:
        return Effect(context.ignored(item, Skipped.EMPTY, account), note=note)
    external = f"{mid}/edit/{name_of(edit, 'num_edit') or item.digest}"
    return _inbound(user, external, text, at, context, edits=mid, note=note)


def _read_postback(item: Item, event: Json, context: Context) -> Effect:
    """A button's title is what the citizen chose to say, unless the button only leads somewhere."""
    postback = mapping(event, "postback")
    user, at = required_object(mapping(event, "sender"), "id"), context.at(event.get("timestamp"))
    account = context.account(user)
    note = _note(user, account, "postback", at, context)
    title = clean_text(words(postback, "title")).strip()
    if words(postback, "payload") in context.page.silent_postbacks or not title:
        return Effect(context.ignored(item, Skipped.NAVIGATION, account), note=note)
    return _inbound(user, name_of(postback, "mid") or item.digest, title, at, context, note=note)


def _inbound(
    user: str,
    external: str,
    text: str,
    at: datetime,
    context: Context,
    *,
    hanging: Hanging | None = None,
    edits: str | None = None,
    note: Note | None = None,
) -> Effect:
    account = context.account(user)
    # The id is derived from the person, not from the conversation they answer in: it never changes.
    inbound_id = context.id(account, external)
    said = Inbound(
        id=inbound_id,
        channel=CHANNEL,
        intake=Intake.CHAT,
        account=_thread(user, account, context),
        code=context.identity.receipt_code(inbound_id),
        sent_at=at,
        received_at=context.raw.received_at,
        edits=context.id(account, edits) if edits else None,
        attachments=hanging.files if hanging else (),
        trial=context.raw.trial,
        personal=InboundPersonal(
            text=text,
            quoted=clean_text(hanging.quoted) if hanging else "",
            position=hanging.position if hanging else None,
        ),
    )
    return Effect(said, owner=said.account, note=note)


def _thread(user: str, account: str, context: Context) -> str:
    """The account that a person's message belongs to: the one we last wrote to them about, else their own."""
    return context.known.threads.get(user, account)


def _note(user: str, account: str, kind: str, at: datetime, context: Context) -> Note:
    known = {"page": context.page.id, "psid": user, "interaction": kind, "interaction_at": at.isoformat()}
    return Note(account, at, known)


_READERS: Mapping[str, Callable[[Item, Json, Context], Effect]] = {
    "message": _read_message,
    "message_edit": _read_edit,
    "postback": _read_postback,
}
