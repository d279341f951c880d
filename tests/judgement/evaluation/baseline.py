"""What the committed judgement reaches, figure by figure, so that a change for the worse is seen."""

import json
from collections.abc import Iterable
from pathlib import Path

from tests.judgement.evaluation.sets import FOLDER
from tests.judgement.evaluation.tally import Figure

PATH = FOLDER / "baseline.json"
TOLERANCE = 0.005
"""By how much a figure may be worse; one case of a small set always may."""


def keep(figures: Iterable[Figure], path: Path = PATH) -> None:
    """Write what was reached as the new baseline."""
    kept = {figure.key: round(figure.value, 4) for figure in figures if figure.guarded}
    path.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def kept(path: Path = PATH) -> dict[str, float]:
    """The baseline by key."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def is_worse(figure: Figure, before: float) -> bool:
    """Whether a figure has fallen behind its baseline by more than is tolerated."""
    allowed = max(TOLERANCE, 1.01 / max(1, figure.of))
    return (figure.value - before if figure.smaller else before - figure.value) > allowed
