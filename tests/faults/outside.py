"""`python -m tests.faults.outside FOLDER`: the platforms, the citizens' mailboxes and an operator, beyond every kill.

It prints one line when it listens; on SIGTERM it writes down what every citizen got, in order, and ends.
"""

import asyncio
import json
import random
import signal
import sys
from collections import defaultdict, deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from services.facebook_ingest.configuration import TRIAL_APP as FACEBOOK_APP
from services.facebook_ingest.configuration import TRIAL_PAGE
from services.facebook_ingest.receive import PATH as FACEBOOK_PATH
from services.zalo_ingest.configuration import TRIAL_APP, TRIAL_OA
from services.zalo_ingest.receive import PATH as ZALO_PATH
from tests.fakes.facebook.server import FakeFacebook
from tests.fakes.facebook.state import Trouble as FacebookTrouble
from tests.fakes.facebook.webhooks import Webhooks as FacebookWebhooks
from tests.fakes.mail.smtp import DROP, SmtpSink
from tests.fakes.zalo.server import FakeZalo
from tests.fakes.zalo.state import Trouble as ZaloTrouble
from tests.fakes.zalo.webhooks import Webhooks as ZaloWebhooks
from tests.faults.desk import Desk, plain
from tests.faults.shares import citizens_of
from tests.faults.world import World, read_world

ECHO_SECONDS = 1.0
READY = "ready"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that a citizen got: the channel, under which name it knows them, and the text."""

    channel: str
    user: str
    text: str


def read_deliveries(path: Path) -> list[Delivery]:
    """What was written down, in order."""
    return [Delivery(**one) for one in json.loads(path.read_text(encoding="utf-8"))]


class Outside:
    """The other side of every channel."""

    def __init__(self, world: World) -> None:
        """Take the run."""
        self._world = world
        secrets = world.secrets
        oas = {TRIAL_OA: secrets.zalo_oa}
        self.zalo = FakeZalo(
            app_id=TRIAL_APP,
            app_secret=secrets.zalo_app,
            oas=oas,
            tokens={TRIAL_OA: secrets.zalo_tokens},
            port=world.zalo_port,
        )
        self.facebook = FakeFacebook(
            page=TRIAL_PAGE,
            app=FACEBOOK_APP,
            app_secret=secrets.facebook_app,
            tokens={secrets.facebook_page},
            port=world.facebook_port,
        )
        # Platforms go on trying for much longer than a start of the gateway takes.
        self.zalo.webhooks = ZaloWebhooks(world.url("zalo", ZALO_PATH), TRIAL_APP, oas, pace=0.02)
        self.facebook.webhooks = FacebookWebhooks(
            world.url("facebook", FACEBOOK_PATH), secrets.facebook_app, self.facebook.events, pause=0.2, tries=30
        )
        self.zalo.echo_seconds = self.facebook.echo_seconds = ECHO_SECONDS
        self.mailboxes = SmtpSink(world.smtp_port, password=secrets.mailbox)
        self._delivered: dict[str, list[Delivery]] = defaultdict(list)

    def prepare(self) -> None:
        """Everybody has just written, as far as the platforms' windows go; and some answers will be lost."""
        world, now = self._world, self.facebook.now
        for channel, times in (("zalo", self.zalo.state.interactions), ("facebook", self.facebook.state.last_words)):
            if channel in world.shares:
                times.update({citizen.user_id: now for citizen in citizens_of(world.shares, channel, world.seed)})
        self.zalo.troubles.misbehave(world.seed, world.lost_answers, (ZaloTrouble.DROP,))
        self.facebook.troubles.misbehave(world.seed, world.lost_answers, (FacebookTrouble.DROP_AFTER,))
        if "email" in world.shares:
            chance = random.Random(world.seed)  # noqa: S311 - repeatable, not secret
            answers = 4 * world.shares["email"].messages
            lost = (chance.random() < world.lost_answers for _ in range(answers))
            self.mailboxes.at_data = deque(DROP if one else "250 2.0.0 taken" for one in lost)

    def delivered(self, channel: str) -> Sequence[Delivery]:
        """What a channel's citizens got, in order; each is read once, since an operator looks again and again."""
        known = self._delivered[channel]
        match channel:
            case "zalo":
                taken = self.zalo.state.taken[len(known) :]
                known += [Delivery(channel, one.recipient["user_id"], plain(one.text)) for one in taken]
            case "facebook":
                sent = self.facebook.state.sent[len(known) :]
                known += [Delivery(channel, one.user, plain(one.text)) for one in sent]
            case _:
                known += [
                    Delivery(channel, one.recipients[0], plain(one.mail.get_body(("plain",)).get_content()))  # type: ignore[union-attr]  # a mail without text ends the run
                    for one in self.mailboxes.handed[len(known) :]
                ]
        return known


async def play(folder: Path) -> None:
    """Be there until SIGTERM."""
    world = read_world(folder)
    outside = Outside(world)
    outside.prepare()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(outside.zalo)
        await stack.enter_async_context(outside.facebook)
        await outside.mailboxes.start()
        stack.push_async_callback(outside.mailboxes.stop)
        desk = Desk(world.places, lambda channel: {one.text for one in outside.delivered(channel)})
        desk.open()
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        await stop.wait()
        await desk.close()
    found = [asdict(one) for channel in ("zalo", "facebook", "email") for one in outside.delivered(channel)]
    world.delivered.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(play(Path(sys.argv[1])))
