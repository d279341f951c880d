"""`python -m tests.faults.citizens FOLDER CHANNEL`: a channel's citizens in one process of their own, all writing."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from tests.faults.by_app import write_by_app
from tests.faults.by_facebook import write_by_facebook
from tests.faults.by_mail import write_by_mail
from tests.faults.by_zalo import write_by_zalo
from tests.faults.ledger import Ledger
from tests.faults.world import World, read_world

WAYS: dict[str, Callable[[World, Ledger], Coroutine[Any, Any, None]]] = {
    "web": write_by_app,
    "zalo": write_by_zalo,
    "facebook": write_by_facebook,
    "email": write_by_mail,
}


def main() -> None:
    """Play one channel's citizens to the end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("channel", choices=WAYS)
    given = parser.parse_args()
    world = read_world(given.folder)
    ledger = Ledger(world.ledger(given.channel), given.channel)
    asyncio.run(WAYS[given.channel](world, ledger))
    ledger.close()


if __name__ == "__main__":
    main()
