"""Reads changes of the page's feed: comments and visitors' posts become submissions. Pure."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.domain.hygiene import clean_line, clean_text
from gateway.errors import Invalid
from schemas.files import Attachment
from schemas.inbound import Inbound, InboundPersonal, Withdrawn
from schemas.vocabulary import Intake
from services.facebook_ingest.attachments import MOST, attachment
from services.facebook_ingest.effects import Context, Effect, Note
from services.facebook_ingest.items import Item
from services.facebook_ingest.members import Json, mapping, name_of, object_of, required_object, sequence, words
from services.facebook_ingest.page import CHANNEL
from services.facebook_ingest.reasons import Skipped

COMMENT = "comment"
_SUBMISSIONS = frozenset({COMMENT, "post", "status", "photo", "video"})
_OTHERS: Mapping[str, Skipped] = {
    "reaction": Skipped.REACTION,
    "like": Skipped.REACTION,
    "share": Skipped.SHARED,
    "album": Skipped.SHARED,
    "event": Skipped.SHARED,
}
_MODERATION = frozenset({"hide", "unhide", "block", "unblock", "mute"})
_EDITS = frozenset({"edit", "edited"})
_REMOVE = "remove"


def read_change(item: Item, context: Context) -> Effect:
    """What an event of `changes` leads to; raises `Invalid` when it cannot be read."""
    change: Json = item.value
    value = mapping(change, "value")
    match words(change, "field"):
        case "feed" | "mention":
            return _read_feed(item, value, context)
        case "ratings":
            return Effect(context.ignored(item, Skipped.RATING))
        case _:
            return Effect(context.ignored(item, Skipped.UNKNOWN_EVENT))


def objects_of(item: Item) -> tuple[str, ...]:
    """The comment or post whose author must be looked up, because not every event of it names them."""
    try:
        value = mapping(item.value, "value")
        if words(value, "item") in _SUBMISSIONS and words(value, "verb") not in _MODERATION:
            return (_thing(value),)
    except Invalid:
        return ()
    return ()


def _read_feed(item: Item, value: Json, context: Context) -> Effect:
    kind, verb = words(value, "item"), words(value, "verb")
    if kind in _OTHERS:
        return Effect(context.ignored(item, _OTHERS[kind]))
    if kind not in _SUBMISSIONS:
        return Effect(context.ignored(item, Skipped.UNKNOWN_EVENT))
    if verb in _MODERATION:
        return Effect(context.ignored(item, Skipped.MODERATED))
    author = _author(value)
    if author == context.page.id:
        return Effect(context.ignored(item, Skipped.BY_PAGE))
    thing = _thing(value)
    user = context.page.person(author) if author else context.page.nameless(thing)
    account = context.known.owners.get(thing) or context.identity.account(CHANNEL, user)
    if verb == "add":
        return _submission(item, value, account, context)
    known = thing in context.known.owners
    if not (author or known):
        # What the page itself wrote and took back also comes without an author.
        return Effect(context.ignored(item, Skipped.UNKNOWN_AUTHOR))
    if verb in _EDITS:
        return _submission(item, value, account, context, edits=context.id(account, _external(value)))
    if verb == _REMOVE:
        return _withdrawn(value, account, context)
    return Effect(context.ignored(item, Skipped.UNKNOWN_EVENT))


def _submission(item: Item, value: Json, account: str, context: Context, *, edits: UUID | None = None) -> Effect:
    text = clean_text(words(value, "message")).strip()
    files = _files(value)
    if not text and not files:
        return Effect(context.ignored(item, Skipped.EMPTY, account))
    external = _external(value)
    if edits is not None:
        changed = hashlib.sha256(f"{item.time}/{text}".encode()).hexdigest()
        external = f"{external}/edit/{changed}"
    inbound_id, thing = context.id(account, external), _thing(value)
    code, answers = _codes(value, account, inbound_id, context, edit=edits is not None)
    at = context.at(value.get("created_time"))
    said = Inbound(
        id=inbound_id,
        channel=CHANNEL,
        intake=_intake(value, text),
        account=account,
        code=code,
        sent_at=at,
        received_at=context.raw.received_at,
        answers=answers,
        edits=edits,
        attachments=files,
        trial=context.raw.trial,
        personal=InboundPersonal(text=text),
    )
    return Effect(said, owner=account, object=thing, note=_note(item, value, said, context))


def _codes(value: Json, account: str, inbound_id: UUID, context: Context, *, edit: bool) -> tuple[str, str | None]:
    """The receipt code, and the code of the submission this belongs to if its author opened one there.

    A post with several photos comes as several events in any order: all have the post's code and answer it, so that
    they meet. A comment answers what its author wrote above it; under another's words there is no such submission.
    """

    def code_of(external: str) -> str:
        return context.identity.receipt_code(context.id(account, external))

    if edit:
        return context.identity.receipt_code(inbound_id), None
    if words(value, "item") != COMMENT:
        post = required_object(value, "post_id")
        return code_of(post), code_of(post)
    above = name_of(value, "parent_id")
    return context.identity.receipt_code(inbound_id), code_of(above) if above else None


def _intake(value: Json, text: str) -> Intake:
    """A photo without words is a fragment of its post: fragments are gathered as those of a chat are."""
    return Intake.CHAT if words(value, "item") in ("photo", "video") and not text else Intake.COMMENT


def _withdrawn(value: Json, account: str, context: Context) -> Effect:
    external = _external(value)
    said = Withdrawn(
        id=context.id(account, f"{external}/removed"),
        channel=CHANNEL,
        account=account,
        what="message",
        message=context.id(account, external),
        received_at=context.raw.received_at,
        trial=context.raw.trial,
    )
    return Effect(said, owner=account)


def _note(item: Item, value: Json, said: Inbound, context: Context) -> Note:
    """Where a reply can be put: nowhere for a mention, which stands on another page."""
    known: dict[str, Any] = {"page": context.page.id}
    if name := clean_line(words(mapping(value, "from"), "name"), limit=200):
        known["name"] = name
    # As of our own time: an older comment that comes late is a place like any other.
    at = context.raw.received_at
    if words(item.value, "field") == "mention" or said.edits is not None:
        return Note(said.account, at, known)
    place = {
        "code": said.code,
        "id": _thing(value),
        "by": "comment_id" if words(value, "item") == COMMENT else "post_id",
        "at": said.sent_at.isoformat(),
        "answers": said.answers,
    }
    return Note(said.account, at, known, place)


def _author(value: Json) -> str:
    """Who wrote it; empty when Facebook does not say (privacy, or a missing permission)."""
    return object_of(mapping(value, "from"), "id") or object_of(value, "sender_id")


def _thing(value: Json) -> str:
    """The comment or post that can be answered."""
    return required_object(value, "comment_id" if words(value, "item") == COMMENT else "post_id")


def _external(value: Json) -> str:
    """Facebook's name of this event's own content: each photo of a post is one."""
    thing = _thing(value)
    part = name_of(value, f"{words(value, 'item')}_id") if words(value, "item") in ("photo", "video") else ""
    return f"{thing}/{part}" if part else thing


def _files(value: Json) -> tuple[Attachment, ...]:
    found = [("image", words(value, "photo")), ("video", words(value, "video"))]
    found += [("image", url) for url in sequence(value, "photos") if isinstance(url, str)]
    if words(value, "item") in ("photo", "video"):
        found.append(("image" if words(value, "item") == "photo" else "video", words(value, "link")))
    listed = [(kind, url) for kind, url in dict.fromkeys(found) if url]
    return tuple(attachment(number, kind, url) for number, (kind, url) in enumerate(listed[:MOST]))
