"""What is missing is asked for, and answered in the browser on the lookup page (Điều 6.2, 6.3, 15.4)."""

import json
from http.client import HTTPConnection

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.citizen import CONTACT, fill, look_up, press, replies, send, settled, text
from tests.gateway_process import GatewayProcess

pytestmark = pytest.mark.browser

MATTER = "Ống nước sạch bị vỡ, nước chảy tràn ra đường suốt ba ngày nay mà chưa có ai sửa."


def by_app(gateway: GatewayProcess, content: str) -> tuple[str, str]:
    """Code and secret of a submission that the app sends without any contact."""
    connection = HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    headers = {"Authorization": f"Bearer {gateway.token('app')}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/submissions", json.dumps({"user_id": "browser", "content": content}), headers)
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    assert answer.status == 202
    return body["code"], body["secret"]


def marked_optional(window: Chrome, name: str) -> bool:
    return bool(window.find_elements(By.CSS_SELECTOR, f'label[for="{name}"] .note'))


def test_missing_contact_is_given_on_the_lookup_page(window: Chrome, gateway: GatewayProcess) -> None:
    code, secret = by_app(gateway, MATTER)
    look_up(window, f"{gateway.address}/tra-cuu", code, secret)
    assert settled(window) == "pending_supplement"
    asked = [item.text for item in window.find_elements(By.CSS_SELECTOR, "#missing li")]
    assert asked == ["Họ và tên", "Số điện thoại", "Địa chỉ liên hệ"]
    assert [marked_optional(window, name) for name in ("content", *CONTACT)] == [True, False, False, False]
    assert text(window, "until")
    press(window, "send", "#summary")
    assert [fault.get_attribute("id") for fault in window.find_elements(By.CSS_SELECTOR, ".fault")] == [
        f"{name}-fault" for name in CONTACT
    ]
    fill(window, CONTACT)
    press(window, "send", ".done")
    assert settled_after_addition(window) == "transferred"
    assert "Cấp thoát nước" in text(window, "agency")
    assert window.find_elements(By.ID, "missing") == []
    assert any("Đề nghị bổ sung thông tin" in reply for reply in replies(window))


def test_an_unclear_matter_is_made_clear_on_the_lookup_page(plain_window: Chrome, gateway: GatewayProcess) -> None:
    plain_window.get(gateway.address)
    fill(plain_window, {"content": "Alo alo, có ai không ạ?", **CONTACT})
    code, secret = send(plain_window)
    look_up(plain_window, f"{gateway.address}/tra-cuu", code, secret)
    assert settled(plain_window) == "pending_supplement"
    assert len(plain_window.find_elements(By.CSS_SELECTOR, "#missing li")) == 1
    assert [marked_optional(plain_window, name) for name in ("content", "name")] == [False, True]
    fill(plain_window, {"content": MATTER})
    press(plain_window, "send", ".done")
    assert settled_after_addition(plain_window) == "transferred"


def settled_after_addition(window: Chrome) -> str:
    """The state once the answer counted; until then the page still waits for it."""
    return settled(window, passing=("checking", "accepted", "pending_supplement"))
