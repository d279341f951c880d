"""Loads the word-frequency tables of the language detector."""

import gzip
from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).with_name("words.tsv.gz")


@dataclass(frozen=True, slots=True)
class WordTables:
    """Per word one byte a language (half nats above the floor, 0 when unknown), in the order of `languages`."""

    languages: tuple[str, ...]
    words: dict[str, bytes]


def load_tables(path: Path = PATH) -> WordTables:
    """Read the generated tables: one line a language, groups of words of equal level."""
    lines = gzip.decompress(path.read_bytes()).decode().split("\n")
    languages = tuple(line.split("\t", 1)[0] for line in lines)
    levels: dict[str, bytearray] = {}
    for number, line in enumerate(lines):
        for group in line.split("\t")[1:]:
            level, *words = group.split(" ")
            value = int(level)
            for word in words:
                known = levels.get(word)
                if known is None:
                    known = levels[word] = bytearray(len(languages))
                known[number] = value
    shared: dict[bytes, bytes] = {}  # Most words are of one language at one level: equal ones are kept once.
    return WordTables(
        languages, {word: shared.setdefault(each := bytes(known), each) for word, known in levels.items()}
    )
