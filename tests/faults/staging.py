"""Everybody but the gateway in a run, each as a process of its own: citizens, platforms, mailboxes, an operator."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from tests import leash
from tests.fakes.mail.dovecot import Dovecot
from tests.faults.ledger import acknowledged
from tests.faults.outside import READY
from tests.faults.world import World
from tests.gateway_process import ROOT

END_SECONDS = 30.0

Child = subprocess.Popen[str]


def ledgers(world: World) -> list[Path]:
    """The ledger of each channel's citizens."""
    return [world.ledger(channel) for channel in world.shares]


def mails(world: World) -> int:
    """How many mails were put into the mailbox."""
    return acknowledged([world.ledger("email")]) if "email" in world.shares else 0


@contextmanager
def citizens(world: World) -> Iterator[Sequence[Child]]:
    """A process per channel, in which all its citizens write."""
    senders = [_child("tests.faults.citizens", str(world.folder), channel) for channel in world.shares]
    try:
        yield senders
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()
            leash.release(sender.pid)


@contextmanager
def outside(world: World) -> Iterator[None]:
    """The platforms and mailboxes, listening; at the end they have written down what citizens got."""
    with ExitStack() as stack:
        if world.mail_folder is not None:
            server = Dovecot(world.mail_folder, port=world.imap_port, password=world.secrets.mailbox)
            stack.callback(server.stop)
            server.start()
        # Every kill and every dropped answer is a fault to the servers there, which they write down.
        log = stack.enter_context(world.outside_log.open("w"))
        child = stack.enter_context(_ended(world, log))
        if child.stdout is None or child.stdout.readline().strip() != READY:
            raise RuntimeError(f"the other side of the channels did not start: {_end_of(world.outside_log)}")
        yield
        child.terminate()
        if child.wait(END_SECONDS):
            raise RuntimeError(f"the other side of the channels ended with a fault: {_end_of(world.outside_log)}")


@contextmanager
def mail_folder() -> Iterator[Path]:
    """A folder that a mail server's own user may enter, which pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="crash-mail-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _ended(world: World, log: TextIO) -> Iterator[Child]:
    with _child("tests.faults.outside", str(world.folder), stdout=subprocess.PIPE, stderr=log) as child:
        try:
            yield child
        finally:
            child.kill()
            child.wait()
            leash.release(child.pid)


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8")[-2000:]


def _child(module: str, *arguments: str, stdout: int | None = None, stderr: TextIO | None = None) -> Child:
    command = [sys.executable, "-m", module, *arguments]
    child = subprocess.Popen(command, cwd=ROOT, stdout=stdout, stderr=stderr, text=True)
    leash.hold(child.pid)
    return child
