"""`python -m tests.judgement.training`: learns alarms, fields and owners anew; `--across` measures sets unseen."""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from services.normalizer.contact.whose import write_whose
from services.normalizer.counted import write_counted
from services.normalizer.lexicon import FIELDS, TRAINED, WHOSE
from services.normalizer.likeness import Likeness
from services.normalizer.trained_file import write_trained
from tests.judgement.evaluation.contact import contacts
from tests.judgement.evaluation.fields import complaints, emergencies, labels, outcomes
from tests.judgement.evaluation.sets import cases, judged
from tests.judgement.judging import FOLDER, lexicon, province
from tests.judgement.training.examples import Told, digest, every_example, labelled_files, told_lines
from tests.judgement.training.learning import learnt
from tests.judgement.training.matters import Matter, counted, every_matter, matter_lines
from tests.judgement.training.whose import Owners, every_owner, learnt_whose, owner_lines


def main() -> None:
    """Learn from all examples and write the model, or leave out one set after the other and measure it."""
    parser = argparse.ArgumentParser(prog="python -m tests.judgement.training", description=__doc__)
    parser.add_argument("--across", nargs="*", metavar="SET", help="measure these sets (all of them if none is named)")
    asked = parser.parse_args()
    owners = every_owner(province(), lexicon())
    if asked.across is None:
        started = time.monotonic()
        whose = learnt_whose(owners)
        write_whose(FOLDER / "lexicon" / WHOSE, whose, digest(owner_lines(owners)))
        sys.stdout.write(f"owners: {len(whose.weights)} terms of {len(owners.numbers)} numbers and ")
        sys.stdout.write(f"{len(owners.places)} places; in {time.monotonic() - started:.0f} s\n")
    # What is contact says nothing of the matter: what it is told by counts first.
    words = replace(lexicon(), whose=learnt_whose(owners))
    told = every_example(FOLDER / "lexicon", province(), words)
    matters = every_matter(FOLDER / "lexicon", province(), words)
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
        _measure(name, told, matters, owners)


def _measure(name: str, told: Sequence[Told], matters: Sequence[Matter], owners: Owners) -> None:
    """Print what models give on a set that they never saw, nor any text of it in another set."""
    texts = {str(case["text"]) for case in cases(name)}
    trained = learnt([one for one in told if one.text not in texts])
    likeness = Likeness.of(counted([one for one in matters if one.text not in texts]))
    words = replace(lexicon(), trained=trained, likeness=likeness, whose=learnt_whose(owners.without(texts)))
    found = judged(cases(name), province(), words)
    told_of = (*emergencies(found), *complaints(found), *contacts(found, province(), words))
    for figure in (*outcomes(found, name), *labels(found, name), *told_of):
        sys.stdout.write(f"{name:<14}{figure}\n")


if __name__ == "__main__":
    main()
