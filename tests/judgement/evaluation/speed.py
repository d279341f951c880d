"""How many messages one core judges in a second; the only figure that depends on the machine."""

from gateway.domain.province import Province
from services.normalizer.judge import judge
from services.normalizer.lexicon import Lexicon
from services.normalizer.policy import verdict
from tests.cpu_time import cpu_seconds
from tests.judgement.evaluation.sets import Case, matter_of
from tests.judgement.evaluation.tally import Figure


def speed(labelled: list[Case], province: Province, lexicon: Lexicon) -> Figure:
    """Messages judged and decided in one second of processor time."""
    matters = [matter_of(case) for case in labelled]

    def work() -> None:
        for matter in matters:
            verdict(judge(matter, province, lexicon), matter)

    seconds = cpu_seconds(work, bound=0.0)
    return Figure("speed", "judged by one core", len(matters) / seconds, len(matters), 1000, unit="/s", guarded=False)
