"""From a request to `inbound`: the stages of the channel on the real bus."""

import asyncio
import json
from pathlib import Path

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning
from gateway.domain.tracing import entering
from schemas.inbound import Inbound
from services.web_ingest.read import Read
from tests.pipeline.web.harness import FILLED, SUBMISSION, Channel, photo


async def read_all(channel: Channel, tmp_path: Path, expected: int) -> list[Inbound]:
    """Run the read stage until it has published as many messages as expected."""
    stage = open_bus(f"sqlite:///{tmp_path / 'bus'}", "web_ingest.read", clock=channel.clock)
    reading = Read(channel.web.files, channel.web.identity)
    consuming = asyncio.create_task(stage.consume("raw.web", group="web_ingest.read", handler=reading))
    found: list[Inbound] = []
    async for record in stage.read("inbound", start=Beginning(), follow=True):
        found.append(Inbound.model_validate_json(record.message.value))
        assert record.message.key == found[-1].account
        assert record.message.subject == found[-1].code
        if len(found) == expected:
            break
    consuming.cancel()
    await asyncio.gather(consuming, return_exceptions=True)
    await stage.close()
    return found


async def test_form_and_app_arrive_as_inbound_with_their_originals_filed(channel: Channel, tmp_path: Path) -> None:
    await channel.send_form(files=[("photos", photo("a.jpg"))], publish_details="1")
    said = (await channel.submit(SUBMISSION)).json()
    by_intake = {found.intake.value: found for found in await read_all(channel, tmp_path, 2)}
    form, app = by_intake["form"], by_intake["app"]
    assert form.personal.text == FILLED["content"]
    assert form.personal.contact.phone == "+84912345678"
    assert form.consent is not None
    assert form.consent.publish_details
    assert len(form.attachments) == 1
    assert app.code == said["code"]
    assert app.original is not None
    assert json.loads(await channel.web.files.open(app.original)) == SUBMISSION


async def test_a_trace_that_a_stranger_names_is_not_gone_on_with(channel: Channel) -> None:
    foreign = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await channel.submit(SUBMISSION, traceparent=foreign)
    [record] = await channel.records()
    assert record.message.traceparent == entering(record.message).traceparent
    assert foreign.split("-")[1] not in record.message.traceparent


async def test_reading_again_gives_the_same_message(channel: Channel) -> None:
    await channel.submit(SUBMISSION)
    [record] = await channel.records()
    read = Read(channel.web.files, channel.web.identity)
    assert await read(record) == await read(record)
