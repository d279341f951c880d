"""A citizen fills in the form in a browser, keeps code and secret, and reads what became of it."""

from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.citizen import CONTACT, arrive, fill, look_up, photo, press, replies, send, settled, text, typed
from tests.gateway_process import GatewayProcess

pytestmark = pytest.mark.browser

MATTER = "Ống nước sạch bị vỡ trước nhà số 12 đường Hùng Vương, nước chảy tràn ra đường suốt ba ngày nay."
QUESTION = (
    "I am a foreigner living in Dong Xoai. How can I register temporary residence, "
    "which documents do I need and where should I submit them?"
)
JAVASCRIPT_SHOWN = "data:text/html,<title>off</title><script>document.title = 'on'</script>"
WAY_OF_A_TICKET = ["Thông báo chuyển xử lý", "Thông báo tiếp nhận"]


@pytest.mark.parametrize(("borrowed", "javascript"), [("window", "on"), ("plain_window", "off")])
def test_a_citizen_sends_a_matter_and_reads_where_it_went(
    request: pytest.FixtureRequest, gateway: GatewayProcess, tmp_path: Path, borrowed: str, javascript: str
) -> None:
    window: Chrome = request.getfixturevalue(borrowed)
    window.get(JAVASCRIPT_SHOWN)
    assert window.title == javascript
    window.get(gateway.address)
    fill(window, {"content": MATTER, **CONTACT, "email": "vidu@example.com", "place": "đường Hùng Vương"})
    window.find_element(By.ID, "photos").send_keys(str(photo(tmp_path)))
    code, secret = send(window)
    look_up(window, f"{gateway.address}/tra-cuu", code, secret)
    assert settled(window) == "transferred"
    assert "Cấp thoát nước" in text(window, "agency")
    assert "giờ làm việc" in text(window, "due")
    assert code in window.find_element(By.TAG_NAME, "h1").text
    told = replies(window)
    assert [reply.splitlines()[0].split(" 2")[0] for reply in told] == WAY_OF_A_TICKET
    assert all(code in reply for reply in told)
    assert text(window, "due").split(" (")[0] in told[0]


def test_a_mistake_is_told_beside_its_field_and_nothing_typed_is_lost(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    given = {"content": MATTER.replace("12", "18"), "name": CONTACT["name"], "phone": "12", "place": "gần chợ"}
    fill(window, given)
    window.find_element(By.ID, "exact_position").click()
    press(window, "send", "#summary")
    assert {name: typed(window, name) for name in given} == given
    assert window.find_element(By.ID, "exact_position").is_selected()
    assert not window.find_element(By.ID, "publish_details").is_selected()
    for name in ("phone", "address"):
        field = window.find_element(By.ID, name)
        assert field.get_attribute("aria-invalid") == "true"
        assert f"{name}-fault" in str(field.get_attribute("aria-describedby")).split()
        fault = window.find_element(By.ID, f"{name}-fault")
        assert fault.text
        assert 0 < field.location["y"] - fault.location["y"] < 100
    assert window.find_elements(By.ID, "name-fault") == []
    window.find_element(By.CSS_SELECTOR, '#summary a[href="#phone"]').click()
    assert window.switch_to.active_element.get_attribute("id") == "phone"
    fill(window, {"phone": CONTACT["phone"], "address": CONTACT["address"]})
    code, secret = send(window)
    look_up(window, f"{gateway.address}/tra-cuu", code, secret)
    assert settled(window) == "transferred"


def test_a_foreigners_question_is_answered_in_english(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(f"{gateway.address}/en")
    fill(window, {"content": QUESTION, **CONTACT, "name": "John Example"})
    code, secret = send(window)
    assert window.current_url == f"{gateway.address}/en/received"
    look_up(window, f"{gateway.address}/en/lookup", code, secret)
    assert settled(window) == "transferred"
    assert "counted in working hours" in text(window, "due")
    assert all("Hotline 1022" in reply or "Dear Sir/Madam" in reply for reply in replies(window))
    assert window.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    assert window.find_elements(By.CSS_SELECTOR, ".reply [lang]") == []


def test_the_receipt_survives_reload_and_back(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    fill(window, {"content": MATTER.replace("12", "20"), **CONTACT})
    codes = send(window)
    window.refresh()
    assert (text(window, "code"), text(window, "secret")) == codes
    window.find_element(By.CSS_SELECTOR, "main a").click()
    assert window.find_elements(By.ID, "content")
    window.back()
    assert (text(window, "code"), text(window, "secret")) == codes


def test_the_receipt_opens_the_state_without_typing_the_codes(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    fill(window, {"content": MATTER.replace("12", "24"), **CONTACT})
    code, _ = send(window)
    press(window, "see", "#state")
    assert code in window.find_element(By.TAG_NAME, "h1").text


def test_receipt_and_result_are_there_in_the_other_language_too(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    fill(window, {"content": MATTER.replace("12", "26"), **CONTACT})
    codes = send(window)
    change_language(window, "#code")
    assert window.current_url == f"{gateway.address}/en/received"
    assert (text(window, "code"), text(window, "secret")) == codes
    press(window, "see", "#state")
    change_language(window, "#state")
    assert window.current_url == f"{gateway.address}/tra-cuu/ket-qua"
    assert codes[0] in window.find_element(By.TAG_NAME, "h1").text


def change_language(window: Chrome, then: str) -> None:
    old = window.find_element(By.TAG_NAME, "html").id
    window.find_element(By.CSS_SELECTOR, "nav a[lang]").click()
    arrive(window, old, then)


def test_code_and_secret_never_stand_in_an_address(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    fill(window, {"content": MATTER.replace("12", "14"), **CONTACT})
    code, secret = send(window)
    addresses = [window.current_url]
    look_up(window, f"{gateway.address}/tra-cuu", code, secret)
    addresses.append(window.current_url)
    assert all(code not in address and secret not in address for address in addresses)


def test_a_wrong_secret_opens_nothing(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    fill(window, {"content": MATTER.replace("12", "22"), **CONTACT})
    code, _ = send(window)
    window.get(f"{gateway.address}/tra-cuu")
    fill(window, {"code": code, "secret": code})
    press(window, "open", "#summary")
    assert (typed(window, "code"), typed(window, "secret")) == (code, code)
    window.get(f"{gateway.address}/tra-cuu/ket-qua")
    assert window.current_url == f"{gateway.address}/tra-cuu"


def test_the_page_is_small(window: Chrome, gateway: GatewayProcess) -> None:
    window.get(gateway.address)
    files = [gateway.address]
    files += [str(link.get_attribute("href")) for link in window.find_elements(By.CSS_SELECTOR, "link[rel=stylesheet]")]
    files += [str(script.get_attribute("src")) for script in window.find_elements(By.CSS_SELECTOR, "script[src]")]
    assert sum(len(fetched(file)) for file in files) < 60_000


def fetched(address: str) -> bytes:
    parts = urlsplit(address)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    found = connection.getresponse().read()
    connection.close()
    return found
