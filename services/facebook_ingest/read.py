"""The stage between raw and inbound: reads a request, files each message's original, and notes whom to answer."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gateway.bus.port import Record
from gateway.domain.channel_messages import Said, inbound_message
from gateway.domain.identity import Identity
from gateway.errors import Invalid
from gateway.files.port import Files
from gateway.runtime.metrics import Metrics
from gateway.runtime.parsing import parsed
from gateway.runtime.successors import Successors
from schemas.envelope import Message
from schemas.inbound import Ignored, Inbound
from schemas.raw import Raw
from services.facebook_ingest.correspondence import Correspondence
from services.facebook_ingest.effects import Context, Effect, Known
from services.facebook_ingest.inbound import effects_of_items, objects_asked, people_asked
from services.facebook_ingest.items import Item, items_of
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
        successors: Successors,
        files: Files,
        correspondence: Correspondence,
        metrics: Metrics,
        met: Callable[[str, str], None] = lambda _user, _account: None,
    ) -> None:
        """Take the ports; `met` is told of everybody who wrote (page-scoped id, account) and must not block."""
        self._page = page
        self._identity = identity
        self._successors = successors
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
        effects = await self._effects(items, Context(raw, self._page, self._identity, known))
        return [inbound_message(await self._kept(effect, raw), self._page.id) for effect in effects]

    async def _effects(self, items: Sequence[Item], context: Context) -> Sequence[Effect]:
        """What the events lead to, under accounts that hold now; one that was taken before an erasure is passed over.

        Ids follow from accounts, so each time somebody is found to be erased everything is read again under theirs.
        """
        names: dict[str, str] = {}
        taken: set[int] = set()
        while True:
            effects = effects_of_items(items, _renamed(context, names))
            erased = await self._successors.erased({one for effect in effects for one in effect.accounts()})
            for number, effect in enumerate(effects):
                if erased & effect.accounts() and await self._was_taken(effect.said):
                    taken.add(number)
            if not erased:
                return [_passed_over(one, context) if n in taken else one for n, one in enumerate(effects)]
            first = {later: origin for origin, later in names.items()}
            names.update({first.get(one, one): self._identity.successor(one) for one in erased})

    async def _was_taken(self, said: Said) -> bool:
        return said.account is not None and await self._successors.was_taken(said.account, said.id)

    async def _kept(self, effect: Effect, raw: Raw) -> Said:
        """File and note what goes with an event; somebody who was erased just now leaves nothing but a count."""
        if effect.alarm:
            log.critical("policy_enforcement", extra={"channel": CHANNEL})
            self._metrics.channel_alarm.labels(CHANNEL, Skipped.POLICY_ENFORCEMENT).set(1)
        try:
            return await self._with_original(effect, raw)
        except Invalid as error:
            if error.reason != "erased":
                raise
            return _of_erased(effect, raw)

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


def _renamed(context: Context, names: Mapping[str, str]) -> Context:
    """The same with other accounts in place of some."""
    known = Known(
        threads={user: names.get(account, account) for user, account in context.known.threads.items()},
        owners={thing: names.get(account, account) for thing, account in context.known.owners.items()},
    )
    return replace(context, identity=context.identity.renamed(names), known=known)


def _passed_over(effect: Effect, context: Context) -> Effect:
    return Effect(_of_erased(effect, context.raw))


def _of_erased(effect: Effect, raw: Raw) -> Ignored:
    return Ignored(
        id=effect.said.id,
        channel=CHANNEL,
        reason=Skipped.ERASED.value,
        received_at=raw.received_at,
        trial=raw.trial,
    )
