"""Plays one scene: every step on its channel or over commands, until what must follow has followed or time is up."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cli.answer_files import GivenFile
from cli.deciding import Answer, Decision, decide, give_answer
from cli.demo.citizen import CHECKING, LOOK_SECONDS, NOTHING, Citizen, PlatformCitizen, WebCitizen
from cli.demo.client import Client, Status
from cli.demo.files import photo
from cli.demo.followed import Followed
from cli.demo.script import Scene, Step
from cli.demo.voice import Town
from cli.documents_of_code import Body, ticket_of
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment

OPERATOR = "demo_operator"
CHATS = frozenset({"zalo", "facebook"})


@dataclass(frozen=True, slots=True)
class Stage:
    """What every scene plays on; `run` makes users and keys of this run different from those of any other."""

    client: Client
    town: Town
    followed: Followed
    deployment: Deployment
    run: str
    wait: float
    agencies_known: bool

    def citizen(self, scene: Scene) -> Citizen:
        """Who plays a scene."""
        voice = self.town.voices.get(scene.by)
        if voice is not None:
            return PlatformCitizen(voice, scene, scene.user, self.deployment, self.followed)
        return WebCitizen(self.client, scene, f"demo-{self.run}-{scene.user}")

    def patience(self, scene: Scene) -> float:
        """Seconds to wait for what must follow; an unfinished chat is judged only when it was quiet for a while."""
        quiet = self.deployment.province.times.quiet_seconds if scene.by in CHATS else 0
        return self.wait + quiet


@dataclass(frozen=True, slots=True)
class Played:
    """How a scene ended; `faults` says what differs from the script, `skipped` why it was not played at all."""

    scene: Scene
    code: str
    outcome: str
    agency: str
    replies: tuple[str, ...]
    faults: tuple[str, ...] = field(default=())
    skipped: str = ""


async def play(scene: Scene, stage: Stage) -> Played:
    """Play a scene; what goes otherwise than expected is told, not raised."""
    if scene.by in stage.town.absent:
        return Played(scene, "-", "-", "-", (), skipped=stage.town.absent[scene.by])
    citizen, faults, status = stage.citizen(scene), [], NOTHING
    for number, step in enumerate(scene.steps):
        try:
            await _do(scene, step, stage, citizen, status, number)
        except TimeoutError:
            faults.append(f"step {number + 1}: there was nothing to answer")
            break
        status = await _until(citizen, stage.patience(scene), _ended(step))
        if status.outcome != step.outcome.value:
            faults.append(f"step {number + 1}: expected {step.outcome.value}, is {status.outcome or CHECKING}")
            break
    status = await _until(citizen, stage.patience(scene), lambda seen: not _differences(scene, seen, stage, citizen))
    faults += _differences(scene, status, stage, citizen)
    if scene.conduct and not (await _ticket(stage, status.code))["conduct"]:
        faults.append("expected the mark conduct")
    kinds = tuple(kind for kind, _ in status.replies)
    outcome = status.outcome or CHECKING
    return Played(scene, status.code or "-", outcome, status.agency or "-", kinds, tuple(faults))


async def _do(scene: Scene, step: Step, stage: Stage, citizen: Citizen, status: Status, number: int) -> None:
    """One step; an operator's is about what the citizen's earlier ones came to."""
    key = f"demo-{stage.run}-{scene.name}-{number}"
    if step.send is not None:
        await citizen.send(step.send, key)
    elif step.add is not None:
        async with asyncio.timeout(stage.patience(scene)):
            await citizen.add(step.add, key)
    elif step.review is not None:
        review = step.review
        decision = Decision(status.code, review.verdict, OPERATOR, review.label, review.subfield, wait=stage.wait)
        await decide(stage.deployment, decision)
    elif step.answer is not None:
        await _ticket(stage, status.code)
        answer = Answer(status.code, OPERATOR, step.answer, photos(scene.brings), wait=stage.wait)
        await give_answer(stage.deployment, answer)


def photos(count: int) -> tuple[GivenFile, ...]:
    """What an operator was sent by the agency's people on the spot."""
    return tuple(GivenFile(f"da-sua-{number + 1}.png", "image/png", photo(number)) for number in range(count))


async def _until(citizen: Citizen, wait: float, settled: Callable[[Status], bool]) -> Status:
    """What the citizen sees once it is as wanted, else as it is when time is up."""
    loop = asyncio.get_running_loop()
    end = loop.time() + wait
    while True:
        seen = await citizen.status()
        if settled(seen) or loop.time() >= end:
            return seen
        await asyncio.sleep(LOOK_SECONDS)


async def _ticket(stage: Stage, code: str) -> Body:
    """The ticket, for which the dispatcher gets a moment after the outcome; raises `Invalid("no_ticket")`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + stage.wait
    while True:
        try:
            return await ticket_of(stage.deployment.documents, code)
        except Invalid as error:
            if error.reason != "no_ticket" or loop.time() >= end:
                raise
        await asyncio.sleep(LOOK_SECONDS)


def _ended(step: Step) -> Callable[[Status], bool]:
    return lambda seen: seen.outcome == step.outcome.value


def _differences(scene: Scene, status: Status, stage: Stage, citizen: Citizen) -> Sequence[str]:
    """What the citizen sees otherwise than the script has it."""
    found = list(citizen.faults(status))
    kinds = [kind for kind, _ in status.replies]
    wanted = [kind.value for kind in scene.replies]
    if kinds != wanted:
        found.append(f"expected the replies {', '.join(wanted) or 'none'}, got {', '.join(kinds) or 'none'}")
    if any(language != scene.language for _, language in status.replies):
        found.append(f"expected replies in {scene.language}")
    if stage.agencies_known and status.agency != scene.agency:
        found.append(f"expected the agency {scene.agency or 'nobody'}, is {status.agency or 'nobody'}")
    return found
