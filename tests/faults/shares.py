"""How many citizens of each channel write how much in a run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.fakes.mail.dovecot import PROGRAM
from tests.faults.matters import CHANNELS, Citizen


@dataclass(frozen=True, slots=True)
class Share:
    """`each` messages by every one of `citizens`, one after another."""

    citizens: int
    each: int

    @property
    def messages(self) -> int:
        """How many that makes."""
        return self.citizens * self.each


Shares = Mapping[str, Share]
"""By channel; citizens are numbered through all of them, in the order of `CHANNELS`."""

OF_A_HUNDRED = {"web": 60, "zalo": 20, "facebook": 15, "email": 5}
"""What passes the whole gateway fastest has most of it; a mail costs several times as much."""

EACH = {"web": 10, "zalo": 2, "facebook": 2, "email": 2}


def shares_of(messages: int) -> Shares:
    """So many messages shared out; without a mail server on this machine there are no mails."""
    return {
        channel: Share(max(2, messages * OF_A_HUNDRED[channel] // 100 // EACH[channel]), EACH[channel])
        for channel in CHANNELS
        if channel != "email" or PROGRAM is not None
    }


def left_out() -> str:
    """What a run on this machine leaves out, for its reader; empty when nothing."""
    return "" if PROGRAM is not None else "email left out: Dovecot is not installed"


def numbers_of(shares: Shares, channel: str) -> range:
    """The numbers of a channel's citizens."""
    first = sum(share.citizens for name, share in _in_order(shares) if CHANNELS.index(name) < CHANNELS.index(channel))
    return range(first, first + shares[channel].citizens)


def citizens_of(shares: Shares, channel: str, seed: int) -> Sequence[Citizen]:
    """A channel's citizens."""
    return [Citizen(number, seed, channel) for number in numbers_of(shares, channel)]


def _in_order(shares: Shares) -> Iterable[tuple[str, Share]]:
    return ((name, shares[name]) for name in CHANNELS if name in shares)
