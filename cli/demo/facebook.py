"""Plays Facebook to the gateway: a fake on the address that a trial speaks to, with the trial's own secrets."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from cli.demo.voice import AbsentError, Words, check_free, number_of
from gateway.domain.identity import Identity
from gateway.runtime.deployment import Deployment
from gateway.runtime.platform_url import is_loopback
from services.facebook_ingest.configuration import TOKEN_NAME, settings_of
from services.facebook_ingest.page import CHANNEL, Page
from services.facebook_ingest.page_token import PageToken
from services.facebook_ingest.receive import PATH
from tests.fakes.facebook.server import FakeFacebook

REAL = "this trial speaks to Facebook itself: FACEBOOK_GRAPH_URL"
OFF = "the channel is off: FACEBOOK_PAGE_ID"
LOOK_SECONDS = 0.05


class FacebookVoice:
    """Citizens who write into the page's inbox, or a comment under its post."""

    def __init__(self, fake: FakeFacebook, page: Page, identity: Identity, run: str) -> None:
        """Take the running fake, the page, the derivations, and the run's name."""
        self._fake = fake
        self._page = page
        self._identity = identity
        self._run = run
        self._comments: dict[str, str] = {}

    def account(self, user: str) -> str:
        """The account of a person; who comments has another id there than in the inbox, and is known by the first."""
        name = f"{user}/comments" if user in self._comments else user
        return self._identity.account(CHANNEL, self._page.person(number_of(self._run, name)))

    async def write(self, user: str, words: Words) -> None:
        """Write the `comment` under the page's post, or the `texts` into the inbox."""
        who = number_of(self._run, user)
        if comment := words.get("comment"):
            author = number_of(self._run, f"{user}/comments")
            self._comments[user] = await self._fake.comment(author, comment, inbox=who)
        for text in words.get("texts", ()):
            await self._fake.say(who, text)

    async def answer(self, user: str, words: Words) -> None:
        """Answer in the inbox, as soon as Facebook has told the gateway what arrived there."""
        while not self._fake.all_told():  # noqa: ASYNC110 - the gateway makes it so
            await asyncio.sleep(LOOK_SECONDS)
        await self.write(user, words)

    def heard(self, user: str) -> Sequence[str]:
        """What the page sent into the inbox."""
        return self._fake.state.sent_to(number_of(self._run, user))

    def missing(self, user: str) -> Sequence[str]:
        """Under a comment stands a public word as well."""
        comment = self._comments.get(user)
        if comment is None or any(one.under == comment for one in self._fake.state.public):
            return ()
        return ("no public word stands under the comment",)


@asynccontextmanager
async def facebook_voice(deployment: Deployment, address: str, run: str) -> AsyncIterator[FacebookVoice]:
    """The fake until the block ends; raises `AbsentError` for a trial with the real one, `Conflict` for a port."""
    settings = settings_of(deployment)
    if not settings.page_id:
        raise AbsentError(OFF)
    if not is_loopback(settings.graph_url):
        raise AbsentError(REAL)
    port = urlsplit(settings.graph_url).port or 80
    check_free(port, "Facebook")
    token = PageToken(settings.page_token_file or deployment.folder.secrets / f"{TOKEN_NAME}.token")
    fake = FakeFacebook(
        page=settings.page_id,
        app=settings.app_id,
        app_secret=settings.app_secret.get_secret_value(),
        tokens={token.current()},
        webhook_url=f"{address}{PATH}",
        port=port,
    )
    # The gateway remembers comments: those of this run must not have the names of an earlier one's.
    fake.state.numbers = int(deployment.clock().timestamp())
    async with fake:
        yield FacebookVoice(fake, Page(settings.page_id, settings.app_id), deployment.identity, run)
