"""Serves what an answer brought to whoever holds code and secret: to be saved, never shown inside our pages."""

from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from gateway.errors import Invalid
from gateway.runtime.picture_copies import citizen_copy
from services.web_ingest.status import ShownFile, Status
from services.web_ingest.web import CHANNEL, Web

SANDBOX: Final = "default-src 'none'; sandbox"


async def answer_file(web: Web, status: Status, address: str) -> Response:
    """One file of the submission; raises `Invalid("not_found")` for any other, or one that is not to be had any more.

    Of a picture it is the copy without what the camera wrote beside it. Raises `Unavailable`.
    """
    file = status.file(address)
    if file is None:
        raise Invalid("not_found", "The submission has no such file.")
    try:
        content = await web.files.open(file.ref)
        copy = await citizen_copy(web.children, content, file.ref.media_type)
    except Invalid as error:
        web.metrics.refused.labels(CHANNEL, error.reason).inc()
        raise Invalid("not_found", "The file is not to be had any more.") from None
    return Response(
        copy.content,
        media_type=copy.media_type,
        headers={"content-disposition": _saved_as(file), "content-security-policy": SANDBOX},
    )


def _saved_as(file: ShownFile) -> str:
    """As RFC 6266 has it: the whole name for today's programs, an ASCII one for the rest."""
    ascii_name = "".join(sign if sign.isascii() and sign not in '"\\%' else "_" for sign in file.name)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(file.name, safe='')}"
