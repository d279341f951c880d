"""The stage between raw and inbound: reads a request, files each message's original, and notes whom to answer."""

import logging
from collections.abc import Callable, Sequence

from gateway.bus.port import Record
from gateway.domain.channel_messages import Said, inbound_message
from gateway.domain.identity import Identity
from gateway.errors import Invalid
from gateway.files.port import Files
from gateway.runtime.metrics import Metrics
from gateway.runtime.parsing import parsed
from schemas.envelope import Message
from schemas.inbound import Ignored, Inbound
from schemas.raw import Raw
from services.facebook_ingest.correspondence import Correspondence
from services.facebook_ingest.effects import Context, Effect, Known
from services.facebook_ingest.inbound import effects_of_items, objects_asked, people_asked
from services.facebook_ingest.items import items_of
from services.facebook_ingest.page import CHANNEL, Page
from services.facebook_ingest.reasons import Skipped

log = logging.getLogger(__name__)


class Read:
    """The stage `facebook_ingest.read`."""

    def __init__(
        self,
        *,
        page: Page,
        identity: Identity,
        files: Files,
        correspondence: Correspondence,
        metrics: Metrics,
        met: Callable[[str, str], None] = lambda _user, _account: None,
    ) -> None:
        """Take the ports; `met` is told of everybody who wrote (page-scoped id, account) and must not block."""
        self._page = page
        self._identity = identity
        self._files = files
        self._correspondence = correspondence
        self._metrics = metrics
        self._met = met

    async def __call__(self, record: Record) -> Sequence[Message]:
        """Read one request; raises `Invalid` for a record that is not ours, `Unavailable` when a port is down."""
        raw = parsed(Raw, record)
        items = items_of(raw)
        known = Known(
            threads=await self._correspondence.threads(people_asked(items, self._page)),
            owners=await self._correspondence.owners(objects_asked(items)),
        )
        context = Context(raw, self._page, self._identity, known)
        return [
            inbound_message(await self._kept(effect, raw), self._page.id) for effect in effects_of_items(items, context)
        ]

    async def _kept(self, effect: Effect, raw: Raw) -> Said:
        """File and note what goes with an event; somebody who was erased leaves nothing but a count."""
        if effect.alarm:
            log.critical("policy_enforcement", extra={"channel": CHANNEL})
            self._metrics.channel_alarm.labels(CHANNEL, Skipped.POLICY_ENFORCEMENT).set(1)
        try:
            return await self._with_original(effect, raw)
        except Invalid as error:
            if error.reason != "erased":
                raise
            said = effect.said
            return Ignored(
                id=said.id,
                channel=CHANNEL,
                reason=Skipped.ERASED.value,
                received_at=raw.received_at,
                trial=raw.trial,
            )

    async def _with_original(self, effect: Effect, raw: Raw) -> Said:
        said = effect.said
        if isinstance(said, Inbound):
            original = await self._files.put(said.account, effect.original, media_type=raw.content_type)
            said = said.model_copy(update={"original": original})
        if effect.note is not None:
            await self._correspondence.note(effect.note)
            if "psid" in effect.note.known:
                self._met(effect.note.known["psid"], effect.note.account)
        if effect.object is not None and effect.owner is not None:
            await self._correspondence.own(effect.object, effect.owner)
        if effect.echo is not None:
            await self._correspondence.echoed(effect.echo)
        return said
