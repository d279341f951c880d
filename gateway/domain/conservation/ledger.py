"""Counts what was received and what became of it, whatever order the facts come in."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice

from gateway.domain.conservation.balance import Balance, Handled, Missing
from gateway.domain.conservation.entries import BEGINNING, ItemEntry, RawEntry, passed_by
from gateway.domain.conservation.facts import Arrived, Became, Fact, PutAside, Read


class Ledger:
    """Counts what was received since an instant, for all channels; memory grows with what was, not with time.

    At most `most` messages are remembered: of more, those with an outcome that came first are forgotten, which moves
    `since` forward. What was received before `since` counts nowhere, however late a fact of it comes.
    """

    def __init__(self, *, since: datetime = BEGINNING, most: int | None = None) -> None:
        """Begin with nothing."""
        self.since = since
        self._most = most
        self._raws: dict[str, RawEntry] = {}
        self._items: dict[str, ItemEntry] = {}
        self._early: dict[str, list[Became | PutAside]] = defaultdict(list)
        self._settled: Counter[tuple[str, str]] = Counter()
        self._open: dict[str, RawEntry | ItemEntry] = {}
        self._arrived: Counter[str] = Counter()

    def add(self, fact: Fact) -> None:
        """Take in a fact; one that was taken in before changes nothing."""
        match fact:
            case Arrived():
                self._on_arrived(fact)
            case Read():
                self._on_read(fact)
            case Became(item=item):
                self._on_item(item, fact)
            case PutAside(trace=str(trace)):
                self._on_raw(trace, fact)
            case PutAside(item=item):
                self._on_item(item or "", fact)

    def forget(self, before: datetime) -> None:
        """Count only what was received from this instant on; what is still under way stays."""
        self.since = max(self.since, before)
        for entries in (self._items, self._raws):
            for name in [*self._older(entries)]:
                self._drop(name)
        for name in [name for name, facts in self._early.items() if all(one.at < self.since for one in facts)]:
            del self._early[name]

    def balances(self, handled: Handled) -> Mapping[str, Balance]:
        """Every channel's balance, given how far the stages are: what lies before that and is open is unaccounted."""
        under_way: dict[str, list[datetime]] = defaultdict(list)
        missing: dict[str, list[Missing]] = defaultdict(list)
        for name, entry in self._open.items():
            seen = passed_by(entry, handled)
            if seen is None:
                under_way[entry.channel].append(entry.received_at)
            else:
                missing[entry.channel].append(Missing(entry.channel, name[1:], entry.received_at, seen))
        outcomes: dict[str, dict[str, int]] = defaultdict(dict)
        for (channel, outcome), count in sorted(self._settled.items()):
            if count:
                outcomes[channel][outcome] = count
        return {
            channel: Balance(
                channel=channel,
                raw=self._arrived[channel],
                received=sum(outcomes[channel].values()) + len(under_way[channel]) + len(missing[channel]),
                outcomes=outcomes[channel],
                in_flight=len(under_way[channel]),
                oldest_in_flight=min(under_way[channel], default=None),
                unaccounted=tuple(sorted(missing[channel], key=lambda one: (one.received_at, one.name))),
            )
            for channel in sorted({*(+self._arrived), *outcomes, *under_way, *missing})
        }

    def _on_arrived(self, fact: Arrived) -> None:
        name = f"r{fact.trace}"
        if name not in self._raws and fact.received_at < self.since:
            return
        raw = self._raw(fact.trace, fact.channel, fact.received_at)
        self._count(name, raw, -1)
        self._arrived[fact.channel] += not raw.arrived
        raw.arrived = True
        raw.published_at = max(raw.published_at, fact.published_at)
        self._count(name, raw, 1)
        self._bound()

    def _on_read(self, fact: Read) -> None:
        name = f"i{fact.item}"
        # A raw message that is still remembered was under way when its period was forgotten.
        if name not in self._items and f"r{fact.trace}" not in self._raws and fact.received_at < self.since:
            return
        raw = self._raw(fact.trace, fact.channel, fact.received_at)
        self._count(f"r{fact.trace}", raw, -1)
        raw.read = True
        self._count(f"r{fact.trace}", raw, 1)
        item = self._items.setdefault(name, ItemEntry(fact.channel, fact.received_at, BEGINNING))
        self._count(name, item, -1)
        item.published_at = max(item.published_at, fact.published_at)
        item.by_reader = item.by_reader or fact.outcome
        self._count(name, item, 1)
        for early in self._early.pop(name, ()):
            self.add(early)
        self._bound()

    def _on_item(self, item_name: str, fact: Became | PutAside) -> None:
        name = f"i{item_name}"
        item = self._items.get(name)
        if item is None:
            self._keep(name, fact)
            return
        self._count(name, item, -1)
        if isinstance(fact, PutAside):
            item.dead = True
        elif item.became is None or fact.greater_than(item.became):
            item.became = fact
        self._count(name, item, 1)

    def _on_raw(self, trace: str, fact: PutAside) -> None:
        name = f"r{trace}"
        raw = self._raws.get(name)
        if raw is None:
            self._keep(name, fact)
            return
        self._count(name, raw, -1)
        raw.dead = True
        self._count(name, raw, 1)

    def _keep(self, name: str, fact: Became | PutAside) -> None:
        """A fact of something that is not known yet, or was forgotten; the two cannot be told apart."""
        if fact.at < self.since:
            return
        if fact not in self._early[name]:
            self._early[name].append(fact)
        if self._most is not None and len(self._early) > self._most:
            del self._early[next(iter(self._early))]

    def _raw(self, trace: str, channel: str, received_at: datetime) -> RawEntry:
        """The entry of a raw message, made when anything of it is first heard of."""
        name = f"r{trace}"
        if name not in self._raws:
            self._raws[name] = RawEntry(channel, received_at)
            for early in self._early.pop(name, ()):
                self.add(early)
        return self._raws[name]

    def _count(self, name: str, entry: RawEntry | ItemEntry, by: int) -> None:
        """Take an entry out of the counts as it stands, or put it in."""
        if isinstance(entry, RawEntry) and not entry.received:
            return
        if entry.outcome is not None:
            self._settled[entry.channel, entry.outcome] += by
        elif by > 0:
            self._open[name] = entry
        else:
            self._open.pop(name, None)

    def _drop(self, name: str) -> None:
        entry = self._items.pop(name) if name in self._items else self._raws.pop(name)
        self._count(name, entry, -1)
        if isinstance(entry, RawEntry):
            self._arrived[entry.channel] -= entry.arrived

    def _older(self, entries: Mapping[str, RawEntry] | Mapping[str, ItemEntry]) -> Iterator[str]:
        """Names of what is older than the ledger and not under way, from the front: they came about in that order."""
        for name, entry in entries.items():
            if entry.received_at >= self.since:
                return
            if name not in self._open:
                yield name

    def _bound(self) -> None:
        """Forget a tenth of what has an outcome when there is too much of it."""
        if self._most is None or len(self._items) + len(self._raws) <= self._most:
            return
        settled = (entry.received_at for name, entry in self._items.items() if name not in self._open)
        last = max(islice(settled, max(1, self._most // 20)), default=None)
        if last is not None:
            self.forget(last + timedelta(microseconds=1))
