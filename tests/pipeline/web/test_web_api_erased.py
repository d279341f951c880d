"""Citizens of the app who were erased: what they send is taken anew, what was erased does not come back."""

import pytest

from gateway.errors import Unavailable
from gateway.store.port import Commit
from gateway.vault.sqlite import SqliteVault
from schemas.conversation import history_of
from tests.pipeline.web.harness import APP_KEY, SUBMISSION, Channel


async def test_whoever_was_erased_sends_again_under_an_account_that_follows_the_first(channel: Channel) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await channel.submit(SUBMISSION, **key)
    [raw] = await channel.raws()
    assert raw.account is not None
    taken = Commit(raw.id, history_of(raw.account), 1, raw.received_at, raw.account, b"[]")
    await channel.web.store.record(taken)
    await channel.web.vault.erase(raw.account)
    repeated = await channel.submit(SUBMISSION, **key)
    assert (repeated.status_code, repeated.json()["code"]) == (202, first.json()["code"])
    assert len(await channel.raws()) == 1, "what was erased is not kept again"
    for name in ("k-2", "k-2"):
        assert (await channel.submit(SUBMISSION, **{"Idempotency-Key": name})).status_code == 202
    again = (await channel.raws())[1:]
    assert {one.account for one in again} == {await channel.web.successors.current(raw.account)}
    assert len({one.id for one in again}) == 1


async def test_a_submission_is_taken_while_nobody_can_say_who_was_erased(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> bool:
        raise Unavailable("database_unavailable")

    monkeypatch.setattr(SqliteVault, "is_erased", away)
    assert (await channel.submit(SUBMISSION)).status_code == 202
    assert len(await channel.raws()) == 1


async def test_nothing_is_acknowledged_for_a_submission_whose_citizen_was_erased(channel: Channel) -> None:
    said = (await channel.submit(SUBMISSION)).json()
    [raw] = await channel.raws()
    assert raw.account is not None
    await channel.project(said["code"], raw.account)
    await channel.web.vault.erase(raw.account)
    answer = await channel.client.post(
        f"/v1/submissions/{said['code']}/additions",
        json={"content": "Vẫn chưa sửa."},
        headers={"Authorization": f"Bearer {APP_KEY}", "X-Lookup-Secret": said["secret"]},
    )
    assert (answer.status_code, answer.json()["reason"]) == (409, "closed")
    assert len(await channel.raws()) == 1
