"""What the benchmarks state: figures beside their aims."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside its aim; `smaller` says which way is better."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    smaller: bool = False

    def __str__(self) -> str:
        """Print as one line."""
        shown = f"{self.name:<64}{self.value:>10.2f} {self.unit}"
        if self.aim is None:
            return shown
        met = self.value <= self.aim if self.smaller else self.value >= self.aim
        return f"{shown:<92}aim {'<=' if self.smaller else '>='} {self.aim:g}  {'met' if met else 'NOT MET'}"


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The value below which so many percent lie; `ordered` ascending."""
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
