"""Scripts typed into any field are shown as the text they are, on every page, even without the content policy."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.citizen import CONTACT, LOOK_SECONDS, SECONDS, fill, look_up, press, replies, send, settled, typed
from tests.gateway_process import ROOT, GatewayProcess

pytestmark = pytest.mark.browser

PAYLOADS = (
    '"><img src=x onerror=window.__x=1>',
    "'-(window.__x=1)-'<svg/onload=window.__x=1>",
    "</textarea></title></dd><script>window.__x=1</script>{{7*191}}",
    "javascript:window.__x=1//<b id=content>",
)
UNCLEAR = "Con mèo nhà hàng xóm hay sang ngồi trên nóc nhà tôi, không biết hỏi ai cho phải."
FIELDS = ("content", "name", "phone", "address", "email", "place")
ELEMENTS = "main img, main svg, main script, main b, [onerror], [onload], a[href^=javascript]"


def hostile(names: tuple[str, ...], turn: int = 0) -> dict[str, str]:
    """A payload for each field, short enough for the shortest; `turn` deals them out differently."""
    dealt = {name: f"Võ Thị A {PAYLOADS[(place + turn) % len(PAYLOADS)]}" for place, name in enumerate(names)}
    return {name: text[:40] if name == "phone" else text for name, text in dealt.items()}


@contextmanager
def without_policy(window: Chrome) -> Iterator[None]:
    """Escaping alone must hold: the page's own policy, which would stop scripts too, is switched off meanwhile."""
    window.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    try:
        yield
    finally:
        window.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})


def check_harmless(window: Chrome) -> None:
    """No payload became part of the page or ran."""
    assert window.find_elements(By.CSS_SELECTOR, ELEMENTS) == []
    assert window.execute_script("return window.__x") is None
    assert str(7 * 191) not in window.page_source


def by_operator(gateway: GatewayProcess, *arguments: str) -> None:
    """An operator's command on the running gateway's data."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("GATEWAY_", "WEB_"))}
    ran = subprocess.run(
        [sys.executable, "-m", "cli", *arguments, "--as", "trial_operator"],
        cwd=ROOT,
        env={**settings, "GATEWAY_DATA": str(gateway.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("turn", range(len(PAYLOADS)))
def test_a_form_sent_back_shows_what_was_typed_as_text(window: Chrome, gateway: GatewayProcess, turn: int) -> None:
    given = hostile(FIELDS, turn)
    with without_policy(window):
        window.get(gateway.address)
        fill(window, given)
        press(window, "send", "#summary")
        check_harmless(window)
        assert {name: typed(window, name) for name in given} == given


def test_an_operators_entry_sent_back_shows_it_as_text(window: Chrome, gateway: GatewayProcess) -> None:
    given = hostile((*FIELDS, "reference", "called_at"))
    given["called_at"] = given["called_at"][:40]
    with without_policy(window):
        window.get(f"{gateway.address}/tong-dai")
        fill(window, {"key": PAYLOADS[0]})
        press(window, "open", "#summary")
        check_harmless(window)
        fill(window, {"key": gateway.token("operator")})
        press(window, "open", "#entry")
        fill(window, given)
        press(window, "send", "#summary")
        check_harmless(window)
        assert {name: typed(window, name) for name in given} == given


def test_what_a_citizen_and_an_operator_wrote_is_text_on_the_lookup_page(
    window: Chrome, gateway: GatewayProcess
) -> None:
    payload = PAYLOADS[2]
    with without_policy(window):
        window.get(gateway.address)
        fill(window, {**hostile(FIELDS), "content": f"{UNCLEAR} {payload}", "phone": CONTACT["phone"], "email": ""})
        code, secret = send(window)
        check_harmless(window)
        window.get(f"{gateway.address}/tra-cuu")
        fill(window, {"code": PAYLOADS[0], "secret": PAYLOADS[1][:40]})
        press(window, "open", "#summary")
        check_harmless(window)
        look_up(window, f"{gateway.address}/tra-cuu", code, secret)
        assert settled(window) == "needs_review"
        fill(window, {"content": PAYLOADS[0]})
        press(window, "send", ".done")
        check_harmless(window)
        by_operator(gateway, "review", code, "reject", "--article", "6.2", "--note", f"Ghi chú {payload}")
        assert settled(window, passing=("needs_review",)) == "rejected"
        check_harmless(window)
        # The rejection repeats what the citizen wrote and what the operator noted: both are there, as text.
        [said] = [reply for reply in replies(window) if "Ghi chú" in reply]
        assert f"Ghi chú {payload}" in said


def test_the_trap_would_notice_a_script_that_runs(window: Chrome, gateway: GatewayProcess) -> None:
    with without_policy(window):
        window.get(gateway.address)
        inject = "document.querySelector('main').insertAdjacentHTML('beforeend', arguments[0])"
        window.execute_script(inject, PAYLOADS[0])
        waiting = WebDriverWait(window, SECONDS, LOOK_SECONDS)
        assert waiting.until(lambda page: page.execute_script("return window.__x")) == 1
        with pytest.raises(AssertionError):
            check_harmless(window)
