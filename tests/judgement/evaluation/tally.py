"""Counts what was right and keeps the misses, so that every figure can be looked into."""

from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_TEXT = 220
MOST_MISSES = 250


@dataclass(slots=True)
class Tally:
    """Right cases among all; `share` is 1 of nothing at all, since nothing was wrong."""

    right: int = 0
    of: int = 0
    misses: list[str] = field(default_factory=list)

    def count(self, right: bool, text: str, *, wanted: object, got: object) -> None:  # noqa: FBT001 - what is counted
        """Note one case, and the words of a miss."""
        self.of += 1
        self.right += right
        if not right:
            self.misses.append(f"{got} for {wanted}: {shortened(text)}")

    @property
    def share(self) -> float:
        """Right cases among all."""
        return self.right / self.of if self.of else 1.0

    @property
    def wrong(self) -> float:
        """Wrong cases among all."""
        return 1.0 - self.share


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, 0 to 1 unless `unit` says otherwise; `smaller` says which way is better.

    `of` is the number of cases behind it; `guarded` figures must not fall behind the baseline.
    """

    key: str
    title: str
    value: float
    of: int
    aim: float | None = None
    smaller: bool = False
    unit: str = ""
    guarded: bool = True
    misses: tuple[str, ...] = ()

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached; None where there is none."""
        if self.aim is None:
            return None
        return self.value <= self.aim if self.smaller else self.value >= self.aim

    def __str__(self) -> str:
        """Print as one line."""
        number = (
            f"{self.value:>10.{0 if self.value >= 10 else 2}f} {self.unit}" if self.unit else f"{self.value:>10.4f}"
        )
        line = f"{self.title:<58}{number}{f'  of {self.of}':<10}"
        if self.aim is None:
            return line
        return f"{line:<84}aim {'<=' if self.smaller else '>='} {self.aim:g}  {'met' if self.met else 'NOT MET'}"


def share_of(key: str, title: str, tally: Tally, aim: float | None = None) -> Figure:
    """How many were right."""
    return Figure(key, title, tally.share, tally.of, aim, misses=_some(tally.misses))


def wrong_of(key: str, title: str, tally: Tally, aim: float | None = None) -> Figure:
    """How many were wrong: the smaller, the better."""
    return Figure(key, title, tally.wrong, tally.of, aim, smaller=True, misses=_some(tally.misses))


def shortened(text: str) -> str:
    """A text on one bounded line."""
    return text.replace("\n", " / ")[:MAX_TEXT]


def _some(misses: Iterable[str]) -> tuple[str, ...]:
    return tuple(misses)[:MOST_MISSES]
