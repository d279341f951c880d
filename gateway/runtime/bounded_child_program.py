"""What a child process of `bounded_child` runs: one function after another, each within its own limits."""

import json
import math
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from importlib import import_module
from typing import BinaryIO, Final

from gateway.errors import Invalid

REQUEST: Final = struct.Struct("<HQdQ")
"""Length of the function's name, length of the payload, seconds of processor time, bytes of address space."""

ANSWER: Final = struct.Struct("<BQ")
"""How it went, and the length of what follows."""

DONE: Final = 0
REFUSED: Final = 1
FAILED: Final = 2

OPEN_FILES: Final = 64


def main() -> None:
    """Answer requests from standard input until it ends."""
    # Whoever stops the gateway signals its children too; what is being read is still finished.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    for limit, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, OPEN_FILES)):
        resource.setrlimit(limit, (most, most))
    requests = sys.stdin.buffer
    while head := requests.read(REQUEST.size):
        name_size, payload_size, seconds, memory = REQUEST.unpack(head)
        function = _function(requests.read(name_size).decode())
        payload = requests.read(payload_size)
        _limit(seconds, memory)
        how, content = _answer(function, payload)
        _send(answers, how, content)


def _function(name: str) -> Callable[[bytes], bytes]:
    module, _, qualified = name.partition(":")
    found = getattr(import_module(module), qualified)
    if not callable(found):
        raise TypeError(f"{name} is no function")
    function: Callable[[bytes], bytes] = found
    return function


def _limit(seconds: float, memory: int) -> None:
    """Limits of this one call: processor time counts from the process's start, so its limit moves along."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.RLIM_INFINITY))


def _answer(function: Callable[[bytes], bytes], payload: bytes) -> tuple[int, bytes]:
    try:
        return DONE, bytes(function(payload))
    except Invalid as error:
        return REFUSED, json.dumps([error.reason, error.detail]).encode()
    except BaseException as error:  # noqa: BLE001 - hostile bytes raise anything; the class is all that may leave
        return FAILED, type(error).__name__.encode()


def _send(answers: BinaryIO, how: int, content: bytes) -> None:
    answers.write(ANSWER.pack(how, len(content)))
    answers.write(content)
    answers.flush()


if __name__ == "__main__":
    main()
