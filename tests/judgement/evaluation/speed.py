"""What judging costs: messages a second, the worst texts, the start; the only figures that depend on the machine."""

import subprocess
import sys

from gateway.domain.province import Province
from services.normalizer.judge import judge
from services.normalizer.lexicon import Lexicon
from services.normalizer.policy import verdict
from tests.cpu_time import cpu_seconds
from tests.judgement.evaluation.sets import Case, matter_of
from tests.judgement.evaluation.tally import Figure

WORST = {
    "1 MB of ordinary words": "Đèn đường ấp 3 hư, nước chảy, chó cắn người, cháy bóng. " * 18_000,
    "400 000 combining marks": "e" + "\u0301" * 400_000,
    "10 000 numbers": "0912345678 " * 10_000,
    "what patterns begin with, over and over": "em bị tôi tên là ấp 3 xã cháy @ ( đ.m 0 " * 1_000,
    "one letter, 1 MB": "a" * 1_000_000,
    "names and places without an end": "Nguyễn Văn An ấp Tân Hưng xã Tân Lợi " * 1_000,
}
"""Bounded texts that a citizen, or somebody who means harm, may send."""

_START = """
import os, time
from pathlib import Path
from tests.judgement.judging import FOLDER, province
from services.normalizer.lexicon import load_lexicon

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

province()
before, started = resident(), time.thread_time()
lexicon = load_lexicon(FOLDER / "lexicon")
print(time.thread_time() - started, resident() - before)
"""


def costs(labelled: list[Case], province: Province, lexicon: Lexicon) -> tuple[Figure, ...]:
    """Every cost, in processor time of one core; the start's in a process of its own."""
    return (speed(labelled, province, lexicon), worst(province, lexicon), *start())


def speed(labelled: list[Case], province: Province, lexicon: Lexicon) -> Figure:
    """Messages judged and decided in one second."""
    matters = [matter_of(case) for case in labelled]

    def work() -> None:
        for matter in matters:
            verdict(judge(matter, province, lexicon), matter)

    seconds = cpu_seconds(work, bound=0.0)
    return Figure("speed", "judged by one core", len(matters) / seconds, len(matters), 1000, unit="/s", guarded=False)


def worst(province: Province, lexicon: Lexicon) -> Figure:
    """Milliseconds for the worst of the texts that are meant to take long."""
    taken = {}
    for name, text in WORST.items():
        matter = matter_of({"text": text})
        taken[name] = 1000 * cpu_seconds(lambda matter=matter: judge(matter, province, lexicon), bound=0.0)  # type: ignore[misc]  # one matter a round
    name = max(taken, key=lambda one: taken[one])
    title = f"the worst text: {name}"
    return Figure("worst", title, taken[name], len(taken), 50, smaller=True, unit="ms", guarded=False)


def start() -> tuple[Figure, Figure]:
    """Seconds and megabytes that loading and compiling the lexicon adds to a process."""
    done = subprocess.run([sys.executable, "-c", _START], capture_output=True, check=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    return (
        Figure("start", "start, on top", seconds, 1, 0.8, smaller=True, unit="s", guarded=False),
        Figure("memory", "memory, on top", megabytes, 1, 100, smaller=True, unit="MB", guarded=False),
    )
