"""Generates the word tables of the language detector; run by hand when the choice of languages or words changes.

Needs the package `wordfreq`, which is no dependency of the gateway: install it in a throw-away environment and run
`python services/normalizer/language/build_tables.py`. The result is the same on every machine for one version of
`wordfreq` (tables here: 3.1.1).
"""

import gzip
import math
import unicodedata
from pathlib import Path

from wordfreq import get_frequency_dict  # type: ignore[import-not-found]  # a tool, see above

WORDS = 5_600
FLOOR = 1e-7
LATIN = (
    "vi", "en", "ca", "cs", "da", "de", "es", "fi", "fil", "fr", "hu", "id", "it",
    "ms", "nb", "nl", "pl", "pt", "ro", "sh", "sk", "sv", "tr",
)  # fmt: skip
TARGET = Path(__file__).with_name("words.tsv.gz")


def stripped(word: str) -> str:
    """The word without diacritics, as written on a keyboard without them."""
    plain = word.replace("đ", "d")
    return "".join(sign for sign in unicodedata.normalize("NFD", plain) if not unicodedata.combining(sign))


def most_frequent(language: str) -> dict[str, float]:
    """Frequencies of the most frequent words made of letters only; Vietnamese compounds count as their syllables."""
    found: dict[str, float] = {}
    for word, frequency in get_frequency_dict(language, wordlist="best").items():
        for part in unicodedata.normalize("NFC", word).lower().replace("_", " ").replace("'", " ").split():
            if part.isalpha():
                found[part] = found.get(part, 0.0) + frequency
    kept = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:WORDS]
    return dict(kept)


def level(frequency: float) -> int:
    """Half nats above the floor, 1 to 40: enough for a margin of eight nats."""
    return max(1, min(40, round(2 * math.log(max(frequency, FLOOR) / FLOOR))))


def main() -> None:
    """Write one line a language: its code, then its words in groups of equal level, most frequent first."""
    lines = []
    for language in LATIN:
        table = most_frequent(language)
        lines.append(line_of(language, table))
        if language == "vi":
            bare: dict[str, float] = {}
            for word, frequency in table.items():
                bare[stripped(word)] = bare.get(stripped(word), 0.0) + frequency
            lines.append(line_of("vi-bare", bare))
    TARGET.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
    print(TARGET.stat().st_size)  # noqa: T201 - a tool for the command line


def line_of(language: str, table: dict[str, float]) -> str:
    """One line: code, then `level word word …` groups parted by tabs."""
    groups: dict[int, list[str]] = {}
    for word, frequency in table.items():
        groups.setdefault(level(frequency), []).append(word)
    parts = [f"{number} {' '.join(sorted(words))}" for number, words in sorted(groups.items(), reverse=True)]
    return "\t".join([language, *parts])


if __name__ == "__main__":
    main()
