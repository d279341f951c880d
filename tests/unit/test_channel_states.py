"""`gateway channels`: each channel's state in words, what a person has to do, and the exit code for monitoring."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from cli import channel_states as states
from cli.channel_states import FACEBOOK_FAULTS, MAIL_FAULTS, Health, Standing
from gateway.projections.port import Document
from gateway.runtime.deployment import Deployment, open_deployment
from tests.unit.filled import Commands, fill, sent, settings_of

AT = "2026-11-26T01:00:00+00:00"
LATER = "2026-11-26T02:00:00+00:00"
WORDS = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước bị hỏng ba ngày nay, đề nghị sửa giúp."


def account(access: str, oa: str = "388") -> dict[str, Any]:
    return {"oa": oa, "access": access, "obtained_at": AT, "expires_at": LATER}


def folder(reason: str | None) -> dict[str, Any]:
    return {"folder": "INBOX", "connected": reason is None, "reason": reason, "contact_at": AT, "at": LATER}


@pytest.mark.parametrize("access", ["no_consent", "needs_consent", "consent_revoked"])
def test_an_official_account_without_access_needs_a_person(access: str) -> None:
    standing = states.zalo({"oas": [account("live"), account(access, oa="399")]})
    assert standing.health is Health.NEEDS_YOU
    assert "gateway zalo authorize --oa 399" in standing.todo
    assert standing.words == "needs you"


def test_access_that_runs_out_is_renewed_by_itself() -> None:
    assert states.zalo({"oas": [account("live")]}) == Standing(Health.WORKING, since=AT)
    assert states.zalo({"oas": [account("expired")]}).words == "waiting for Zalo to renew the access"
    assert states.zalo({"oas": []}).health is Health.NOT_CONFIGURED


@pytest.mark.parametrize("fault", FACEBOOK_FAULTS)
def test_faults_of_the_page_that_only_a_person_can_mend(fault: str) -> None:
    standing = states.facebook({"subscription": "unknown", "fault": fault}, own=False)
    assert (standing.health, standing.todo) == (Health.NEEDS_YOU, FACEBOOK_FAULTS[fault])


def test_a_page_that_is_not_subscribed_says_what_to_subscribe() -> None:
    standing = states.facebook({"subscription": "not_subscribed", "caught_up_at": AT}, own=False)
    assert standing.health is Health.NEEDS_YOU
    assert "messages, message_echoes and feed" in standing.todo


def test_a_page_whose_comments_may_not_be_read_says_which_permissions_are_missing() -> None:
    standing = states.facebook({"subscription": "subscribed", "feed": "refused", "caught_up_at": AT}, own=False)
    assert standing.health is Health.NEEDS_YOU
    assert "pages_read_user_content" in standing.todo


def test_a_page_works_waits_for_facebook_or_for_its_first_look() -> None:
    assert states.facebook({"subscription": "subscribed", "caught_up_at": AT}, own=False).health is Health.WORKING
    down = {"subscription": "unknown", "fault": "graph_unreachable"}
    assert states.facebook(down, own=False).words == "waiting for Facebook"
    assert "gateway demo" in states.facebook(down, own=True).todo
    assert states.facebook({}, own=False).words == "waiting for the first look at the page"


@pytest.mark.parametrize("reason", MAIL_FAULTS)
def test_faults_of_the_mailbox_that_only_a_person_can_mend(reason: str) -> None:
    standing = states.email({"folders": [folder(None), folder(reason)]}, own=False)
    assert (standing.health, standing.todo) == (Health.NEEDS_YOU, MAIL_FAULTS[reason])


def test_a_mailbox_works_or_waits_for_its_server() -> None:
    assert states.email({"folders": [folder(None)]}, own=False) == Standing(Health.WORKING, since=AT)
    assert states.email({"folders": [folder("mail_server_lost")]}, own=False).words == "waiting for the mail server"
    assert "gateway demo" in states.email({"folders": [folder("mail_server_absent")]}, own=True).todo
    assert states.email({"folders": [folder("never_started")]}, own=False).health is Health.WAITING


def test_without_a_gateway_everything_waits_for_it_but_what_needs_a_person() -> None:
    assert states.without_gateway(states.web()).words == "waiting for the gateway"
    assert states.without_gateway(states.off("ZALO_APP_ID")).words == "not configured"
    assert states.without_gateway(states.faulty("ZALO_OAS: is empty")).words == "needs you"


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """A folder on which something came by the web, a reply went out, and nobody runs now."""
    data = tmp_path_factory.mktemp("channels") / "data"

    async def work(deployment: Deployment) -> None:
        await sent(deployment, json.dumps({"user_id": "u", "content": WORDS}).encode(), user="an")

    fill(data, work)
    return Commands(data)


def told(commands: Commands, *arguments: str, **more: str) -> dict[str, dict[str, Any]]:
    variables: dict[str, Any] = {**more}
    result = commands.run("channels", "--json", *arguments, **variables)
    assert result.exit_code == 0, result.output
    return {row["channel"]: row for row in map(json.loads, result.stdout.splitlines())}


def test_the_command_shows_every_channel_with_its_traffic(commands: Commands) -> None:
    rows = told(commands)
    assert list(rows) == ["web", "zalo", "facebook", "email"]
    assert rows["web"]["state"] == "working"
    assert rows["web"]["last_in"] is not None
    assert rows["web"]["last_out"] is not None
    assert (rows["zalo"]["last_in"], rows["zalo"]["last_out"], rows["zalo"]["open_replies"]) == (None, None, 0)
    shown = commands.run("channels")
    assert "waiting for the first look at the mailbox" in " ".join(shown.stdout.replace("│", " ").split())


def test_without_a_gateway_it_says_how_to_start_one(commands: Commands) -> None:
    rows = told(commands, GATEWAY_PORT="1")
    assert {row["state"] for row in rows.values()} == {"waiting for the gateway"}
    assert {row["todo"] for row in rows.values()} == {"Start it: gateway up."}


def test_monitoring_learns_by_the_exit_code_that_a_person_is_needed(commands: Commands) -> None:
    assert commands.run("channels", "--check").exit_code == 0
    wrong = commands.run("channels", "--check", EMAIL_SMTP_SECURITY="nonsense")
    assert wrong.exit_code == 1
    assert "EMAIL_SMTP_SECURITY" in wrong.stdout
    assert commands.run("channels", EMAIL_SMTP_SECURITY="nonsense").exit_code == 0


def test_a_mailbox_that_refuses_the_login_is_seen_from_outside(tmp_path: Path) -> None:
    data = tmp_path / "data"

    async def refused() -> None:
        deployment = await open_deployment(settings_of(data))
        body = {"connected": False, "reason": "login_refused", "contact_at": AT, "at": LATER}
        await deployment.documents.put(Document("mail_standing", "hotline@1022.example/INBOX", 1, body))
        await deployment.close()

    asyncio.run(refused())
    result = Commands(data).run("channels", "--check")
    assert result.exit_code == 1
    assert "EMAIL_PASSWORD" in result.stdout
