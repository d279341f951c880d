"""`python -m tests.judgement.training`: learns alarms and fields anew; `--across` measures each set unseen."""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from services.normalizer.counted import write_counted
from services.normalizer.lexicon import FIELDS, TRAINED
from services.normalizer.likeness import Likeness
from services.normalizer.trained_file import write_trained
from tests.judgement.evaluation.fields import complaints, emergencies, labels, outcomes
from tests.judgement.evaluation.sets import cases, judged
from tests.judgement.judging import FOLDER, lexicon, province
from tests.judgement.training.examples import Told, digest, every_example, labelled_files, told_lines
from tests.judgement.training.learning import learnt
from tests.judgement.training.matters import Matter, counted, every_matter, matter_lines


def main() -> None:
    """Learn from all examples and write the model, or leave out one set after the other and measure it."""
    parser = argparse.ArgumentParser(prog="python -m tests.judgement.training", description=__doc__)
    parser.add_argument("--across", nargs="*", metavar="SET", help="measure these sets (all of them if none is named)")
    asked = parser.parse_args()
    told = every_example(FOLDER / "lexicon", province(), lexicon())
    matters = every_matter(FOLDER / "lexicon", province(), lexicon())
    if asked.across is None:
        started = time.monotonic()
        model, fields = learnt(told), counted(matters)
        write_trained(FOLDER / "lexicon" / TRAINED, model, digest(told_lines(told)))
        write_counted(FOLDER / "lexicon" / FIELDS, fields, digest(matter_lines(matters)))
        took = time.monotonic() - started
        sys.stdout.write(f"trained: {len(model.weights())} terms of {len(told)} examples\n")
        sys.stdout.write(f"fields: {len(fields.terms)} terms of {len(matters)} texts; in {took:.0f} s\n")
        return
    for name in asked.across or labelled_files(told):
        _measure(name, told, matters)


def _measure(name: str, told: Sequence[Told], matters: Sequence[Matter]) -> None:
    """Print what models give on a set that they never saw, nor any text of it in another set."""
    texts = {str(case["text"]) for case in cases(name)}
    trained = learnt([one for one in told if one.text not in texts])
    likeness = Likeness.of(counted([one for one in matters if one.text not in texts]))
    words = replace(lexicon(), trained=trained, likeness=likeness)
    found = judged(cases(name), province(), words)
    for figure in (*outcomes(found, name), *labels(found, name), *emergencies(found), *complaints(found)):
        sys.stdout.write(f"{name:<14}{figure}\n")


if __name__ == "__main__":
    main()
