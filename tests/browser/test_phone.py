"""Every page on a phone: labelled, legible, within the screen, and reachable by keyboard."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.citizen import CONTACT, fill, look_up, on_phone, press, send, settled
from tests.gateway_process import GatewayProcess

pytestmark = pytest.mark.browser

AUDIT, FOCUS = ((Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("audit.js", "focus.js"))
WIDTHS = (390, 320)
"""A usual phone, and the narrowest page that WCAG 2.2 (1.4.10) asks for."""

WAYS = {
    "vi": {"form": "/", "lookup": "/tra-cuu", "operator": "/tong-dai"},
    "en": {"form": "/en", "lookup": "/en/lookup", "operator": "/en/operator"},
}
UNCLEAR = {"vi": "Alo alo, có ai không ạ?", "en": "Hello, is anybody there?"}


def pages(window: Chrome, address: str, language: str) -> Iterator[str]:
    """Open one page after the other, with and without faults; the name of each."""
    way = {name: address + path for name, path in WAYS[language].items()}
    window.get(way["form"])
    yield "form"
    press(window, "send", "#summary")
    yield "form with faults"
    fill(window, {"content": UNCLEAR[language], **CONTACT})
    code, secret = send(window)
    yield "receipt"
    window.get(way["lookup"])
    yield "lookup"
    fill(window, {"code": code, "secret": code})
    press(window, "open", "#summary")
    yield "lookup refused"
    look_up(window, way["lookup"], code, secret)
    settled(window)
    yield "result"
    press(window, "send", "#summary")
    yield "result with faults"
    window.get(f"{way['lookup']}/none")
    yield "failure"


def operators_pages(window: Chrome, gateway: GatewayProcess, language: str) -> Iterator[str]:
    """The same for an operator."""
    window.get(gateway.address + WAYS[language]["operator"])
    yield "login"
    fill(window, {"key": gateway.token("operator")})
    press(window, "open", "#entry")
    yield "entry"
    press(window, "send", "#summary")
    yield "entry with faults"
    fill(window, {"content": "Người dân gọi báo mất nước từ sáng tại khu phố 3."})
    press(window, "send", "#done")
    yield "entry done"


@pytest.mark.parametrize("language", WAYS)
def test_every_page_can_be_read_on_a_phone(window: Chrome, gateway: GatewayProcess, language: str) -> None:
    faults: list[str] = []
    for name in pages(window, gateway.address, language):
        faults += audited(window, name, language)
    for name in operators_pages(window, gateway, language):
        faults += audited(window, name, language)
    assert faults == []


def audited(window: Chrome, name: str, language: str) -> list[str]:
    """What is wrong with the page, at every width."""
    found = []
    for width in reversed(WIDTHS):
        on_phone(window, width)
        found += [f"{name} at {width}: {fault}" for fault in window.execute_script(AUDIT, width, language)]
    return found


def test_the_audit_sees_what_it_looks_for(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    assert window.execute_script(AUDIT, 390, "vi") == []
    spoiled = """
    const rule = (text) => document.styleSheets[0].insertRule(text, document.styleSheets[0].cssRules.length);
    rule("#main { min-width: 400px; }");
    rule("#main .hint { color: #999; font-size: 12px; }");
    rule("#send { min-height: 0; padding: 0; }");
    rule("#name { font-size: 14px; }");
    document.querySelector("label[for=phone]").htmlFor = "nothing";
    document.querySelector("main h2").outerHTML = "<h1>Second</h1>";
    """
    window.execute_script(spoiled)
    faults = " ".join(window.execute_script(AUDIT, 390, "en"))
    for part in (
        "lang is vi",
        "2 h1",
        "px wide",
        "p#content-hint.hint has contrast",
        "letters of 12px",
        "button#send is",
        "input#name has small letters",
        "input#phone has no label",
    ):
        assert part in faults


def test_the_keyboard_reaches_everything_in_order_and_sees_where_it_is(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    press(window, "send", "#summary")
    steps = [tabbed(window)]
    assert steps[0]["skip"]
    skip = window.find_element(By.CLASS_NAME, "skip")
    assert skip.rect["x"] >= 0
    while steps[-1]["place"] < steps[0]["count"] - 1:
        steps.append(tabbed(window))
        assert len(steps) <= steps[0]["count"] + 2
    # A file field is one stop; nothing is passed over and nothing comes twice.
    assert all(later["place"] == earlier["place"] + 1 for earlier, later in pairwise(steps))
    assert all(step["outline"] >= 2 for step in steps)
    assert [step["place"] for step in steps if not step["uncovered"]] == []


def test_the_skip_link_leads_past_the_header(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    tabbed(window)
    ActionChains(window).send_keys(Keys.ENTER).perform()
    assert window.switch_to.active_element.get_attribute("id") == "main"
    tabbed(window)
    assert window.switch_to.active_element.get_attribute("id") == "content"


def tabbed(window: Chrome) -> dict[str, Any]:
    """Press Tab; what has the focus then."""
    ActionChains(window).send_keys(Keys.TAB).perform()
    found: dict[str, Any] = window.execute_script(FOCUS)
    return found


def test_the_first_field_is_on_the_first_screen(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    first = window.find_element(By.ID, "content").rect
    assert first["y"] + first["height"] <= 844
    assert window.find_element(By.CLASS_NAME, "emergency").rect["height"] <= 120
