"""Writes the evaluation as one HTML page that needs nothing beside it."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.judgement.evaluation.fields import ABSTAINED, NOTHING
from tests.judgement.evaluation.whole import Evaluation

MOST_BYTES = 3_000_000
"""The page stays below this: misses are bounded in number and length where they are counted."""

_TEMPLATES = Path(__file__).parent


def write(evaluations: list[Evaluation], path: Path) -> None:
    """The page about the evaluations, in their order."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html").render(
        evaluations=evaluations, columns=_columns, rows=_rows, size=400
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _rows(evaluation: Evaluation) -> list[str]:
    return [one.label for one in evaluation.precisions if one.wanted]


def _columns(evaluation: Evaluation) -> list[str]:
    return [*[one.label for one in evaluation.precisions if one.wanted or one.got], ABSTAINED, NOTHING]
