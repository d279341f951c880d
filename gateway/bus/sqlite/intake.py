"""Reads a topic's new records over all stage files, and looks only where something was committed."""

import logging

from gateway.bus.port import Record
from gateway.bus.sqlite.reading import end, fetch, merged, up_to_the_unread
from gateway.bus.sqlite.stages import StageFiles
from gateway.bus.window import Window

log = logging.getLogger(__name__)


class Intake:
    """Where one consumer's reading stands."""

    def __init__(self, topic: str, window: Window) -> None:
        """Read `topic` from where `window` stands."""
        self._topic = topic
        self._window = window
        self._read_up: dict[str, int] = {}
        self.more = False
        """Whether there was more than the last reading gave. If not, who commits later wakes whoever reads."""

    def read(self, files: StageFiles, limit: int) -> list[Record]:
        """Up to about `limit` new records of the stages that have news, by time of publication.

        Each gives a share at most; what was published after the last one of a share that does not exhaust its stage
        is left for later: what led to it may lie behind that one, and comes before it in the order of their key.
        """
        news = []
        for stage in files.all():
            version = stage.version()
            if self._read_up.get(stage.name) != version:
                news.append((stage, version))
        parts, cut = [], []
        share = max(1, limit // max(1, len(news)))
        for stage, _ in news:
            found = fetch(stage, self._topic, self._window.next_offset(stage.name), limit=share)
            if found:
                self._note_gap(stage.name, found[0].offset)
                parts.append(found)
                if found[-1].offset + 1 < end(stage, self._topic):
                    cut.append(found)
        self.more = bool(cut)
        if not cut:
            # Versions were taken before the reading: what was committed in between is news next time.
            self._read_up.update((stage.name, version) for stage, version in news)
        return list(merged(up_to_the_unread(parts, cut)))

    def _note_gap(self, stage: str, offset: int) -> None:
        """Offsets have no gaps but where retention deleted what this group had still to read: that must be heard of."""
        expected = self._window.next_offset(stage)
        if 0 < expected < offset:
            log.error("unread_records_deleted", extra={"topic": self._topic, "stage": stage, "n": offset - expected})
