"""What a citizen does in a browser: types, sends, notes the codes, looks them up and reads the state."""

import struct
import zlib
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

SECONDS = 20
LOOK_SECONDS = 0.05
EMPTY_PAGE = "data:text/html,<title>empty</title>"
CONTACT = {
    "name": "Nguyễn Thị Ví Dụ",
    "phone": "0912 345 678",
    "address": "12 Hùng Vương, phường Bình Phước, tỉnh Đồng Nai",
}
UNDECIDED = ("checking", "accepted")
"""States of the result page that are on their way to another one."""


def on_phone(window: Chrome, width: int = 390) -> None:
    """Give the page a phone's width in CSS pixels; Chromium's own windows cannot be that narrow."""
    size = {"width": width, "height": 844, "deviceScaleFactor": 2, "mobile": False}
    window.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def fill(window: Chrome, values: dict[str, str]) -> None:
    """Type into the fields with these ids."""
    for name, value in values.items():
        field = window.find_element(By.ID, name)
        field.clear()
        field.send_keys(value)


def press(window: Chrome, button: str, then: str) -> None:
    """Press the button with this id and wait for the next page to show what the selector `then` finds."""
    old = window.find_element(By.TAG_NAME, "html").id
    window.find_element(By.ID, button).click()
    arrive(window, old, then)


def arrive(window: Chrome, old: str, selector: str) -> None:
    """Wait until another page than `old` (the id of its root element) shows what the selector finds."""

    def shown(page: Chrome) -> bool:
        roots = page.find_elements(By.TAG_NAME, "html")
        return bool(roots) and roots[0].id != old and bool(page.find_elements(By.CSS_SELECTOR, selector))

    WebDriverWait(window, SECONDS, LOOK_SECONDS).until(shown)


def text(window: Chrome, name: str) -> str:
    """What the element with this id shows."""
    return window.find_element(By.ID, name).text


def typed(window: Chrome, name: str) -> str:
    """What stands in the field with this id."""
    return str(window.find_element(By.ID, name).get_property("value"))


def send(window: Chrome) -> tuple[str, str]:
    """Send the form; receipt code and secret."""
    press(window, "send", "#code")
    return text(window, "code"), text(window, "secret")


def look_up(window: Chrome, address: str, code: str, secret: str) -> None:
    """Open the result page from the lookup page at this address."""
    window.get(address)
    fill(window, {"code": code, "secret": secret})
    press(window, "open", "#state")


def state(window: Chrome) -> str:
    """The kind of state that the result page shows."""
    return str(window.find_element(By.ID, "state").get_attribute("class")).removeprefix("state-")


def settled(window: Chrome, passing: tuple[str, ...] = UNDECIDED) -> str:
    """The state once it is none of those on the way; the page is asked for again until then."""

    def decided(page: Chrome) -> str | None:
        shown = state(page)
        if shown not in passing:
            return shown
        page.get(page.current_url)
        return None

    return str(WebDriverWait(window, SECONDS, LOOK_SECONDS).until(decided))


def replies(window: Chrome) -> list[str]:
    """The replies on the result page, latest first."""
    return [reply.text for reply in window.find_elements(By.CSS_SELECTOR, ".reply")]


def photo(folder: Path) -> Path:
    """A picture of one grey point, as a file that can be chosen."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        framed = kind + content
        return struct.pack(">I", len(content)) + framed + struct.pack(">I", zlib.crc32(framed))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0\x80")), chunk(b"IEND", b""))
    path = folder / "ong-nuoc.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return path
