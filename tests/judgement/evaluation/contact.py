"""Name, number, e-mail and commune as told in a message, against what the message says."""

from dataclasses import replace

from gateway.domain.province import Province, Unit
from gateway.domain.province.unit import Level
from gateway.domain.vietnamese import fold
from services.normalizer.judge import judge
from services.normalizer.lexicon import Lexicon
from tests.judgement.evaluation.sets import Judged, matter_of
from tests.judgement.evaluation.tally import Figure, Tally, share_of, wrong_of


def contacts(found: list[Judged], province: Province, lexicon: Lexicon) -> list[Figure]:
    """Every item of Điều 6.3 over messages with and without it; what the channel knew is not counted."""
    told = [one for one in found if "known_contact" not in one.case]
    return [_phones(told), *_names(told), _emails(told), *_communes(told, province, lexicon)]


def _phones(found: list[Judged]) -> Figure:
    tally = Tally()
    for one in found:
        wanted, got = one.case.get("phone"), one.shown["contact"]["phone"]
        if wanted or got:
            tally.count(wanted == got, one.text, wanted=wanted, got=got)
    return share_of("contact.phone", "phone", tally, 0.97)


def _emails(found: list[Judged]) -> Figure:
    tally = Tally()
    for one in found:
        wanted, got = one.case.get("email"), one.shown["contact"]["email"]
        if wanted or got:
            tally.count(fold(wanted or "") == fold(got or ""), one.text, wanted=wanted, got=got)
    return share_of("contact.email", "e-mail", tally)


def _names(found: list[Judged]) -> list[Figure]:
    right, given, named, strangers = 0, 0, 0, Tally()
    misses = []
    for one in found:
        wanted, got = one.case.get("name"), one.shown["contact"]["name"]
        same = wanted is not None and got is not None and fold(wanted) == fold(got)
        given += got is not None
        named += wanted is not None
        right += same
        if not same and (wanted or got):
            misses.append(f"{got} for {wanted}: {one.text[:200]}")
        if wanted is None:
            strangers.count(got is None, one.text, wanted=None, got=got)
    f1 = 2 * right / (given + named) if given + named else 1.0
    return [
        Figure("contact.name", "name, F1", f1, named, 0.93, misses=tuple(misses)),
        wrong_of("contact.stranger", "nobody's or a third person's name taken for the sender's", strangers),
    ]


def _communes(found: list[Judged], province: Province, lexicon: Lexicon) -> list[Figure]:
    tally, invented = Tally(), Tally()
    for one in found:
        if "commune" not in one.case:
            continue
        got = _told(one, province, lexicon)
        if one.case["commune"] is None:
            commune = got is not None and got.level is Level.COMMUNE
            invented.count(not commune, one.text, wanted=None, got=got and got.name)
            continue
        wanted = _meant(one, province)
        tally.count(got in wanted, one.text, wanted=_said(one), got=got and f"{got.name}, {got.district_name}")
    return [
        share_of("contact.commune", "ward or commune of the address", tally, 0.93),
        wrong_of("contact.commune_invented", "a commune told where none was named", invented),
    ]


def _told(one: Judged, province: Province, lexicon: Lexicon) -> Unit | None:
    """The unit of the contact address alone; the locality of a submission is that of its matter, if one is named."""
    address = one.shown["contact"]["address"]
    if not address:
        return None
    told = f"dia chi: o {address}" if address.isascii() else f"địa chỉ: ở {address}"
    locality = judge(replace(matter_of(one.case), text=told), province, lexicon).locality
    return province.gazetteer.at(locality) if locality else None


def _said(one: Judged) -> str:
    return ", ".join(filter(None, (one.case["commune"], one.case.get("district"))))


def _meant(one: Judged, province: Province) -> frozenset[Unit]:
    """The communes of that name on the day of receipt, or what those of that name have become."""
    on = matter_of(one.case).received
    district = fold(one.case.get("district", ""))
    named = [
        unit
        for unit in province.gazetteer.by_name[fold(one.case["commune"])]
        if unit.level is Level.COMMUNE and (not district or fold(unit.district_name).endswith(district))
    ]
    return frozenset(later for unit in named for later in province.gazetteer.successors(unit, on))
