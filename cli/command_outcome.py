"""Prints what one command changed, in the words that `gateway show` uses."""

from cli.chronicle import chronicle_of
from cli.deciding import Done
from cli.event_words import told
from cli.screen import screen
from cli.show import print_entry, replies_of
from gateway.runtime.deployment import Deployment


async def print_happened(deployment: Deployment, code: str, done: Done) -> None:
    """The events of the commit that the command caused."""
    found = await chronicle_of(deployment, code)
    replies = replies_of(found)
    timezone = deployment.province.timezone
    console = screen()
    for entry in found.entries:
        if (entry.history, entry.version) == (done.history, done.version):
            print_entry(console, entry, told(entry.event, timezone, replies), timezone)
