"""Parses multipart/form-data while it streams in, keeping only what is allowed and marking what was too much.

A photo that is too large must not cost the citizen the text they typed: its bytes are passed over, its fault is kept
beside its name, and the other parts are read on. Nothing is written to disk, since it would lie there unsealed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from gateway.domain.hygiene import clean_line
from gateway.errors import Invalid
from services.web_ingest.parts import MAX_PARTS, Bounds, Parts, Upload
from services.web_ingest.upload_memory import UploadMemory

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


@dataclass(slots=True)
class _Part:
    """The part that is being read."""

    name: str = ""
    filename: str | None = None
    data: bytearray = field(default_factory=bytearray)
    fault: str | None = None


@asynccontextmanager
async def multipart_form(
    content_type: str, body: AsyncIterator[bytes], bounds: Bounds, memory: UploadMemory
) -> AsyncIterator[Parts]:
    """A whole form for the time it is handled; raises `Invalid`, or `Unavailable` when too much is under way.

    The files' bytes count against `memory` until the block ends.
    """
    reader = _Reader(bounds, memory)
    try:
        await _feed(reader, content_type, body, bounds.stream)
        yield reader.parts()
    finally:
        memory.give_back(reader.reserved)


async def _feed(reader: "_Reader", content_type: str, body: AsyncIterator[bytes], limit: int) -> None:
    size = 0
    try:
        parser = MultipartParser(_boundary(content_type), reader.callbacks())
        async for chunk in body:
            size += len(chunk)
            if size > limit:
                raise Invalid("too_large", "The body is larger than allowed.")
            parser.write(chunk)
    except FormParserError as error:
        raise Invalid("not_multipart", "The body is not a well-formed form.") from error
    if not reader.ended:
        raise Invalid("not_multipart", "The form ends too early.")


def _boundary(content_type: str) -> bytes:
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise Invalid("not_multipart", "The form names no boundary.")
    return boundary


class _Reader:
    """Collects parts from the parser's callbacks."""

    def __init__(self, bounds: Bounds, memory: UploadMemory) -> None:
        self._bounds = bounds
        self._memory = memory
        self._part = _Part()
        self._header = (bytearray(), bytearray())
        self._fields: dict[str, str] = {}
        self._cut: set[str] = set()
        self._uploads: list[Upload] = []
        self._files_bytes = 0
        self._count = 0
        self.reserved = 0
        self.ended = False

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._name,
            "on_header_value": self._value,
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def parts(self) -> Parts:
        return Parts(self._fields, tuple(self._uploads), frozenset(self._cut))

    def _begin(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise Invalid("too_many_parts", "The form has too many parts.")
        self._part = _Part()

    def _name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _header_end(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._header = (bytearray(), bytearray())
        if name.lower() != b"content-disposition":
            return
        _, options = parse_options_header(value)
        self._part.name = options.get(b"name", b"").decode("utf-8", "replace")[:100]
        if b"filename" in options and self._part.name not in self._bounds.texts:
            self._part.filename = clean_line(options[b"filename"].decode("utf-8", "replace"), limit=200)

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.fault is not None:
            return
        size = end - start
        if part.filename is None:
            self._text(part, data[start:end])
            return
        part.fault = self._file_fault(len(part.data), size)
        if part.fault is not None:
            self._release(len(part.data))
            self._files_bytes -= len(part.data)
            part.data = bytearray()
            return
        self._memory.take(size)
        self.reserved += size
        self._files_bytes += size
        part.data += data[start:end]

    def _text(self, part: _Part, piece: bytes) -> None:
        room = self._bounds.field_bytes - len(part.data)
        part.data += piece[:room]
        if len(piece) > room:
            self._cut.add(part.name)

    def _file_fault(self, held: int, size: int) -> str | None:
        if len(self._uploads) >= self._bounds.files:
            return "too_many_files"
        if held + size > self._bounds.file_bytes:
            return "file_too_large"
        if self._files_bytes + size > self._bounds.files_bytes:
            return "files_too_large"
        return None

    def _release(self, size: int) -> None:
        self._memory.give_back(size)
        self.reserved -= size

    def _end(self) -> None:
        part = self._part
        if part.filename is None:
            self._keep_text(part)
        elif part.filename or part.data or part.fault:
            # A file input that was left empty sends a part without name and bytes.
            self._uploads.append(Upload(part.name, part.filename, bytes(part.data), part.fault))

    def _keep_text(self, part: _Part) -> None:
        errors = "ignore" if part.name in self._cut else "strict"
        try:
            text = part.data.decode("utf-8", errors)
        except UnicodeDecodeError as error:
            raise Invalid("not_utf8", "The form is not UTF-8.") from error
        self._fields.setdefault(part.name, text)

    def _finish(self) -> None:
        self.ended = True
