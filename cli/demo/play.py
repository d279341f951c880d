"""Plays one scene: every step over HTTP or the command topics, until what must follow has followed or time is up."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.deciding import Answer, Decision, decide, give_answer
from cli.demo.client import Client, Receipt, Status
from cli.demo.script import Scene, Step
from cli.found import Body, ticket_of
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from schemas.vocabulary import Language, OutcomeKind

LOOK_SECONDS = 0.05
OPERATOR = "demo_operator"


@dataclass(frozen=True, slots=True)
class Stage:
    """What every scene plays on; `run` makes users and keys of this run different from those of any other."""

    client: Client
    deployment: Deployment
    run: str
    wait: float
    agencies_known: bool


@dataclass(frozen=True, slots=True)
class Played:
    """How a scene ended; `faults` says what differs from the script."""

    scene: Scene
    code: str
    outcome: str
    agency: str
    replies: tuple[str, ...]
    faults: tuple[str, ...] = field(default=())


async def play(scene: Scene, stage: Stage) -> Played:
    """Play a scene; what goes otherwise than expected is told, not raised."""
    receipt: Receipt | None = None
    faults: list[str] = []
    status: Status | None = None
    for number, step in enumerate(scene.steps):
        receipt = await _do(scene, step, stage, receipt, number, faults)
        status = await _until(stage, receipt, _ended(receipt, step.outcome))
        if _outcome(status, receipt) != step.outcome:
            faults.append(f"step {number + 1}: expected {step.outcome.value}, is {_outcome(status, receipt)}")
            break
    if receipt is None:
        raise Invalid("empty_scene", "A scene begins with send.")
    status = await _until(stage, receipt, lambda seen: not _differences(scene, seen, stage))
    faults += _differences(scene, status, stage)
    if scene.conduct and not (await _ticket(stage, receipt))["conduct"]:
        faults.append("expected the mark conduct")
    kinds = tuple(kind for kind, _ in status.replies)
    return Played(scene, receipt.code, _outcome(status, receipt), status.agency or "-", kinds, tuple(faults))


async def _do(
    scene: Scene, step: Step, stage: Stage, receipt: Receipt | None, number: int, faults: list[str]
) -> Receipt:
    """One step; a later one acts on the receipt of the first."""
    key = f"demo-{stage.run}-{scene.name}-{number}"
    if step.send is not None:
        sent = await _send(scene, step.send, stage, key)
        if scene.twice and await _send(scene, step.send, stage, key) != sent:
            faults.append("sent twice under one key it got two codes")
        return sent
    if receipt is None:
        raise Invalid("empty_scene", "A scene begins with send.")
    if step.add is not None:
        await stage.client.add(receipt, step.add, key)
    elif step.review is not None:
        review = step.review
        decision = Decision(receipt.code, review.verdict, OPERATOR, review.label, review.subfield, wait=stage.wait)
        await decide(stage.deployment, decision)
    elif step.answer is not None:
        await _ticket(stage, receipt)
        await give_answer(stage.deployment, Answer(receipt.code, OPERATOR, step.answer, wait=stage.wait))
    return receipt


async def _send(scene: Scene, body: Mapping[str, Any], stage: Stage, key: str) -> Receipt:
    user = f"demo-{stage.run}-{scene.user}"
    match scene.by:
        case "app":
            return await stage.client.submit({**body, "user_id": user}, scene.files, key)
        case "call":
            return await stage.client.enter({**body, "intake": "call", "reference": user}, scene.files)
        case "form":
            return await stage.client.send_form(body, scene.files, "/en" if scene.language is Language.EN else "/")


async def _until(stage: Stage, receipt: Receipt, settled: Callable[[Status], bool]) -> Status:
    """The citizen's view once it is as wanted, else as it is when time is up."""
    loop = asyncio.get_running_loop()
    end = loop.time() + stage.wait
    while True:
        seen = await stage.client.status(receipt)
        if settled(seen) or loop.time() >= end:
            return seen
        await asyncio.sleep(LOOK_SECONDS)


async def _ticket(stage: Stage, receipt: Receipt) -> Body:
    """The ticket, for which the dispatcher gets a moment after the outcome; raises `Invalid("no_ticket")`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + stage.wait
    while True:
        try:
            return await ticket_of(stage.deployment.documents, receipt.code)
        except Invalid as error:
            if error.reason != "no_ticket" or loop.time() >= end:
                raise
        await asyncio.sleep(LOOK_SECONDS)


def _ended(receipt: Receipt, outcome: OutcomeKind) -> Callable[[Status], bool]:
    return lambda seen: _outcome(seen, receipt) == outcome


def _outcome(status: Status, receipt: Receipt | None) -> str:
    """The outcome of this very message: under the code of a merged one the citizen sees what it was merged into."""
    if receipt is not None and status.code != receipt.code:
        return OutcomeKind.MERGED.value
    return status.outcome or "checking"


def _differences(scene: Scene, status: Status, stage: Stage) -> list[str]:
    """What the citizen's view has otherwise than the script."""
    found = []
    kinds = [kind for kind, _ in status.replies]
    wanted = [kind.value for kind in scene.replies]
    if kinds != wanted:
        found.append(f"expected the replies {', '.join(wanted) or 'none'}, got {', '.join(kinds) or 'none'}")
    if any(language != scene.language for _, language in status.replies):
        found.append(f"expected replies in {scene.language}")
    if stage.agencies_known and status.agency != scene.agency:
        found.append(f"expected the agency {scene.agency or 'nobody'}, is {status.agency or 'nobody'}")
    return found
