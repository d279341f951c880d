"""What comes beside a matter, through every stage: staff's words, stickers, edits, deletions, wishes for erasure."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gateway.domain.tracing import entering
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.histories import to_message
from schemas.inbound import (
    Ignored,
    Inbound,
    InboundPersonal,
    StaffMessage,
    StaffPersonal,
    Withdrawn,
)
from schemas.vocabulary import Intake
from services.web_ingest.status import Status, status_of_code
from tests.unit.filled import Commands, at_work, drained, gateway, settings_of

WORDS = (
    "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước bị hỏng ba ngày nay. "
    "Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ 12 Hùng Vương, phường Bình Phước."
)
EDITED = WORDS.replace("ba ngày", "bốn ngày")
SAID_BY_STAFF = "Dạ 1022 đã báo phường, chiều nay có thợ đến ạ."


class Citizen:
    """One account on a channel of which only the reader's part is played here."""

    def __init__(self, deployment: Deployment, user: str) -> None:
        """Take the deployment and the channel's name of the citizen."""
        self._deployment = deployment
        self.account = deployment.identity.account("zalo", f"oa:{user}")

    def id(self, external: str) -> UUID:
        """Id of one message."""
        return self._deployment.identity.inbound_id("zalo", self.account, external)

    def code(self, external: str) -> str:
        """Receipt code of one message."""
        return self._deployment.identity.receipt_code(self.id(external))

    async def publish(self, read: Inbound | StaffMessage | Withdrawn | Ignored) -> None:
        """What the channel's reader makes of an event."""
        message = to_message("inbound", self.account, read, source="zalo_ingest", at=datetime.now(UTC))
        await self._deployment.bus("zalo_ingest.read").publish(entering(message))

    async def say(self, external: str, text: str, *, edits: str | None = None) -> None:
        """The citizen writes, or edits."""
        now = datetime.now(UTC)
        await self.publish(
            Inbound(
                id=self.id(external),
                channel="zalo",
                intake=Intake.CHAT,
                account=self.account,
                code=self.code(external),
                sent_at=now,
                received_at=now,
                edits=self.id(edits) if edits else None,
                trial=True,
                personal=InboundPersonal(text=text),
            )
        )

    async def staff(self, text: str) -> None:
        """Staff write by hand."""
        now = datetime.now(UTC) - timedelta(seconds=1)
        await self.publish(
            StaffMessage(
                id=self.id("staff"),
                channel="zalo",
                account=self.account,
                sent_at=now,
                received_at=now,
                personal=StaffPersonal(text=text),
            )
        )

    async def ignored(self, reason: str, *, own: bool) -> None:
        """An event that is no message, or a message that says nothing."""
        await self.publish(
            Ignored(
                id=self.id(reason),
                channel="zalo",
                account=self.account,
                reason=reason,
                received_at=datetime.now(UTC),
                sent_by_citizen=own,
            )
        )

    async def withdraw(self, external: str | None = None) -> None:
        """The citizen deletes a message, or wants their data erased."""
        await self.publish(
            Withdrawn(
                id=self.id(f"withdrawn {external}"),
                channel="zalo",
                account=self.account,
                what="message" if external else "personal_data",
                message=self.id(external) if external else None,
                received_at=datetime.now(UTC),
            )
        )


@pytest.fixture(scope="module")
def codes() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory, codes: dict[str, str]) -> Commands:
    """A folder with a ticket whose message was edited and deleted, and a citizen who only wants to be forgotten."""
    data = tmp_path_factory.mktemp("beside") / "data"
    _filled(data, codes)
    return Commands(data)


def _filled(data: Path, codes: dict[str, str]) -> None:

    async def filling() -> None:
        deployment = await open_deployment(settings_of(data))
        try:
            async with at_work(deployment) as consumers:
                an, binh = Citizen(deployment, "an"), Citizen(deployment, "binh")
                codes["an"] = an.code("one")
                await an.say("one", WORDS)
                await drained(deployment, consumers)
                await an.staff(SAID_BY_STAFF)
                await an.ignored("sticker", own=True)
                await an.ignored("receipt", own=False)
                await an.say("two", EDITED, edits="one")
                await drained(deployment, consumers)
                await an.withdraw("one")
                await an.withdraw()
                await binh.withdraw()
                await drained(deployment, consumers)
        finally:
            await deployment.close()

    asyncio.run(filling())


