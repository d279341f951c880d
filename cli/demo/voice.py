"""How the demonstration's citizens write on a channel and hear from it, whichever platform lies between."""

import hashlib
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.errors import Conflict

Words = Mapping[str, Any]
"""What a citizen sends in one go, as `citizens.yaml` has it: its members differ by channel."""


class AbsentError(Exception):
    """A channel that cannot be played here; its text says why, and what to do about it."""


class Voice(Protocol):
    """One channel's platform, and its citizens; `user` names one of them within the run."""

    def account(self, user: str) -> str:
        """The account that the gateway knows the citizen by."""

    async def write(self, user: str, words: Words) -> None:
        """The citizen writes."""

    async def answer(self, user: str, words: Words) -> None:
        """The citizen answers what they were told last."""

    def heard(self, user: str) -> Sequence[str]:
        """The texts that arrived at the citizen, in order."""

    def missing(self, user: str) -> Sequence[str]:
        """What should have arrived beside them, or otherwise, in words."""


@dataclass(frozen=True, slots=True)
class Town:
    """The channels that can be played, and why the others cannot, by the channel's name."""

    voices: Mapping[str, Voice] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)


def number_of(run: str, name: str) -> str:
    """A platform's id for a citizen of this run: seventeen digits."""
    return f"7{int.from_bytes(hashlib.sha256(f'{run}/{name}'.encode()).digest()[:8]) % 10**16:016}"


def check_free(port: int, what: str) -> None:
    """Raise `Conflict("port_in_use")` when somebody listens on a port of this machine where a fake is to stand."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sentence = f"Port {port}, where the demonstration plays {what}, is taken: does another one run?"
            raise Conflict("port_in_use", sentence) from None
