"""Keeps how often words stand in texts of each field: counted from thousands of them once, not at every start."""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

Counts = tuple[tuple[int, int], ...]
"""Numbers of fields, ascending, each with how many of its texts have a term; shared by all terms that have the same."""

Put = tuple[str, str, tuple[str, ...]]
"""A text of one field: the field, its words as they were put, and its terms."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Fields, the digests of the texts that were counted, and by term how many texts of each field have it."""

    fields: tuple[str, ...]
    texts: frozenset[str]
    terms: Mapping[str, Counts]

    def and_also(self, more: Iterable[Put]) -> "Counted":
        """With further texts; in any order they give the same. Raises KeyError for a field that nothing was put to."""
        numbers = {field: number for number, field in enumerate(self.fields)}
        texts = set(self.texts)
        added: dict[str, dict[int, int]] = {}
        for field, text, terms in more:
            number = numbers[field]
            texts.add(digest_of(field, text))
            for term in terms:
                counts = added.get(term)
                if counts is None:
                    counts = added[term] = dict(self.terms.get(term, ()))
                counts[number] = counts.get(number, 0) + 1
        shared: dict[Counts, Counts] = {}
        changed = {}
        for term, counts in added.items():
            each = tuple(sorted(counts.items()))
            changed[term] = shared.setdefault(each, each)
        return Counted(self.fields, frozenset(texts), {**self.terms, **changed})


def nothing_of(fields: Iterable[str]) -> Counted:
    """Nothing counted yet, for texts of these fields."""
    return Counted(tuple(sorted(set(fields))), frozenset(), {})


def digest_of(field: str, text: str) -> str:
    """What a counted text is known by."""
    return hashlib.sha256(f"{field}\t{text}".encode()).hexdigest()[:10]


def load_counted(path: Path) -> Counted:
    """Read what was counted; OSError, EOFError or ValueError if it is no such file.

    A line of the fields, behind the digest of all examples; one of the texts of the lexicon; then a line for all terms
    that are counted alike: `number:count` for each field, and the terms.
    """
    head, texts, *lines = gzip.decompress(path.read_bytes()).decode().split("\n")
    fields = tuple(head.split("\t")[1:])
    terms: dict[str, Counts] = {}
    pairs: dict[str, tuple[int, int]] = {}
    for line in lines:
        written, *alike = line.split("\t")
        each = written.split(" ")
        pairs.update((one, _pair(one, len(fields))) for one in each if one not in pairs)
        terms.update(dict.fromkeys(alike, tuple([pairs[one] for one in each])))
    return Counted(fields, frozenset(texts.split("\t")), terms)


def _pair(written: str, fields: int) -> tuple[int, int]:
    number, count = map(int, written.split(":"))
    if not 0 <= number < fields or count < 1:
        raise ValueError("a count of no field, or of nothing")
    return number, count


def write_counted(path: Path, counted: Counted, learnt_from: str) -> None:
    """Write what was counted, the same bytes for the same counts; `learnt_from` is the digest of all examples."""
    alike: dict[Counts, list[str]] = {}
    for term in sorted(counted.terms):
        alike.setdefault(counted.terms[term], []).append(term)
    lines = ["\t".join((learnt_from, *counted.fields)), "\t".join(sorted(counted.texts))]
    lines += ["\t".join((_written(counts), *alike[counts])) for counts in sorted(alike)]
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def _written(counts: Counts) -> str:
    return " ".join(f"{number}:{count}" for number, count in counts)
