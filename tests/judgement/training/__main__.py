"""`python -m tests.judgement.training`: learns the alarms anew; `--across` measures them set by set, each unseen."""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from services.normalizer.alarms import write_alarms
from services.normalizer.lexicon import ALARMS, Lexicon
from services.normalizer.settle import Rules
from tests.judgement.evaluation.fields import emergencies
from tests.judgement.evaluation.sets import cases, judged
from tests.judgement.judging import FOLDER, lexicon, province
from tests.judgement.training.examples import Told, digest, every_example, labelled_files
from tests.judgement.training.learning import learnt


def main() -> None:
    """Learn from all examples and write the model, or leave out one set after the other and measure it."""
    parser = argparse.ArgumentParser(prog="python -m tests.judgement.training", description=__doc__)
    parser.add_argument("--across", nargs="*", metavar="SET", help="measure these sets (all of them if none is named)")
    asked = parser.parse_args()
    told = every_example(FOLDER / "lexicon", province(), lexicon())
    if asked.across is None:
        started = time.monotonic()
        model = learnt(told)
        write_alarms(FOLDER / "lexicon" / ALARMS, model, digest(told))
        sys.stdout.write(f"{len(model.weights)} terms of {len(told)} examples in {time.monotonic() - started:.0f} s\n")
        return
    for name in asked.across or labelled_files(told):
        _measure(name, told, lexicon())


def _measure(name: str, told: Sequence[Told], words: Lexicon) -> None:
    """Print recall and precision over a set of a model that never saw it, nor any text of it in another set."""
    texts = {one.text for one in told if one.source == name}
    rules = Rules(province(), replace(words, alarms=learnt([one for one in told if one.text not in texts])))
    for figure in emergencies(judged(cases(name), rules.province, rules.lexicon)):
        sys.stdout.write(f"{name:<14}{figure}\n")


if __name__ == "__main__":
    main()
