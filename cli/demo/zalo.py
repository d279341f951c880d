"""Plays Zalo to the gateway: a fake on the address that a trial speaks to, with the access that the trial has."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from secrets import token_urlsafe
from urllib.parse import urlsplit

from cli.demo.files import photo
from cli.demo.voice import AbsentError, Words, check_free, number_of
from gateway.domain.identity import Identity
from gateway.egress.policy import LOOPBACK_HOSTS
from gateway.runtime.deployment import Deployment
from services.zalo_ingest.event import CHANNEL
from services.zalo_ingest.receive import PATH
from services.zalo_ingest.token_pairs import Pair
from services.zalo_ingest.wiring import Zalo, state, zalo
from tests.fakes.zalo.server import FakeZalo

LIFE = timedelta(hours=25)
REAL = "this trial speaks to a Zalo of its own: ZALO_API_URL"
OFF = "the channel is off: ZALO_APP_ID"


class ZaloVoice:
    """Citizens who write to the Official Account."""

    def __init__(self, fake: FakeZalo, oa: str, identity: Identity, run: str) -> None:
        """Take the running fake, the OA, the derivations, and the run's name."""
        self._fake = fake
        self._oa = oa
        self._identity = identity
        self._run = run

    def account(self, user: str) -> str:
        """The account of a user of the OA."""
        return self._identity.account(CHANNEL, f"{self._oa}:{number_of(self._run, user)}")

    async def write(self, user: str, words: Words) -> None:
        """Send `photos` (how many), then `texts`, then the `card` with contact details: an event each."""
        who = number_of(self._run, user)
        names = [f"{who}-{number}.png" for number in range(words.get("photos", 0))]
        self._fake.state.media.update((name, (photo(shade), "image/png")) for shade, name in enumerate(names))
        await self._fake.show(who, *names)
        for text in words.get("texts", ()):
            await self._fake.say(who, text)
        if card := words.get("card"):
            self._fake.state.interactions[who] = self._fake.state.clock()
            await self._fake.webhooks.send(self._fake.events().contact(who, dict(card), self._fake.now))

    async def answer(self, user: str, words: Words) -> None:
        """A chat goes on."""
        await self.write(user, words)

    def heard(self, user: str) -> Sequence[str]:
        """What the OA sent."""
        return [one.text for one in self._fake.state.replies_to(number_of(self._run, user))]

    def missing(self, _user: str) -> Sequence[str]:
        """Nothing but messages goes to a citizen here."""
        return ()


@asynccontextmanager
async def zalo_voice(deployment: Deployment, address: str, run: str) -> AsyncIterator[ZaloVoice]:
    """The fake until the block ends; raises `AbsentError` for a trial with another, `Conflict` for a taken port."""
    channel = zalo(deployment)
    if channel is None:
        raise AbsentError(OFF)
    try:
        parts = urlsplit(channel.settings.api_url)
        if parts.hostname not in LOOPBACK_HOSTS or channel.settings.oauth_url != channel.settings.api_url:
            raise AbsentError(REAL)
        port = parts.port or 80
        check_free(port, "Zalo")
        oa = next(iter(channel.settings.oas))
        pair = await _pair(channel, oa)
    finally:
        await channel.client.aclose()
    secrets = {name: keys[0].get_secret_value() for name, keys in channel.settings.oas.items()}
    fake = FakeZalo(
        app_id=channel.settings.app_id,
        app_secret=channel.settings.app_secret.get_secret_value(),
        oas=secrets,
        tokens={oa: (pair.access, pair.refresh)},
        webhook_url=f"{address}{PATH}",
        port=port,
    )
    async with fake:
        yield ZaloVoice(fake, oa, deployment.identity, run)


async def _pair(channel: Zalo, oa: str) -> Pair:
    """The tokens that the gateway has; where they ended while no Zalo was there, its administrator consents anew."""
    (access,) = [one["access"] for one in (await state(channel))["oas"] if one["oa"] == oa]
    held = await channel.pairs.latest(oa)
    if held is not None and access == "live":
        return held.pair
    now = channel.deployment.clock()
    fresh = Pair(token_urlsafe(24), token_urlsafe(24), now, now + LIFE)
    return (await channel.tokens.adopt(oa, fresh)).pair