def lines(commands: Commands, *arguments: str) -> list[dict[str, Any]]:
    result = commands.run(*arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_record_has_everything_in_order_but_receipts(commands: Commands, codes: dict[str, str]) -> None:
    (found,) = lines(commands, "show", codes["an"], "--json")
    spoken = [one["event"] for one in found["history"] if one["history"].startswith("conversation/")]
    beside = ("message_received", "staff_wrote", "message_ignored", "message_withdrawn", "data_withdrawn")
    assert [event["event"] for event in spoken if event["event"] in beside] == [
        "message_received",
        "staff_wrote",
        "message_ignored",
        "message_received",
        "message_withdrawn",
        "data_withdrawn",
    ]
    assert [event["ignored"]["reason"] for event in spoken if event["event"] == "message_ignored"] == ["sticker"]
    shown = commands.run("show", codes["an"]).stdout
    assert "wrote to the citizen over zalo" in shown
    assert SAID_BY_STAFF in shown
    assert "deleted a message; it is not shown to agencies any more" in shown


def test_the_agency_gets_the_edit_and_word_of_the_deletion_without_the_text(
    commands: Commands, codes: dict[str, str]
) -> None:
    (ticket,) = lines(commands, "tickets", "--json")
    assert ticket["citizen_deleted"] is True
    changes = [step["step"] for step in ticket["steps"] if step["step"] in ("corrected", "message_withdrawn")]
    assert changes == ["corrected", "message_withdrawn"]
    agency = next(step["agency"] for step in ticket["steps"] if step["step"] == "transferred")
    records = lines(commands, "tail", f"agency.{agency}", "--from-beginning", "--personal", "--json")
    transfer, edit, deletion = [record["value"] for record in records][:3]
    assert transfer["ticket"]["code"] == codes["an"]
    assert (edit["corrects"], edit["personal"]["text"]) == (True, EDITED)
    assert (deletion["withdrawn"], deletion["personal"]["text"], deletion["attachments"]) == (True, "", [])


def test_no_agency_is_shown_the_deleted_words_when_the_ticket_goes_on_to_it(
    commands: Commands, codes: dict[str, str]
) -> None:
    with gateway(commands.data):
        routed = commands.run("review", codes["an"], "route", "--agency", "cap_thoat_nuoc", "--as", "op_lan")
        assert routed.exit_code == 0, routed.output
    (record,) = lines(commands, "tail", "agency.cap_thoat_nuoc", "--from-beginning", "--personal", "--json")
    assert record["value"]["ticket"]["personal"]["content"] == ""
    assert record["value"]["ticket"]["personal"]["evidence"] == []
    assert "Đèn đường" not in json.dumps(record, ensure_ascii=False)


def test_a_wish_for_erasure_is_before_the_operators_until_one_has_seen_to_it(
    commands: Commands, codes: dict[str, str]
) -> None:
    listed = lines(commands, "withdrawals", "list", "--json")
    assert sorted(body["codes"] for body in listed) == [[], [codes["an"]]]
    (alerted,) = lines(commands, "submissions", "--alert", "--json")
    assert alerted["code"] == codes["an"]
    assert "data_withdrawn" in commands.run("submissions", "--alert").stdout
    assert "Đèn đường" not in json.dumps(listed, ensure_ascii=False)
    mine = next(body for body in listed if body["codes"])
    with gateway(commands.data):
        done = commands.run("withdrawals", "settle", str(mine["id"]), "--as", "op_lan", "--note", "Đã gọi lại.")
        assert done.exit_code == 0, done.output
        again = commands.run("withdrawals", "settle", str(mine["id"]), "--as", "op_mai")
        assert again.exit_code == 1
        assert again.stderr.startswith("unknown_withdrawal")
    assert commands.run("rebuild").exit_code == 0
    assert [body["codes"] for body in lines(commands, "withdrawals", "list", "--json")] == [[]]
    assert lines(commands, "submissions", "--alert", "--json") == []
    assert "has seen to the wish" in commands.run("show", codes["an"]).stdout
    unknown = commands.run("withdrawals", "settle", "0b9b6a1e-7f0d-8c43-a1a5-6f2d1c9e4b77", "--as", "op_lan")
    assert unknown.stderr.startswith("unknown_withdrawal")


def test_the_lookup_copes_with_all_of_it(commands: Commands, codes: dict[str, str]) -> None:

    async def looking() -> Status:
        deployment = await open_deployment(settings_of(commands.data))
        try:
            return await status_of_code(deployment.documents, deployment.vault, codes["an"])
        finally:
            await deployment.close()

    status = asyncio.run(looking())
    assert status.state == "accepted"
    assert {"staff_wrote", "message_ignored", "message_withdrawn", "data_withdrawn"} <= {
        step.step for step in status.steps
    }
