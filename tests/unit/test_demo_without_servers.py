"""The demonstration where something is missing: what cannot be played is told and fails nothing."""

from pathlib import Path

import pytest

from cli.demo import fakes, mail, zalo
from cli.demo.mail import NO_DOVECOT, mail_voice
from cli.demo.play import Played
from cli.demo.report import report
from cli.demo.script import load_script
from cli.demo.voice import AbsentError
from gateway.errors import Invalid
from gateway.runtime.deployment import open_deployment
from tests.unit.filled import settings_of


async def test_without_dovecot_mail_is_not_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "PROGRAM", None)
    deployment = await open_deployment(settings_of(tmp_path / "data"))
    try:
        with pytest.raises(AbsentError, match="apt install dovecot-imapd"):
            async with mail_voice(deployment, "", "run"):
                pytest.fail("there is no mailbox")
    finally:
        await deployment.close()


async def test_a_real_zalo_is_not_played_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZALO_API_URL", "https://openapi.zalo.me")
    monkeypatch.setenv("ZALO_OAUTH_URL", "https://openapi.zalo.me")
    deployment = await open_deployment(settings_of(tmp_path / "data"))
    try:
        with pytest.raises(AbsentError, match="ZALO_API_URL"):
            async with zalo.zalo_voice(deployment, "", "run"):
                pytest.fail("it spoke to Zalo")
    finally:
        await deployment.close()


def test_what_was_skipped_is_shown_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    played, other = load_script().scenes[0], load_script().scenes[-1]
    report(
        [Played(played, "AAAA-BBBB-CCCC", "accepted", "-", ()), Played(other, "-", "-", "-", (), skipped=NO_DOVECOT)]
    )
    shown = capsys.readouterr()
    assert "All 1 ended as expected" in shown.out
    assert f"1 not played: {NO_DOVECOT}" in shown.err


def test_without_the_fakes_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fakes, "ROOT", tmp_path)
    with pytest.raises(Invalid, match="checkout"):
        fakes.make_importable()
