"""Compares two sides record by record as they stream past: counts, digests by kind, and the first difference."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from gateway.runtime.migration.items import Item

SHOWN = 16


@dataclass(frozen=True, slots=True)
class Compared:
    """How a kind of records stands on both sides; digests are over all of them in order, 16 hex digits."""

    kind: str
    here: int
    there: int
    digest_here: str
    digest_there: str

    @property
    def equal(self) -> bool:
        """Whether the same records are there, in the same order."""
        return self.here == self.there and self.digest_here == self.digest_there


@dataclass
class _Tally:
    count: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, one: Item) -> None:
        self.count += 1
        self.digest.update(one.digest)

    def shown(self) -> str:
        return self.digest.hexdigest()[:SHOWN]


class Comparison:
    """What was compared so far; memory does not grow with the number of records."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._sides: dict[str, tuple[_Tally, _Tally]] = {}
        self.first: Item | None = None
        """The first record that one side has and the other has not so."""

    async def add(self, here: AsyncIterator[Item], there: AsyncIterator[Item]) -> None:
        """Compare two streams that should be the same."""
        while True:
            one, other = await anext(here, None), await anext(there, None)
            if one is None and other is None:
                return
            if one != other and self.first is None:
                self.first = one or other
            for side, found in enumerate((one, other)):
                if found is not None:
                    self._sides.setdefault(found.kind, (_Tally(), _Tally()))[side].add(found)

    def rows(self) -> Sequence[Compared]:
        """Each kind, in the order in which they came."""
        return [
            Compared(kind, here.count, there.count, here.shown(), there.shown())
            for kind, (here, there) in self._sides.items()
        ]
