"""Says what a webhook request says, event by event, in the gateway's words: pure, and silent about nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.domain.identity import Identity
from gateway.errors import Invalid
from schemas.inbound import Inbound
from schemas.raw import Raw
from services.facebook_ingest.effects import Context, Effect, Known
from services.facebook_ingest.feed import objects_of, read_change
from services.facebook_ingest.items import Item, Kind, items_of
from services.facebook_ingest.members import mapping, object_of
from services.facebook_ingest.messaging import read_messaging
from services.facebook_ingest.page import Page
from services.facebook_ingest.reasons import Skipped


def effects_of(raw: Raw, page: Page, identity: Identity, known: Known) -> Sequence[Effect]:
    """What each event of a request leads to, in order, each once; raises nothing."""
    return effects_of_items(items_of(raw), Context(raw, page, identity, known))


def effects_of_items(items: Iterable[Item], context: Context) -> Sequence[Effect]:
    """The same for events that were taken apart already."""
    found: dict[object, Effect] = {}
    for item in items:
        effect = _effect(item, context)
        if isinstance(effect.said, Inbound):
            effect = replace(effect, original=item.source())
        found.setdefault(effect.said.id, effect)
    return list(found.values())


def objects_asked(items: Iterable[Item]) -> frozenset[str]:
    """Comments and posts whose authors must be known before these events are read."""
    return frozenset(thing for item in items if item.kind is Kind.CHANGE for thing in objects_of(item))


def people_asked(items: Iterable[Item], page: Page) -> frozenset[str]:
    """People whose conversation must be known before: whoever writes, or is written to by staff."""
    return frozenset(user for item in items if item.kind is Kind.MESSAGING if (user := _person(item, page)))


def _effect(item: Item, context: Context) -> Effect:
    try:
        match item.kind:
            case Kind.UNREADABLE:
                return Effect(context.ignored(item, Skipped.UNREADABLE))
            case Kind.OTHER_OBJECT:
                return Effect(context.ignored(item, Skipped.UNKNOWN_OBJECT))
            case Kind.EMPTY:
                return Effect(context.ignored(item, Skipped.EMPTY))
            case _ if item.page != context.page.id:
                return Effect(context.ignored(item, Skipped.OTHER_PAGE))
            case Kind.MESSAGING:
                return read_messaging(item, context)
            case Kind.CHANGE:
                return read_change(item, context)
    except Invalid:
        return Effect(context.ignored(item, Skipped.UNREADABLE))


def _person(item: Item, page: Page) -> str:
    try:
        sender = object_of(mapping(item.value, "sender"), "id")
        return object_of(mapping(item.value, "recipient"), "id") if sender == page.id else sender
    except Invalid:
        return ""
