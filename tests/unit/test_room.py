"""How long one look at the free space holds, and that the answer is never better than the look."""

from pathlib import Path

import pytest

from gateway.errors import Unavailable
from gateway.runtime.room import LOOK_SECONDS, Room, free_bytes

RESERVE = 1_000


class Disk:
    """A disk and a clock to be set by hand; `looks` counts how often the disk was asked."""

    def __init__(self) -> None:
        """Begin with just enough."""
        self.free = RESERVE
        self.seconds = 0.0
        self.looks = 0

    def look(self, _: Path) -> int:
        """Say what is free."""
        self.looks += 1
        return self.free


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def room(disk: Disk, tmp_path: Path) -> Room:
    return Room(tmp_path, RESERVE, free=disk.look, seconds=lambda: disk.seconds)


def refused(room: Room) -> bool:
    try:
        room.check()
    except Unavailable as error:
        return error.reason == "disk_full" and error.retry_after > 0
    return False


def test_the_first_question_looks(room: Room, disk: Disk) -> None:
    disk.free = RESERVE - 1
    assert refused(room)


def test_a_look_holds_for_its_time_and_no_longer(room: Room, disk: Disk) -> None:
    for _ in range(100):
        assert not refused(room)
    assert disk.looks == 1
    disk.free = RESERVE - 1
    disk.seconds = LOOK_SECONDS
    assert refused(room)
    assert disk.looks == 2


def test_a_full_disk_is_looked_at_again_and_recovers(room: Room, disk: Disk) -> None:
    disk.free = 0
    assert refused(room)
    disk.free = RESERVE
    assert refused(room)
    disk.seconds = LOOK_SECONDS
    assert not refused(room)


def test_a_real_disk_is_asked_in_bytes(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) > 0
    assert not refused(Room(tmp_path, 0))
    assert refused(Room(tmp_path, 2**63))
