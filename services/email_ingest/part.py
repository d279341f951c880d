"""The parts that the standard parser builds of a mail, bounded while it builds them."""

from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from typing import Any, cast

from services.email_ingest.limits import (
    DEPTH_CUT,
    HEADERS_CUT,
    MAX_HEADER,
    MAX_HEADERS,
    MAX_HEADERS_TOTAL,
    MAX_MULTIPARTS,
)

WHOLE = "application/octet-stream"


class _Verbatim(Compat32):
    """Gives headers as they are written; the standard policy gives 8-bit ones as objects that are no strings."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002 - the policy's interface
        return value


class Part(Message):
    """A part whose headers are bounded as they come in, and whose attached messages stay whole.

    An attached message is a file for whoever handles the mail: it is not opened, whatever it holds. Multiparts beyond
    the bound are not opened either.
    """

    _payload: object
    """The base class's own; its accessor decodes by charset, and bytes are needed."""

    def __init__(self, policy: Compat32, may_open: Callable[[], bool], defects: list[str]) -> None:
        """Begin a part; `may_open` is asked once for each multipart, `defects` collects what was cut."""
        super().__init__(policy)
        self._may_open = may_open
        self._defects = defects
        self._size = 0
        self._type: str | None = None

    def set_raw(self, name: str, value: str) -> None:
        """Take one header from the parser, cut to its bound; those beyond the bounds are dropped."""
        kept = value[:MAX_HEADER]
        self._size += len(name) + len(kept)
        full = len(self) >= MAX_HEADERS or self._size > MAX_HEADERS_TOTAL
        if full or len(kept) < len(value):
            self._defects.append(HEADERS_CUT)
        if not full:
            super().set_raw(name, kept)

    def header(self, name: str) -> str:
        """The first header of that name, with its 8-bit bytes as surrogates; empty when there is none."""
        return str(self.get(name, ""))

    def raw_payload(self) -> bytes:
        """The bytes as they stand in the source, transfer encoding included; the standard way decodes by charset."""
        payload = self._payload
        return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""

    def get_boundary(self, failobj: Any = None) -> Any:  # noqa: ANN401 - the parser's interface
        """What the parser asks to know where the parts of this one end; a folded value is one line."""
        found = super().get_boundary(failobj)
        return found.replace("\r", "").replace("\n", "") if isinstance(found, str) else found

    def get_content_type(self) -> str:
        """What the parser asks to know which parts to open; the real type is in the header."""
        if self._type is None:
            said = super().get_content_type()
            self._type = said
            if said.startswith("message/"):
                self._type = WHOLE
            elif said.startswith("multipart/") and not self._may_open():
                self._defects.append(DEPTH_CUT)
                self._type = WHOLE
        return self._type


def parse_parts(source: bytes) -> tuple[Part, tuple[str, ...]]:
    """Build the parts of a bounded source; also what was cut."""
    left = MAX_MULTIPARTS
    defects: list[str] = []

    def may_open() -> bool:
        nonlocal left
        left -= 1
        return left >= 0

    def begin(policy: Compat32) -> Part:
        return Part(policy, may_open, defects)

    # The parser passes the policy by name and gives back what the factory made; its stubs say neither.
    parser = BytesParser(cast("Callable[[], Message]", begin), policy=_Verbatim())
    return cast("Part", parser.parsebytes(source)), tuple(dict.fromkeys(defects))
