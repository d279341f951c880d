"""Opens the files of a part for its carrier: checked against what the channel takes, pictures as copies."""

import logging
from collections.abc import Sequence

from gateway.errors import Invalid
from gateway.files.port import Files
from gateway.outbox.carrier import Enclosure, FilesTaken
from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.picture_copies import citizen_copy
from schemas.files import AnswerFile

log = logging.getLogger(__name__)


class Enclosures:
    """Files of answers as they are handed over."""

    def __init__(self, files: Files, children: BoundedChildren) -> None:
        """Take where files lie, and the children in which pictures are copied."""
        self._files = files
        self._children = children

    async def of(self, files: Sequence[AnswerFile], takes: FilesTaken) -> tuple[Enclosure, ...]:
        """Those that can be handed over; what is missing, damaged or too large is logged by reason and left out.

        Raises `Unavailable`.
        """
        found = [await self._opened(one, takes) for one in files]
        return tuple(one for one in found if one is not None)

    async def _opened(self, file: AnswerFile, takes: FilesTaken) -> Enclosure | None:
        try:
            content = await self._files.open(file.file)
            copy = await citizen_copy(self._children, content, file.file.media_type)
        except Invalid as error:
            _left_out(file, error.reason)
            return None
        if len(copy.content) > takes.most.get(copy.media_type, 0):
            _left_out(file, "too_large_for_channel")
            return None
        return Enclosure(file.personal.name, copy.media_type, copy.content)


def _left_out(file: AnswerFile, reason: str) -> None:
    log.warning("file_not_enclosed", extra={"reason": reason, "detail": file.file.media_type})
