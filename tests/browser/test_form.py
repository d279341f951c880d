"""A citizen fills in the form in a browser, keeps code and secret, and reads what became of it."""

import struct
import zlib
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.conftest import Opened
from tests.gateway_process import GatewayProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS = 20
MATTER = "Ống nước sạch bị vỡ trước nhà số 12 đường Hùng Vương, nước chảy tràn ra đường suốt ba ngày nay."
ENGLISH = "The street light in front of 12 Hung Vuong street has been broken for a week, please have it repaired."
CONTACT = {
    "name": "Nguyễn Thị Ví Dụ",
    "phone": "0912 345 678",
    "address": "12 Hùng Vương, phường Bình Phước, tỉnh Đồng Nai",
}


def fill(window: Chrome, values: dict[str, str]) -> None:
    for name, value in values.items():
        field = window.find_element(By.ID, name)
        field.clear()
        field.send_keys(value)


def send(window: Chrome) -> None:
    window.find_element(By.ID, "send").click()


def text(window: Chrome, name: str) -> str:
    return window.find_element(By.ID, name).text


def received(window: Chrome) -> tuple[str, str]:
    """Receipt code and secret, once the page after sending shows them."""
    WebDriverWait(window, SECONDS).until(lambda page: page.find_elements(By.ID, "code"))
    return text(window, "code"), text(window, "secret")


def state(window: Chrome) -> str:
    """The outcome that the lookup page shows; the page is asked for again while it is still being checked."""

    def decided(page: Chrome) -> str | None:
        shown = str(page.find_element(By.ID, "state").get_attribute("class")).removeprefix("state-")
        if shown in ("checking", "accepted"):
            page.get(page.current_url)
            return None
        return shown

    return str(WebDriverWait(window, SECONDS, poll_frequency=0.2).until(decided))


def look_up(window: Chrome, address: str, code: str, secret: str) -> None:
    window.get(address)
    fill(window, {"code": code, "secret": secret})
    window.find_element(By.ID, "open").click()
    WebDriverWait(window, SECONDS).until(lambda page: page.find_elements(By.ID, "state"))


@pytest.mark.parametrize("javascript", ["on", "off"])
def test_a_citizen_sends_a_matter_and_reads_where_it_went(
    opened: Opened, gateway: GatewayProcess, tmp_path: Path, javascript: str
) -> None:
    window = opened(javascript=javascript == "on")
    window.get("data:text/html,<title>off</title><script>document.title = 'on'</script>")
    assert window.title == javascript
    window.get(gateway.address)
    photo = tmp_path / "ong-nuoc.png"
    photo.write_bytes(png())
    fill(window, {"content": MATTER, **CONTACT})
    window.find_element(By.ID, "photos").send_keys(str(photo))
    send(window)
    code, secret = received(window)
    look_up(window, f"{gateway.address}/tra-cuu", code, secret)
    assert state(window) == "transferred"
    assert "Cấp thoát nước" in text(window, "agency")
    assert code in window.find_element(By.TAG_NAME, "h1").text
    assert any(code in reply.text for reply in window.find_elements(By.CLASS_NAME, "reply"))


def test_what_is_missing_is_asked_for_and_answered_on_the_lookup_page(opened: Opened, gateway: GatewayProcess) -> None:
    window = opened()
    window.get(gateway.address)
    fill(window, {"content": "Alo alo, có ai không ạ?", **CONTACT})
    send(window)
    code, secret = received(window)
    look_up(window, f"{gateway.address}/tra-cuu", code, secret)
    assert state(window) == "pending_supplement"
    assert len(window.find_elements(By.CSS_SELECTOR, "#missing li")) == 1
    fill(window, {"content": MATTER.replace("12", "16")})
    send(window)
    WebDriverWait(window, SECONDS).until(lambda page: page.find_elements(By.CLASS_NAME, "done"))
    look_up(window, f"{gateway.address}/tra-cuu", code, secret)
    assert state(window) == "transferred"


def test_a_foreigner_is_answered_in_english(opened: Opened, gateway: GatewayProcess) -> None:
    window = opened()
    window.get(f"{gateway.address}/en")
    assert window.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    fill(window, {"content": ENGLISH, **CONTACT, "name": "John Example"})
    send(window)
    code, secret = received(window)
    look_up(window, f"{gateway.address}/en/lookup", code, secret)
    assert state(window) == "transferred"
    assert "1022" in window.find_element(By.CLASS_NAME, "reply").text


def test_nothing_typed_is_lost_when_the_form_is_not_right(opened: Opened, gateway: GatewayProcess) -> None:
    window = opened()
    window.get(gateway.address)
    fill(window, {**CONTACT, "phone": "12"})
    send(window)
    WebDriverWait(window, SECONDS).until(lambda page: page.find_elements(By.ID, "summary"))
    assert window.find_element(By.ID, "name").get_attribute("value") == CONTACT["name"]
    assert window.find_element(By.ID, "content").get_attribute("aria-invalid") == "true"


def test_the_form_fits_a_small_phone_and_every_field_has_its_label(opened: Opened, gateway: GatewayProcess) -> None:
    window = opened()
    window.get(gateway.address)
    assert window.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    size = window.find_element(By.TAG_NAME, "body").value_of_css_property("font-size")
    assert float(size.removesuffix("px")) >= 16
    labelled = {label.get_attribute("for") for label in window.find_elements(By.TAG_NAME, "label")}
    for field in window.find_elements(By.CSS_SELECTOR, "input:not([type=hidden]), textarea, select"):
        assert field.get_attribute("id") in labelled
    first = window.find_element(By.ID, "content")
    assert first.location["y"] < 740


def test_the_page_is_small(gateway: GatewayProcess, opened: Opened) -> None:
    window = opened()
    window.get(gateway.address)
    files = [gateway.address]
    files += [str(link.get_attribute("href")) for link in window.find_elements(By.CSS_SELECTOR, "link[rel=stylesheet]")]
    files += [str(script.get_attribute("src")) for script in window.find_elements(By.CSS_SELECTOR, "script[src]")]
    assert all(file.startswith(gateway.address) for file in files)
    assert sum(len(fetched(file)) for file in files) < 60_000


def test_code_and_secret_never_stand_in_an_address(opened: Opened, gateway: GatewayProcess) -> None:
    window = opened()
    window.get(gateway.address)
    fill(window, {"content": MATTER.replace("12", "14"), **CONTACT})
    send(window)
    code, secret = received(window)
    addresses = [window.current_url]
    look_up(window, f"{gateway.address}/tra-cuu", code, secret)
    addresses.append(window.current_url)
    assert all(code not in address and secret not in address for address in addresses)


def fetched(address: str) -> bytes:
    parts = urlsplit(address)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    found = connection.getresponse().read()
    connection.close()
    return found


def png() -> bytes:
    """A photo of one grey point."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        framed = kind + content
        return struct.pack(">I", len(content)) + framed + struct.pack(">I", zlib.crc32(framed))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    )
