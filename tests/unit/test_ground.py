"""Production starts on nothing that could lose what it acknowledged; a trial is warned; an edge waits for nobody."""

import asyncio
from collections.abc import Sequence

import pytest

from gateway.errors import Unavailable
from gateway.runtime import ground
from gateway.runtime.ground import UnsafeGround, keep_asking, refuse_unsafe
from gateway.runtime.settings import GatewaySettings, Profile

SENTENCE = "The cluster has 1 brokers; 3 are needed."


class Bus:
    """What is asked about the bus: absent for some questions, then as it is."""

    def __init__(self, *found: str, absent: int = 0) -> None:
        """Say `found`, after not answering `absent` times."""
        self.found = found
        self.absent = absent
        self.asked = 0

    async def __call__(self, url: str) -> Sequence[str]:
        """Answer one question."""
        self.asked += 1
        if self.asked <= self.absent:
            raise Unavailable("broker_down", "Nobody is there.")
        return self.found


def standing_on(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "unsafe_settings", bus)
    monkeypatch.setattr(ground, "AGAIN_SECONDS", 0.0)


def settings(profile: Profile) -> GatewaySettings:
    return GatewaySettings(profile=profile)


async def test_the_embedded_ground_is_safe() -> None:
    assert await refuse_unsafe(settings(Profile.PRODUCTION))


async def test_production_refuses_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    standing_on(Bus(SENTENCE), monkeypatch)
    with pytest.raises(UnsafeGround) as caught:
        await refuse_unsafe(settings(Profile.PRODUCTION))
    assert caught.value.errors == (SENTENCE,)


async def test_a_trial_is_warned_once_and_starts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    standing_on(Bus(SENTENCE), monkeypatch)
    assert await refuse_unsafe(settings(Profile.TRIAL))
    assert [record.__dict__["what"] for record in caplog.records if record.message == "unsafe_ground"] == [SENTENCE]


async def test_who_is_away_keeps_nobody_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    standing_on(Bus(SENTENCE, absent=1), monkeypatch)
    assert not await refuse_unsafe(settings(Profile.PRODUCTION))


async def test_who_does_not_answer_keeps_nobody_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(_: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(ground, "unsafe_settings", silent)
    monkeypatch.setattr(ground, "LOOK_SECONDS", 0.05)
    assert not await refuse_unsafe(settings(Profile.PRODUCTION))


async def test_what_is_found_later_ends_production_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus(SENTENCE, absent=3)
    standing_on(bus, monkeypatch)
    with pytest.raises(UnsafeGround):
        await asyncio.wait_for(keep_asking(settings(Profile.PRODUCTION)), timeout=10)
    assert bus.asked == 4
