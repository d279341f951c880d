"""One citizen of a scene: writes on the scene's channel, and sees what became of it as citizens there do."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cli.demo.client import Client, Receipt, Status
from cli.demo.followed import Followed
from cli.demo.script import Scene
from cli.demo.voice import Voice
from cli.documents_of_code import ticket_of
from gateway.errors import Invalid
from gateway.projections.fold import SUBMISSION
from gateway.runtime.deployment import Deployment
from schemas.files import AttachmentStored
from schemas.inbound import Ignored
from schemas.reply import Reply
from schemas.vocabulary import Language, OutcomeKind

CHECKING = "checking"
LOOK_SECONDS = 0.1
NOTHING = Status("", None, None, ())


class Citizen(Protocol):
    """Who plays a scene."""

    async def send(self, body: Mapping[str, Any], key: str) -> None:
        """Write about the matter."""

    async def add(self, body: Mapping[str, Any], key: str) -> None:
        """Add to it, or answer what was asked."""

    async def status(self) -> Status:
        """What became of it; without a code as long as the citizen has none."""

    def faults(self, status: Status) -> Sequence[str]:
        """What only the channel shows, where it is otherwise than it must be."""


@dataclass
class WebCitizen:
    """Writes by the app, the form, or a call that an operator types in, and looks the outcome up."""

    client: Client
    scene: Scene
    user: str
    receipt: Receipt | None = None
    two_codes: bool = False

    async def send(self, body: Mapping[str, Any], key: str) -> None:
        """Send it, twice under one key if the scene says so."""
        self.receipt = await self._sent(body, key)
        self.two_codes = self.scene.twice and await self._sent(body, key) != self.receipt

    async def add(self, body: Mapping[str, Any], key: str) -> None:
        """Add with the receipt's secret."""
        if self.receipt is None:
            raise Invalid("empty_scene", "A scene begins with send.")
        await self.client.add(self.receipt, body, key)

    async def status(self) -> Status:
        """What the receipt shows; under the code of a merged message stands what it was merged into."""
        if self.receipt is None:
            return NOTHING
        seen = await self.client.status(self.receipt)
        outcome = seen.outcome if seen.code == self.receipt.code else OutcomeKind.MERGED.value
        return Status(self.receipt.code, outcome, seen.agency, seen.replies, seen.files)

    def faults(self, status: Status) -> Sequence[str]:
        """Whether one message got two codes, and the answer brought what it should."""
        found = ["sent twice under one key it got two codes"] if self.two_codes else []
        if status.files != self.scene.brings:
            found.append(f"{status.files} of {self.scene.brings} files came with the answer")
        return found

    async def _sent(self, body: Mapping[str, Any], key: str) -> Receipt:
        files = self.scene.files
        if self.scene.by == "call":
            return await self.client.enter({**body, "intake": "call", "reference": self.user}, files)
        if self.scene.by == "form":
            return await self.client.send_form(body, files, "/en" if self.scene.language is Language.EN else "/")
        return await self.client.submit({**body, "user_id": self.user}, files, key)


@dataclass
class PlatformCitizen:
    """Writes on somebody else's platform; what became of it is seen in the gateway, what arrived on the platform."""

    voice: Voice
    scene: Scene
    user: str
    deployment: Deployment
    followed: Followed

    async def send(self, body: Mapping[str, Any], _key: str) -> None:
        """Write."""
        await self.voice.write(self.user, body)

    async def add(self, body: Mapping[str, Any], _key: str) -> None:
        """Go on, once something arrived that can be answered."""
        while not self.voice.heard(self.user):  # noqa: ASYNC110 - it comes over the network
            await asyncio.sleep(LOOK_SECONDS)
        await self.voice.answer(self.user, body)

    async def status(self) -> Status:
        """The account's one submission; without any, whether what came was passed over."""
        account = self.voice.account(self.user)
        found = await self.deployment.documents.find(SUBMISSION, f"account:{account}")
        if not found:
            ignored = self.followed.of(Ignored.TYPE, account)
            return Status("", OutcomeKind.IGNORED.value if ignored else None, None, self._replies(account))
        body = min((one.body for one in found), key=lambda one: str(one["received_at"]))
        outcome = (body["outcome"] or {}).get("kind")
        return Status(body["code"], outcome, await self._agency(body["code"]), self._replies(account))

    def faults(self, status: Status) -> Sequence[str]:
        """Whether every reply arrived on the platform, as it should begin, and every photo here."""
        heard = self.voice.heard(self.user)
        found = list(self.voice.missing(self.user))
        wanted = len(status.replies) + self.scene.brings
        if len(heard) < wanted:
            found.append(f"{len(heard)} of {wanted} replies and files arrived")
        if heard and not heard[0].startswith(self.scene.begins):
            found.append(f"the first reply does not begin with {self.scene.begins}")
        stored = len(self.followed.of(AttachmentStored.TYPE, self.voice.account(self.user)))
        if stored != self.scene.photos:
            found.append(f"{stored} of {self.scene.photos} photos were fetched")
        return found

    def _replies(self, account: str) -> tuple[tuple[str, str], ...]:
        told = (json.loads(message.value) for message in self.followed.of(Reply.TYPE, account))
        return tuple((one["kind"], one["language"]) for one in told)

    async def _agency(self, code: str) -> str | None:
        try:
            agency = (await ticket_of(self.deployment.documents, code))["agency"]
        except Invalid as error:
            if error.reason != "no_ticket":
                raise
            return None
        return None if agency is None else str(agency)
