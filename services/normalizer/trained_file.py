"""Reads and writes the trained model: text, compressed, the same bytes for the same weights."""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

from schemas.vocabulary import EMERGENCIES, Label
from services.normalizer.trained import NO_WORDS, Trained, Weights

KINDS = frozenset({*EMERGENCIES, Label.COMPLAINT_DENUNCIATION})


def load_trained(path: Path) -> Trained:
    """Read a trained model: the kinds, then a term and its weights a line; OSError or ValueError if it is none."""
    head, *lines = gzip.decompress(path.read_bytes()).decode().split("\n")
    kinds = tuple(Label(one) for one in head.split("\t")[1:])
    if frozenset(kinds) != KINDS:
        raise ValueError("it does not tell the three emergencies and legal complaints apart")
    trained = Trained.of(kinds, _weighed_terms(lines, 1 + len(kinds)))
    if NO_WORDS not in trained.rows:
        raise ValueError("a weight is missing")
    return trained


def _weighed_terms(lines: Iterable[str], size: int) -> Iterator[tuple[str, Weights]]:
    numbers: dict[str, int] = {}  # Equal ones are read once and kept once.
    for line in lines:
        term, *written = line.split("\t")
        if len(written) != size:
            raise ValueError("a weight is missing")
        numbers.update([(one, int(one)) for one in written if one not in numbers])
        yield term, tuple([numbers[one] for one in written])


def write_trained(path: Path, trained: Trained, learnt_from: str) -> None:
    """Write a trained model, the same bytes for the same weights; `learnt_from` is the digest of its examples."""
    lines = ["\t".join((learnt_from, *trained.kinds))]
    lines += ["\t".join((term, *map(str, each))) for term, each in sorted(trained.weights().items())]
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def learnt_from(path: Path) -> str:
    """The digest of the examples that a model was trained on."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return lines.readline().rstrip("\n").split("\t")[0]
