"""Sees who waits for a database file's turn: the kernel lists it."""

from pathlib import Path

from tests.waiting import until

LOCKS = Path("/proc/locks")


async def awaited(path: Path) -> None:
    """Return once somebody waits for the turn of the database `path`, while another has it (`proc_locks(5)`)."""
    await until(lambda: _has_a_waiter(Path(f"{path}.lock")))


def _has_a_waiter(lock: Path) -> bool:
    of_it = f":{lock.stat().st_ino} "
    return any("-> FLOCK" in line and of_it in line for line in LOCKS.read_text("ascii").splitlines())
