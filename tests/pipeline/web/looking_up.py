"""Looks submissions up as a citizen does, and finds what the page says."""

import re
from uuid import uuid4

from gateway.bus.port import Record
from schemas.envelope import Message
from schemas.reply import Reply, ReplyPersonal
from schemas.vocabulary import Intake, Language, ReplyKind
from tests.pipeline.web.harness import Channel

FORM = r'name="form" id="form" value="([^"]+)"'
"""The hidden token of the form by which something is added."""


async def opened(channel: Channel) -> tuple[str, str, str]:
    """A submission sent by form: its code, secret and account."""
    await channel.send_form()
    raw = (await channel.raws())[-1]
    code = channel.web.identity.receipt_code(raw.id)
    assert raw.account is not None
    return code, channel.web.identity.lookup_secret(code), raw.account


async def look_up(channel: Channel, code: str, secret: str, path: str = "/tra-cuu") -> str:
    answer = await channel.client.post(path, data={"code": code, "secret": secret})
    assert answer.status_code == 303
    assert code not in answer.headers["location"]
    page = await channel.client.get(answer.headers["location"])
    assert page.status_code == 200
    return page.text


def found_in(page: str, pattern: str) -> str:
    """The group of a pattern that must stand on the page."""
    found = re.search(pattern, page)
    assert found is not None, page
    return found[1]


def state_of(page: str) -> str:
    return found_in(page, r'class="state-(\w+)"')


def reply_record(account: str, code: str | None, text: str, **changes: object) -> Record:
    reply = Reply(
        id=uuid4(),
        history=f"conversation/{account}",
        channel="web",
        intake=Intake.FORM,
        account=account,
        code=code,
        kind=ReplyKind.ACCEPTANCE,
        language=Language.VI,
        articles=("8.3",),
        at="2026-11-26T01:31:00Z",
        personal=ReplyPersonal(text=text),
    ).model_copy(update=changes)
    message = Message(
        "replies.web", account, str(reply.id), Reply.TYPE, "/normalizer", reply.at, reply.model_dump_json().encode()
    )
    return Record(message, "0", 0, reply.at)
