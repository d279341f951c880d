"""A trial runs without any setting; production says everything that is missing, and talks to public hosts only."""

from pathlib import Path

import pytest

from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.settings import GatewaySettings
from services.facebook_ingest.configuration import TRIAL_GRAPH, TRIAL_PAGE, check, settings_of
from services.facebook_ingest.settings import FacebookSettings
from services.facebook_ingest.wiring import consumers, facebook, state

WHOLE = {"page_id": "1", "app_id": "2", "app_secret": "s", "verify_token": "v"}


def given(**values: object) -> FacebookSettings:
    return FacebookSettings(_env_file=None, **values)  # type: ignore[arg-type]


@pytest.fixture
async def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    monkeypatch.delenv("FACEBOOK_PAGE_ID", raising=False)
    return await open_deployment(GatewaySettings(_env_file=None, data=tmp_path / "data"))


async def test_a_trial_makes_its_own_secrets_once_and_nobody_else_can_read_them(deployment: Deployment) -> None:
    first = settings_of(deployment)
    assert (first.page_id, first.graph_url) == (TRIAL_PAGE, TRIAL_GRAPH)
    assert settings_of(deployment) == first
    assert first.app_secret.get_secret_value() not in repr(first)
    made = sorted(path.name for path in deployment.folder.secrets.glob("facebook*"))
    assert made == ["facebook_app.key", "facebook_page.token", "facebook_verify.token"]
    assert {path.stat().st_mode & 0o777 for path in deployment.folder.secrets.glob("facebook*")} == {0o600}
    await deployment.close()


async def test_a_trials_channel_opens_with_every_stage(deployment: Deployment) -> None:
    channel = facebook(deployment)
    assert channel is not None
    stages = [(one.stage, one.topic) for one in consumers(channel)]
    assert ("facebook_ingest.read", "raw.facebook") in stages
    assert ("facebook_ingest.send", "replies.facebook") in stages
    assert (await state(channel))["page"] == TRIAL_PAGE
    await channel.carrier.close()
    await deployment.close()


def test_production_without_a_page_has_no_facebook_channel_and_that_is_no_fault() -> None:
    check(given(), production=True)


def test_production_names_everything_that_is_missing() -> None:
    with pytest.raises(Invalid) as refused:
        check(given(page_id="1"), production=True)
    for name in ("FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET", "FACEBOOK_VERIFY_TOKEN"):
        assert name in refused.value.detail


@pytest.mark.parametrize("url", ["http://graph.facebook.com", "https://127.0.0.1:8031", "https://localhost"])
def test_production_talks_to_public_hosts_over_https_only(url: str) -> None:
    check(given(**WHOLE), production=True)
    with pytest.raises(Invalid, match="FACEBOOK_GRAPH_URL"):
        check(given(**WHOLE, graph_url=url), production=True)


def test_media_come_from_named_hosts_and_in_production_never_from_this_machine() -> None:
    for hosts in (["*"], ["http://127.0.0.1:8031"], [".com"]):
        with pytest.raises(Invalid):
            check(given(**WHOLE, media_hosts=hosts), production=True)
