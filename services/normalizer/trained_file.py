"""Reads and writes the trained model: terms as text, weights in columns, the same bytes for the same weights."""

import gzip
import struct
from pathlib import Path

from schemas.vocabulary import EMERGENCIES, Label
from services.normalizer.lanes import rows_of
from services.normalizer.trained import NO_WORDS, Trained

KINDS = frozenset({*EMERGENCIES, Label.COMPLAINT_DENUNCIATION})
_END_OF_TERMS = b"\n\n"


def load_trained(path: Path) -> Trained:
    """Read a trained model: the kinds, a term a line, and behind an empty line the weights of each column.

    A weight takes two bytes, the lower one first. OSError, EOFError or ValueError if it is no such file.
    """
    head, found, weights = gzip.decompress(path.read_bytes()).partition(_END_OF_TERMS)
    kinds, *terms = head.decode().split("\n")
    labels = tuple(Label(one) for one in kinds.split("\t")[1:])
    if frozenset(labels) != KINDS:
        raise ValueError("it does not tell the three emergencies and legal complaints apart")
    size = 2 * (1 + len(terms))
    if not found or len(weights) != size * (1 + len(labels)):
        raise ValueError("a weight is missing")
    columns = [_biased(weights[at : at + size]) for at in range(0, len(weights), size)]
    ones = b"\1\0" * (1 + len(terms))
    shared: dict[int, int] = {}  # A third of the terms weigh the same as others, and equal rows are kept once.
    each = [shared.setdefault(row, row) for row in rows_of([*columns, ones])]
    rows = dict(zip([NO_WORDS, *terms], each, strict=True))
    if len(rows) != 1 + len(terms):
        raise ValueError("a term stands there twice")
    return Trained(labels, rows)


def write_trained(path: Path, trained: Trained, learnt_from: str) -> None:
    """Write a trained model; `learnt_from` is the digest of its examples."""
    terms, rows = zip(*sorted(trained.weights().items()), strict=True)  # What stands for no term comes first.
    head = "\n".join(("\t".join((learnt_from, *trained.kinds)), *terms[1:]))
    weights = b"".join(struct.pack(f"<{len(terms)}h", *column) for column in zip(*rows, strict=True))
    path.write_bytes(gzip.compress(head.encode() + _END_OF_TERMS + weights, mtime=0))


def learnt_from(path: Path) -> str:
    """The digest of the examples that a model was trained on."""
    with gzip.open(path, "rb") as lines:
        return lines.readline().rstrip(b"\n").split(b"\t")[0].decode()


_FLIPPED = bytes(number ^ 0x80 for number in range(256))


def _biased(column: bytes) -> bytes:
    """The weights with `BIAS` added: of two bytes with a sign, that turns round the highest bit."""
    found = bytearray(column)
    found[1::2] = column[1::2].translate(_FLIPPED)
    return bytes(found)
