"""Reads provinces and lexicons once a process: they are immutable, and hundreds of tests open a deployment."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from gateway.domain.province import Province
from gateway.runtime import province_folder
from services.normalizer import lexicon
from services.normalizer.lexicon import Lexicon

_load_lexicon = lexicon.load_lexicon
_load_province = province_folder.load_province


def load_lexicon(folder: Path) -> Lexicon:
    """The lexicon of a folder as it is now, learnt anew only if a file of it has changed."""
    return _lexicon(folder, _digest(folder))


def load_province(folder: Path) -> Province:
    """The province of a folder as it is now, read anew only if a file of it has changed."""
    return _province(folder, _digest(folder))


@cache
def _lexicon(folder: Path, _digest: str) -> Lexicon:
    return _load_lexicon(folder)


@cache
def _province(folder: Path, _digest: str) -> Province:
    return _load_province(folder)


def _digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return sha256(b"\0".join(str(path).encode() + b"\0" + path.read_bytes() for path in files)).hexdigest()
