"""What a test of the carrier has at hand: Facebook, a clock, and parcels to hand over."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from gateway.outbox.carrier import Handover, Parcel
from gateway.outbox.port import token_of
from gateway.projections.port import Documents
from schemas.vocabulary import ReplyKind
from services.facebook_ingest.effects import Note
from services.facebook_ingest.graph import Graph
from services.facebook_ingest.page_token import PageToken
from services.facebook_ingest.send import FacebookCarrier, Ports
from tests.channels.facebook.town import PAGE, PERSON
from tests.fakes.facebook.server import FakeFacebook

CODE = "7KQX-4M9T-2BHW"
ACCOUNT = "ab" * 16
COMMENT = "122100456789_330011223344"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """Start on a Thursday at 08:30 in Vietnam."""
        self.now = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Now, aware."""
        return self.now

    def seconds(self) -> float:
        """Now, in seconds since 1970."""
        return self.now.timestamp()

    def pass_by(self, **span: float) -> None:
        """Let a span of time go by."""
        self.now += timedelta(**span)


class MakesCarriers(Protocol):
    """Opens another carrier on the same ports."""

    def __call__(self, *, human_agent: bool = False, base: str = "") -> FacebookCarrier:
        """With the feature Human Agent, or another address of Facebook's."""


@dataclass
class Desk:
    """Facebook and the ports, and carriers that were opened."""

    fake: FakeFacebook
    clock: Clock
    ports: Ports
    documents: Documents
    graph: Graph
    token: PageToken
    folder: Path
    make: MakesCarriers
    opened: list[FacebookCarrier] = field(default_factory=list)

    def carrier(self, *, human_agent: bool = False, base: str = "") -> FacebookCarrier:
        """A carrier, closed at the end."""
        self.opened.append(self.make(human_agent=human_agent, base=base))
        return self.opened[-1]

    @property
    def inbox(self) -> str:
        """The account of the person in the inbox."""
        return self.ports.identity.account("facebook", f"{PAGE}:{PERSON}")

    async def wrote(self, account: str = "") -> None:
        """The person wrote into the inbox just now."""
        self.fake.state.last_words[PERSON] = self.fake.now
        known = {"psid": PERSON, "interaction": "message", "interaction_at": self.clock().isoformat()}
        note = Note(self.inbox, self.clock(), known)
        await self.ports.correspondents.note(note.account, note.known, at=note.at)
        if account:
            await self.ports.correspondents.note(account, {"psid": PERSON}, at=note.at)

    async def commented(self, account: str = ACCOUNT, thing: str = COMMENT, by: str = "comment_id") -> None:
        """The person commented just now, and their submission has the code `CODE`."""
        self.fake.state.authors[thing] = (PERSON, self.fake.now)
        place = {"id": thing, "by": by, "at": self.clock().isoformat()}
        await self.ports.correspondents.note(account, {"places": {CODE: place}}, at=self.clock())

    async def hand(
        self,
        carrier: FacebookCarrier,
        text: str = "Kính gửi Ông/Bà",
        *,
        account: str = "",
        parcel: Parcel | None = None,
        **members: Any,  # noqa: ANN401 - members of a parcel
    ) -> Handover:
        """Hand over a text, or a parcel again."""
        parcel = parcel or await self.parcel(text, account=account, **members)
        return await carrier.hand_over(parcel)

    async def parcel(
        self,
        text: str = "Kính gửi Ông/Bà",
        *,
        account: str = "",
        kind: ReplyKind = ReplyKind.ACCEPTANCE,
        number: int = 0,
    ) -> Parcel:
        """A parcel of a reply of its own."""
        account = account or self.inbox
        reply = uuid4()
        return Parcel(
            reply_id=reply,
            number=number,
            count=number + 1,
            token=token_of(reply, number),
            account=account,
            kind=kind,
            code=CODE,
            filed_at=self.clock(),
            text=text,
            correspondent=await self.ports.correspondents.of(account),
        )

    def alarm(self, what: str) -> float | None:
        """The channel's alarm."""
        labels = {"channel": "facebook", "what": what}
        return self.ports.metrics.registry.get_sample_value("gateway_channel_alarm", labels)

    async def close(self) -> None:
        """Close every carrier."""
        for carrier in self.opened:
            await carrier.close()
