"""The judgement on the labelled sets of our own writing does not fall behind its committed baseline."""

import re
from pathlib import Path

import pytest

from schemas.vocabulary import REDIRECTED, SUBFIELDS, Label
from services.normalizer.settle import Rules
from tests.judgement.evaluation import baseline, report
from tests.judgement.evaluation.sets import KEPT_APART, LABELLED, cases
from tests.judgement.evaluation.tally import Figure
from tests.judgement.evaluation.whole import Evaluation, development
from tests.judgement.judging import judged

KEPT = baseline.kept()


@pytest.fixture(scope="module")
def measured(rules: Rules) -> Evaluation:
    return development(rules)


@pytest.mark.parametrize("key", sorted(KEPT))
def test_figure_does_not_fall_behind(measured: Evaluation, key: str) -> None:
    figure = next(one for one in measured.figures if one.key == key)
    assert not baseline.is_worse(figure, KEPT[key]), "\n".join([f"{figure}, was {KEPT[key]}", *figure.misses])


def test_every_figure_has_a_baseline(measured: Evaluation) -> None:
    assert {figure.key for figure in measured.figures if figure.guarded} == set(KEPT)


@pytest.mark.parametrize(
    ("value", "better_is", "worse"),
    [(0.896, "more", False), (0.894, "more", True), (0.104, "less", False), (0.11, "less", True)],
)
def test_a_change_for_the_worse_is_seen(value: float, better_is: str, *, worse: bool) -> None:
    figure = Figure("any", "any", value, of=1000, smaller=better_is == "less")
    assert baseline.is_worse(figure, 0.10 if figure.smaller else 0.90) is worse


def test_report_needs_nothing_beside_it(measured: Evaluation, tmp_path: Path) -> None:
    page = tmp_path / "eval" / "report.html"
    report.write([measured], page)
    text = page.read_text(encoding="utf-8")
    assert len(text.encode()) < report.MOST_BYTES
    assert "<svg" in text
    assert not re.search(r"(src|href)=|@import|url\(|https?://(?![^<]*</li>)", text)


def test_sets_share_no_message() -> None:
    texts = [
        case["text"] for name in (*LABELLED, *KEPT_APART, "contact") for case in cases(name) if len(case["text"]) > 60
    ]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    "innocent",
    [
        "xe buyt dang chay ma tai xe bam dien thoai", "xe may chay lan tuyen xe o to",
        "duong kho chay qua troi mua la lay",
        "cap xe buyt mien phi cho nguoi gia", "xe can duoc rua truoc khi ra khoi cong trinh",
        "moi nguoi chay xe qua day deu than duong xau", "xin treo co to quoc sao cho dung",
    ],
)  # fmt: skip
def test_words_that_lost_their_tones_are_no_emergency(innocent: str) -> None:
    assert judged(innocent).emergency is None


@pytest.mark.parametrize(
    ("report", "label"),
    [
        ("chú thợ điện bị giật té từ trụ xuống, nằm im không nhúc nhích", Label.EMERGENCY_MEDICAL),
        ("con bé nuốt cục pin, mặt tím tái", Label.EMERGENCY_MEDICAL),
        ("thằng nhỏ trượt chân rơi xuống mương, chưa thấy lên", Label.EMERGENCY_FIRE_RESCUE),
        ("lửa cháy lan qua dãy trọ, còn người bên trong", Label.EMERGENCY_FIRE_RESCUE),
        ("mấy thanh niên chặn xe kề dao lấy hết tiền của em", Label.EMERGENCY_POLICE),
    ],
)
def test_who_is_hurt_and_how_is_an_emergency(report: str, label: Label) -> None:
    assert judged(report).emergency is label


def test_likeness_alone_tells_an_emergency_with_the_words_that_say_so() -> None:
    found = judged("có người lạ đứng ngoài cửa sổ rọi đèn pin vô nhà nãy giờ, em ở một mình")
    assert found.emergency is Label.EMERGENCY_POLICE
    assert [one for one in found.evidence if one.rule.startswith("emergency.")]


@pytest.mark.parametrize("text", ["giúp tôi với ạ", "quán nhậu kế nhà em", "help me please"])
def test_few_words_are_never_alarming_by_likeness_alone(text: str) -> None:
    assert judged(text).emergency is None


@pytest.mark.parametrize(
    "innocent",
    ["con ngu khong duoc vi karaoke", "khi nao cho lam can cuoc", "xe bon cho xang", "mat cho dong xoai", "the deo co",
     "thang cho thue nha khong dang ky tam tru", "lam sao cho de hieu thu tuc nay", "xác chó chết hôi thối"],
)  # fmt: skip
def test_words_that_lost_their_tones_are_no_insult(innocent: str) -> None:
    assert not judged(innocent).conduct


def test_sets_are_broad() -> None:
    labelled = [case for name in LABELLED for case in cases(name)]
    fields = {field for case in labelled for field in case.get("fields", [])}
    every = {f"{label}.{subfield}" for label, subfields in SUBFIELDS.items() for subfield in subfields}
    assert every <= fields
    assert set(REDIRECTED) <= fields
    assert len(labelled) >= 600
    told = [case for case in labelled if any(item in case for item in ("name", "phone", "commune"))]
    assert len(told + cases("contact")) >= 400
    assert len({case["text"] for case in labelled + cases("language")}) >= 1500
    assert len(cases("dialogues")) >= 60


@pytest.mark.parametrize(
    "innocent",
    ["dịp tết vé xe cháy hàng hết", "mua hoa bị chém giá", "đọc hóa đơn muốn đột quỵ",
     "xe máy chở đường chạy rần rần mỗi sáng", "đường toàn hố, trời mưa không thấy đường, có người té xe",
     "mẹ tôi bị tai biến đang nằm viện, thẻ bảo hiểm hết hạn gia hạn ở đâu"],
)  # fmt: skip
def test_what_only_sounds_like_an_emergency_is_none(innocent: str) -> None:
    assert judged(innocent).emergency is None


@pytest.mark.parametrize("text", ["vua bi mat xe truoc cho", "chu quan nhot nhan vien khong cho ve"])
def test_a_word_of_one_tag_hides_no_report(text: str) -> None:
    assert judged(text).emergency is Label.EMERGENCY_POLICE


def test_pinyin_without_tones_is_not_taken_for_vietnamese() -> None:
    assert judged("lu deng huai le mei you ren xiu").language is None
