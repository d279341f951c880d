"""Texts for citizens: complete in both languages, polite in order, and never a way into the program."""

import re

import pytest

from gateway.domain.province import PLACEHOLDERS, Bilingual, Province, Texts
from gateway.domain.province.texts import blanks
from gateway.errors import Invalid
from schemas.vocabulary import EMERGENCIES, SUBFIELDS, ContactItem, Intake, Label, Language, RejectReason

FILLED = {name: f"<{name}>" for names in PLACEHOLDERS.values() for name in names}


@pytest.mark.parametrize("key", PLACEHOLDERS)
@pytest.mark.parametrize("language", Language)
def test_every_text_renders_in_every_language(province: Province, key: str, language: Language) -> None:
    text = province.text(key, language, **FILLED)
    assert text.strip() == text != ""
    assert "{" not in text


def test_every_outcome_that_speaks_has_its_text(province: Province) -> None:
    assert {f"rejection_{reason}" for reason in RejectReason} <= PLACEHOLDERS.keys()
    assert {f"missing_{item}" for item in ContactItem} <= PLACEHOLDERS.keys()
    assert {f"redirect_{label}" for label in (*EMERGENCIES, Label.COMPLAINT_DENUNCIATION)} <= PLACEHOLDERS.keys()


@pytest.mark.parametrize("language", [Language.VI, Language.EN])
@pytest.mark.parametrize("label", sorted(EMERGENCIES))
@pytest.mark.parametrize("intake", [Intake.FORM, Intake.CHAT])
def test_an_emergency_reply_starts_with_the_number(
    province: Province, label: Label, language: Language, intake: Intake
) -> None:
    number = province.emergency(label).number
    assert province.told(f"redirect_{label}", intake, language, **{**FILLED, "number": number}).startswith(number)


@pytest.mark.parametrize("language", [Language.VI, Language.EN])
def test_a_rejection_says_understood_then_where_to_turn_then_the_article(
    province: Province, language: Language
) -> None:
    for reason in (RejectReason.MISSING_CONTACT, RejectReason.OUT_OF_SCOPE, RejectReason.BY_OPERATOR):
        text = province.text(f"rejection_{reason}", language, **FILLED)
        order = [text.index(blank) for blank in ("<understood>", "<place_to_turn>", "<article>")]
        assert order == sorted(order)


def test_the_foreign_language_rejection_speaks_both_languages(province: Province) -> None:
    values = {**FILLED, "article": province.article("6.1", Language.OTHER)}
    text = province.text("rejection_foreign_language", Language.OTHER, **values)
    vietnamese, english = text.split("\n\n")
    assert "khoản 1 Điều 6 Quy chế ban hành kèm theo Quyết định số 478/QĐ-UBND" in vietnamese
    assert "Clause 1, Article 6 of the Regulation issued with Decision No. 478/QĐ-UBND" in english


def test_articles_are_cited_in_the_prescribed_words(province: Province) -> None:
    expected = "khoản 3 Điều 6 Quy chế ban hành kèm theo Quyết định số 478/QĐ-UBND"
    assert province.article("6.3", Language.VI) == expected
    assert province.article("19", Language.VI).startswith("Điều 19 Quy chế")
    with pytest.raises(Invalid, match="unknown_article"):
        province.article("6.4", Language.VI)


def test_every_field_has_a_name_in_both_languages(province: Province) -> None:
    for label, subfields in SUBFIELDS.items():
        assert province.label_name(label, Language.VI) != province.label_name(label, Language.EN)
        for subfield in subfields:
            assert province.subfield_name(label, subfield, Language.VI)
    assert province.subfield_name(Label.OTHER, "unheard_of", Language.EN) == province.label_name(
        Label.OTHER, Language.EN
    )
    with pytest.raises(Invalid, match="not_an_emergency"):
        province.emergency(Label.OTHER)


def test_braces_in_a_citizens_words_are_only_words() -> None:
    texts = Texts(vi={"k": "“{understood}”"}, en={"k": "“{understood}”"})
    assert texts.render("k", Language.VI, {"understood": "{code.__class__}"}) == "“{code.__class__}”"


def test_a_missing_value_is_an_error_and_not_half_a_sentence() -> None:
    with pytest.raises(Invalid, match="text_incomplete"):
        Texts(vi={"k": "{code}"}, en={"k": ""}).render("k", Language.VI, {})


def test_a_bilingual_value_reads_as_vietnamese_and_knows_its_english() -> None:
    texts = Texts(vi={"k": "Ở {place}"}, en={"k": "At {place}"})
    place = Bilingual.of("Đồng Xoài", "Dong Xoai")
    assert texts.render("k", Language.OTHER, {"place": place}) == "Ở Đồng Xoài\n\nAt Dong Xoai"
    assert texts.render("k", Language.EN, {"place": place}) == "At Dong Xoai"


@pytest.mark.parametrize("template", ["{code.__class__}", "{code!r}", "{0}", "{}", "{code:>10}", "{code", "code}"])
def test_only_plain_blanks_are_allowed(template: str) -> None:
    with pytest.raises(Invalid):
        blanks(template)


SENTENCE_END = re.compile(r"[.!…](?=\s|$)")


@pytest.mark.parametrize("language", [Language.VI, Language.EN])
@pytest.mark.parametrize("key", [key for key in PLACEHOLDERS if key.endswith(("_chat", "_comment"))])
def test_a_text_for_chats_has_three_sentences_and_one_question_at_most(
    province: Province, key: str, language: Language
) -> None:
    text = province.text(key, language, **{**FILLED, "reason": ""})
    assert len(SENTENCE_END.findall(text)) <= 3
    assert text.count("?") <= 1


@pytest.mark.parametrize("reason", [RejectReason.MISSING_CONTACT, RejectReason.OUT_OF_SCOPE, RejectReason.BY_OPERATOR])
@pytest.mark.parametrize("language", [Language.VI, Language.EN])
def test_a_rejection_in_a_chat_says_understood_then_why_then_where_to_turn(
    province: Province, reason: RejectReason, language: Language
) -> None:
    text = province.told(f"rejection_{reason}", Intake.CHAT, language, **FILLED)
    order = [text.index(blank) for blank in ("<understood>", "<article>", "<place_to_turn>")]
    assert order == sorted(order)


def test_a_text_without_a_form_of_its_own_is_told_as_it_is(province: Province) -> None:
    assert province.told("added", Intake.CHAT, Language.VI, **FILLED) == province.text("added", Language.VI, **FILLED)
    public = province.told("supplement_request", Intake.COMMENT, Language.VI, **FILLED)
    assert "tin nhắn riêng" in public
    assert province.told("acceptance", Intake.COMMENT, Language.VI, **FILLED) == province.told(
        "acceptance", Intake.CHAT, Language.VI, **FILLED
    )
