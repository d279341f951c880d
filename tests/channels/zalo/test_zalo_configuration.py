"""Production refuses what only a trial may have, and every wrong variable is named at once, never its value."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.errors import Invalid
from services.zalo_ingest.configuration import check, verifier
from services.zalo_ingest.settings import ZaloSettings
from tests.channels.zalo.captured import APP, OA


def settings(**changes: object) -> ZaloSettings:
    whole = {"app_id": APP, "app_secret": SecretStr("app-secret"), "oas": {OA: (SecretStr("oa-secret"),)}}
    return ZaloSettings(_env_file=None, **{**whole, **changes})  # type: ignore[arg-type]


def faults(found: ZaloSettings, *, production: bool = True) -> str:
    with pytest.raises(Invalid) as refused:
        check(found, production=production)
    assert "secret" not in refused.value.detail
    return refused.value.detail


def test_a_whole_configuration_passes_and_an_empty_one_is_off() -> None:
    check(settings(), production=True)
    check(settings(oas={OA: (SecretStr("new"), SecretStr("old"))}), production=True)
    check(ZaloSettings(_env_file=None), production=True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8030", "https://localhost", "http://[::1]:1"])
def test_production_does_not_speak_to_this_machine(url: str) -> None:
    assert "ZALO_API_URL" in faults(settings(api_url=url))
    assert "ZALO_OAUTH_URL" in faults(settings(oauth_url=url))
    check(settings(api_url=url, oauth_url=url), production=False)


@pytest.mark.parametrize("url", ["http://openapi.zalo.me", "openapi.zalo.me", "https://openapi.zalo.me/v3", "ftp://x"])
def test_tokens_go_nowhere_in_clear(url: str) -> None:
    for production in (True, False):
        assert "ZALO_API_URL" in faults(settings(api_url=url), production=production)


def test_every_fault_is_named_at_once() -> None:
    found = faults(settings(app_secret=SecretStr(""), oas={}, api_url="x", card_image_url="http://x/y.png"))
    for variable in ("ZALO_APP_SECRET", "ZALO_OAS", "ZALO_API_URL", "ZALO_CARD_IMAGE_URL"):
        assert variable in found


@pytest.mark.parametrize("keys", [(), ("",), ("a", "b", "c")])
def test_an_oa_has_one_secret_or_two(keys: tuple[str, ...]) -> None:
    assert "ZALO_OAS" in faults(settings(oas={OA: tuple(SecretStr(one) for one in keys)}))


def test_only_a_verifier_file_is_served(tmp_path: Path) -> None:
    for name in ("zalo_verifierAb-1.html", "zalo_verifier.key", "master.key"):
        (tmp_path / name).write_text("content")
    assert verifier(settings()) is None
    assert verifier(settings(verifier_file=tmp_path / "zalo_verifierAb-1.html")) == (
        "zalo_verifierAb-1.html",
        b"content",
    )
    for name in ("zalo_verifier.key", "master.key", "zalo_verifierNone.html"):
        with pytest.raises(Invalid):
            verifier(settings(verifier_file=tmp_path / name))


def test_a_representation_shows_no_secret() -> None:
    assert "app-secret" not in repr(settings())
    assert "oa-secret" not in str(settings())
