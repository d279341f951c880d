"""A process that renews one OA's token again and again, racing others that do the same."""

import asyncio
import sys
from pathlib import Path

from gateway.domain.identity import Identity
from gateway.runtime.calling import client_for
from gateway.runtime.deployment import utc_now
from gateway.runtime.metrics import Metrics
from gateway.store.sqlite import SqliteStore
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault
from services.zalo_ingest.oauth import OAuth
from services.zalo_ingest.token_keeper import TokenKeeper
from services.zalo_ingest.token_pairs import Pairs


async def race(folder: Path, address: str, app: str, oa: str, rounds: int) -> None:
    """Renew until so many generations came after the first."""
    store = SqliteStore(folder / "store.db")
    vault = SqliteVault(folder / "vault.db", FileKeyProvider(folder / "master.key"))
    client = client_for(20.0)
    keeper = TokenKeeper(
        oas=(oa,),
        pairs=Pairs(store, vault, Identity(b"z" * 32)),
        oauth=OAuth(client, address, app, "AppSecretForTests", utc_now),
        store=store,
        owner="child",
        clock=utc_now,
        metrics=Metrics(),
    )
    held = await keeper.current(oa)
    while held is not None and held.generation <= rounds:
        held = await keeper.renewed(oa, seen=held.generation)
    await client.aclose()
    await store.close()
    await vault.close()
    if held is None:
        sys.exit("the token was lost")


if __name__ == "__main__":
    asyncio.run(race(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])))
