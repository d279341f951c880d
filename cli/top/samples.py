"""What the services export at one moment, added up over all of them as the dashboards do."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

INSTANCE = "instance"
"""The label by which samples of different services are told apart, as Prometheus has it."""

ALL = ""
"""The key of what is not told apart by any label."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One exported value; a counter's `name` ends in `_total`."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Samples:
    """Every sample of every service that answered, at `at` (seconds since 1970)."""

    at: float
    samples: Sequence[Sample]

    def sums(self, name: str, by: str = ALL, **wanted: str) -> dict[str, float]:
        """Added up by a label: for counters, of which each process has its own part."""
        found: dict[str, float] = defaultdict(float)
        for sample in self._of(name, wanted):
            found[sample.labels.get(by, ALL)] += sample.value
        return dict(found)

    def most(self, name: str, by: str = ALL, **wanted: str) -> dict[str, float]:
        """The greatest by a label: for what several processes may tell of the same thing."""
        return _chosen(self._of(name, wanted), by, max)

    def least(self, name: str, by: str = ALL, **wanted: str) -> dict[str, float]:
        """The smallest by a label."""
        return _chosen(self._of(name, wanted), by, min)

    def told(self, name: str, by: str = ALL, **wanted: str) -> dict[str, float]:
        """Added up by a label, but once only where several processes tell the same."""
        once: dict[tuple[tuple[str, str], ...], float] = {}
        keys: dict[tuple[tuple[str, str], ...], str] = {}
        for sample in self._of(name, wanted):
            place = tuple(sorted(item for item in sample.labels.items() if item[0] != INSTANCE))
            once[place] = max(once.get(place, sample.value), sample.value)
            keys[place] = sample.labels.get(by, ALL)
        found: dict[str, float] = defaultdict(float)
        for place, value in once.items():
            found[keys[place]] += value
        return dict(found)

    def rates(self, before: "Samples", name: str, by: str = ALL, **wanted: str) -> dict[str, float]:
        """A counter's growth per second since an earlier look; a counter that began anew grew from 0."""
        seconds = max(self.at - before.at, 0.001)
        earlier = before.sums(name, by, **wanted)
        return {
            key: (value - earlier.get(key, 0.0) if value >= earlier.get(key, 0.0) else value) / seconds
            for key, value in self.sums(name, by, **wanted).items()
        }

    def _of(self, name: str, wanted: Mapping[str, str]) -> Iterator[Sample]:
        for sample in self.samples:
            if sample.name == name and all(sample.labels.get(label) == value for label, value in wanted.items()):
                yield sample


def parsed(text: str, instance: str) -> list[Sample]:
    """The samples of a service's exposition; raises `ValueError` for what is none."""
    return [
        Sample(one.name, {**one.labels, INSTANCE: instance}, one.value)
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if not one.name.endswith(("_bucket", "_created"))
    ]


def _chosen(samples: Iterable[Sample], by: str, choose: Callable[[float, float], float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for sample in samples:
        key = sample.labels.get(by, ALL)
        found[key] = choose(found.get(key, sample.value), sample.value)
    return found
