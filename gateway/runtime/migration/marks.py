"""Marks on both sides of a move, such that at no instant both the old gateway and the new one can be started.

The target is claimed before anything is copied, and is refused by every service until the move is complete. The old
data folder is marked when everything was compared, and only then the target is let go.
"""

import json
import os
from datetime import datetime
from urllib.parse import urlsplit

from gateway.errors import Conflict, Unavailable
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.kept_keys import was_written
from gateway.store.port import Store

MIGRATION = "migration/"
FROM = "migration/from"
DONE = "migration/done"


async def refuse_half_moved(store: Store) -> None:
    """Raise `Unavailable("half_moved")` for a store into which a data folder is being moved."""
    if await store.holder(FROM) is not None and await store.holder(DONE) is None:
        sentence = "A data folder is being moved here; run `gateway migrate` on it again until it says that it is done."
        raise Unavailable("half_moved", sentence)


async def moved_at(store: Store) -> datetime | None:
    """When an embedded gateway's data was moved here; None for a store that began as it is."""
    found = await store.holder(DONE)
    return None if found is None else datetime.fromisoformat(found.decode())


async def take(store: Store, fingerprint: str) -> bool:
    """Claim a target for the data of this identity; whether it has been moved there completely before.

    Raises `Conflict("target_not_empty")` for a store in which another gateway's data lies, or which was begun by
    itself.
    """
    mine = fingerprint.encode()
    held = await store.holder(FROM)
    if held is None and (await was_written(store) or await store.histories("", limit=1)):
        held = b""
    if held is None:
        held = await store.claim(FROM, mine)
    if held != mine:
        raise Conflict("target_not_empty", "Data of another gateway lies in the target's store; name an empty one.")
    return await store.holder(DONE) is not None


async def let_go(store: Store, fingerprint: str, at: str) -> bool:
    """Say that everything is there since an instant (ISO 8601); False for a store that was taken for nobody or others.

    The first time stands.
    """
    if await store.holder(FROM) != fingerprint.encode():
        return False
    await store.claim(DONE, at.encode())
    return True


def leave(folder: DataFolder, *, bus: str, store: str, at: datetime) -> None:
    """Mark a data folder as moved, durable on return; without user names and passwords of the URLs."""
    content = json.dumps({"at": at.isoformat(), "bus": shown(bus), "store": shown(store)})
    made = folder.moved.with_suffix(".new")
    try:
        with made.open("w") as file:
            file.write(f"{content}\n")
            file.flush()
            os.fsync(file.fileno())
        made.replace(folder.moved)
        descriptor = os.open(folder.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unavailable("data_folder_unavailable", type(error).__name__) from error


def shown(url: str) -> str:
    """A URL without its credentials and options."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
