"""Functions that a child process is asked to run: what hostile bytes make a parser do."""

import os
import signal
import sys
import time
from pathlib import Path

from gateway.errors import Invalid


def echo(payload: bytes) -> bytes:
    return payload


def spin(_: bytes) -> bytes:
    while True:
        pass


def sleep(_: bytes) -> bytes:
    time.sleep(600)
    return b""


def grow(_: bytes) -> bytes:
    return bytes(bytearray(4_000_000_000))


def crash(_: bytes) -> bytes:
    os.kill(os.getpid(), signal.SIGSEGV)
    return b""


def leave(_: bytes) -> bytes:
    sys.exit(0)


def leave_at_once(_: bytes) -> bytes:
    os._exit(0)


def refuse(payload: bytes) -> bytes:
    raise Invalid("bad_words", "It holds bad words.")


def stumble(payload: bytes) -> bytes:
    raise KeyError(payload)


def recurse(payload: bytes) -> bytes:
    return recurse(payload)


def talk(_: bytes) -> bytes:
    sys.stdout.write("0" * 100)
    sys.stdout.flush()
    os.write(1, b"1" * 100)
    return b"said"


def flood(_: bytes) -> bytes:
    return bytes(65_000_000)


def write(payload: bytes) -> bytes:
    Path(payload.decode()).write_bytes(b"written")
    return b"written"


def look(_: bytes) -> bytes:
    return b"\n".join(name.encode() for name in sorted(os.environ))


def who(_: bytes) -> bytes:
    return str(os.getpid()).encode()


def be_stopped(_: bytes) -> bytes:
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(os.getpid(), number)
    return b"finished"


def bear(_: bytes) -> bytes:
    """Leave a child of its own, which holds all that it holds, and wait with it."""
    os.fork()
    time.sleep(600)
    return b""
