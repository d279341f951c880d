"""The upkeep of a page as a test runs it: on a bus of its own, with what it published at hand."""

from collections.abc import Mapping
from uuid import uuid5

from gateway.bus.port import Beginning, Bus
from gateway.domain.identity import NAMESPACE
from gateway.runtime.deployment import utc_now
from gateway.runtime.sending.lease import SendingLease
from schemas.envelope import Message
from schemas.inbound import Inbound
from schemas.raw import Raw
from services.facebook_ingest.catching_up import CatchingUp
from services.facebook_ingest.effects import Effect
from services.facebook_ingest.page import Page
from services.facebook_ingest.upkeep import Upkeep
from tests.channels.facebook.desk import Desk
from tests.channels.facebook.reading import RECEIVED, effects, raw_of
from tests.channels.facebook.town import APP, PAGE


def record(body: bytes) -> Message:
    """A raw record that is named by its content, as the webhook's are."""
    raw = raw_of(body).model_copy(update={"id": uuid5(NAMESPACE, body.hex())})
    return Message("raw.facebook", PAGE, str(raw.id), Raw.TYPE, "/tests", RECEIVED, raw.model_dump_json().encode())


def copy_of_upkeep(desk: Desk, bus: Bus, owner: str, read: Mapping[str, str] | None = None) -> Upkeep:
    """One of several copies; `read` are comments and posts that were read already, with their accounts."""
    page, already = Page(PAGE, APP), {} if read is None else read

    async def owners(things: frozenset[str]) -> Mapping[str, str]:
        return {thing: already[thing] for thing in things & already.keys()}

    missed = CatchingUp(
        page=page,
        graph=desk.graph,
        bus=bus,
        to_record=record,
        owners=owners,
        metrics=desk.ports.metrics,
    )
    return Upkeep(
        page=page,
        graph=desk.graph,
        missed=missed,
        documents=desk.documents,
        metrics=desk.ports.metrics,
        clock=desk.clock,
        lease=SendingLease(PAGE, desk.ports.store, owner=owner, clock=utc_now, role="upkeep"),
    )


async def fetched(bus: Bus) -> list[Effect]:
    """What was published, as it is read."""
    raws = [Raw.model_validate_json(one.message.value) async for one in bus.read("raw.facebook", start=Beginning())]
    return [effect for raw in raws for effect in effects(raw.personal.payload)]


async def texts(bus: Bus) -> list[str]:
    """Its texts."""
    return [one.said.personal.text for one in await fetched(bus) if isinstance(one.said, Inbound)]
