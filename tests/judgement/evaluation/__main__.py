"""`make eval`: prints every figure with its aim, and writes the report with the misses to build/eval/report.html."""

import argparse
import sys
from pathlib import Path

from services.normalizer.settle import Rules
from tests.judgement.evaluation import baseline, report
from tests.judgement.evaluation.sets import KEPT_APART, LABELLED, cases
from tests.judgement.evaluation.speed import costs
from tests.judgement.evaluation.whole import Evaluation, development, kept_apart
from tests.judgement.judging import lexicon, province

REPORT = Path("build/eval/report.html")


def main() -> None:
    """Measure, print, and write the report; `--release` also runs the sets kept apart."""
    parser = argparse.ArgumentParser(prog="make eval", description=__doc__)
    parser.add_argument("--release", action="store_true", help="also run the test sets kept apart")
    parser.add_argument("--keep", action="store_true", help="keep these figures as the baseline of the tests")
    asked = parser.parse_args()
    rules = Rules(province(), lexicon())
    found = [development(rules)]
    if asked.release:
        found += [kept_apart(name, rules) for name in KEPT_APART]
    for one in found:
        _show(one)
    messages = [case for name in LABELLED for case in cases(name)]
    sys.stdout.write("\n" + "".join(f"{figure}\n" for figure in costs(messages, province(), lexicon())))
    report.write(found, REPORT)
    sys.stdout.write(f"Report with every miss: {REPORT}\n")
    if asked.keep:
        baseline.keep(found[0].figures)


def _show(evaluation: Evaluation) -> None:
    lines = [f"\n{evaluation.title}", *(str(figure) for figure in evaluation.figures)]
    lines += ["", f"{'label':<32}{'precision':>10}{'recall':>10}{'messages':>10}"]
    lines += [
        f"{one.label:<32}{one.precision:>10.3f}{one.recall:>10.3f}{one.wanted:>10}" for one in evaluation.precisions
    ]
    lines += ["", "taken for another, most often first"]
    wrong = [(count, pair) for pair, count in evaluation.confusion.items() if pair[0] != pair[1]]
    lines += [f"{count:>6}  {wanted} taken for {got}" for count, (wanted, got) in sorted(wrong, reverse=True)[:25]]
    lines += ["", f"{'confidence':>12}{'right':>8}{'messages':>10}"]
    lines += [f"{one.confidence:>12.2f}{one.right:>8.2f}{one.of:>10}" for one in evaluation.calibration]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
