"""Reads and writes the trained model: terms as text, weights in columns, the same bytes for the same weights."""

import gzip
import sys
from array import array
from pathlib import Path

from schemas.vocabulary import EMERGENCIES, Label
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
    rows = {term: row for row, term in enumerate([NO_WORDS, *terms])}
    size = 2 * len(rows)
    if not found or len(weights) != size * (1 + len(labels)):
        raise ValueError("a weight is missing")
    columns = tuple(_column(weights[at : at + size]) for at in range(0, len(weights), size))
    return Trained(labels, rows, columns)


def write_trained(path: Path, trained: Trained, learnt_from: str) -> None:
    """Write a trained model; `learnt_from` is the digest of its examples."""
    terms = sorted(trained.rows)  # Of all terms what stands for none comes first.
    head = "\n".join(("\t".join((learnt_from, *trained.kinds)), *terms[1:]))
    columns = (array("h", [column[trained.rows[term]] for term in terms]) for column in trained.columns)
    weights = b"".join(_low_byte_first(column).tobytes() for column in columns)
    path.write_bytes(gzip.compress(head.encode() + _END_OF_TERMS + weights, mtime=0))


def learnt_from(path: Path) -> str:
    """The digest of the examples that a model was trained on."""
    with gzip.open(path, "rb") as lines:
        return lines.readline().rstrip(b"\n").split(b"\t")[0].decode()


def _column(weights: bytes) -> "array[int]":
    return _low_byte_first(array("h", weights))


def _low_byte_first(column: "array[int]") -> "array[int]":
    """On a machine that counts from the other end, the same with its bytes turned round."""
    if sys.byteorder == "big":
        column.byteswap()
    return column
