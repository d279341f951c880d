"""An operator logs in, types a call in, and gets the code to read out (Điều 3.5, 5)."""

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from tests.browser.citizen import CONTACT, fill, look_up, press, settled, text, typed
from tests.gateway_process import GatewayProcess

pytestmark = pytest.mark.browser

CALL = {
    "content": "Người dân gọi báo mất nước từ sáng tại khu phố 3.",
    **CONTACT,
    "reference": "C-2026-17",
    "called_at": "23/11/2026 08:30",
}
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + bytes(413)


def log_in(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(f"{gateway.address}/tong-dai")
    fill(window, {"key": gateway.token("operator")})
    press(window, "open", "#entry")


def test_an_operator_types_a_call_in(window: Chrome, gateway: GatewayProcess, tmp_path: Path) -> None:
    log_in(window, gateway)
    assert window.find_element(By.ID, "intake-call").is_selected()
    fill(window, {**CALL, "called_at": "lúc nãy"})
    Select(window.find_element(By.ID, "field")).select_by_value("infrastructure_incident/water_supply")
    press(window, "send", "#called_at-fault")
    assert typed(window, "content") == CALL["content"]
    assert typed(window, "field") == "infrastructure_incident/water_supply"
    recording = tmp_path / "call.mp3"
    recording.write_bytes(MP3)
    window.find_element(By.ID, "recording").send_keys(str(recording))
    fill(window, {"called_at": CALL["called_at"]})
    press(window, "send", "#done")
    code = str(window.find_element(By.ID, "done").get_attribute("data-code"))
    shown = [item.text for item in window.find_elements(By.CSS_SELECTOR, "#done dd")]
    assert shown[0] == code
    assert typed(window, "content") == ""
    look_up(window, f"{gateway.address}/tra-cuu", code, shown[1])
    assert settled(window) == "transferred"
    assert "Cấp thoát nước" in text(window, "agency")


def test_without_the_key_there_is_no_entry(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(f"{gateway.address}/tong-dai")
    fill(window, {"key": gateway.token("app")})
    press(window, "open", "#summary")
    assert window.find_elements(By.ID, "entry") == []


def test_after_logging_out_the_way_back_shows_no_entry(window: Chrome, gateway: GatewayProcess) -> None:
    log_in(window, gateway)
    press(window, "logout", "#login")
    window.back()
    window.refresh()
    assert window.find_elements(By.ID, "entry") == []
