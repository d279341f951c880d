"""What tests of the judgement share: the deployment's own province and lexicon, and a matter in one line."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from gateway.domain.province import Province
from gateway.runtime.province_folder import load_province
from schemas.inbound import Contact
from schemas.vocabulary import Intake
from services.normalizer.judge import judge
from services.normalizer.judgement import Judgement, Matter
from services.normalizer.lexicon import Lexicon
from services.normalizer.policy import Verdict, verdict
from tests.read_once import load_lexicon

FOLDER = Path(__file__).parents[2] / "deploy/provinces/binh_phuoc"
DAY = date(2024, 11, 20)
COMPLETE = Contact(name="Nguyễn Văn An", phone="+84912345678", address="ấp 3, xã Tân Hưng, huyện Hớn Quản")


@lru_cache(maxsize=1)
def province() -> Province:
    """The province of the deployment in the repository."""
    return load_province(FOLDER)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Its lexicon."""
    return load_lexicon(FOLDER / "lexicon")


def matter(text: str, **more: Any) -> Matter:  # noqa: ANN401 - any member of Matter
    """A chat message received in November 2024, unless told otherwise."""
    return Matter(**{"text": text, "channel": "zalo", "intake": Intake.CHAT, "received": DAY, **more})


def judged(text: str, **more: Any) -> Judgement:  # noqa: ANN401 - any member of Matter
    """What the rules find in a text."""
    return judge(matter(text, **more), province(), lexicon())


def decided(text: str, *, asked: bool = False, **more: Any) -> Verdict:  # noqa: ANN401 - any member of Matter
    """What becomes of a text."""
    one = matter(text, **more)
    return verdict(judge(one, province(), lexicon()), one, asked=asked)
