"""Vietnamese is read whatever charset it comes in and whatever charset it claims; nothing raises."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.email_ingest.charsets import decode
from services.email_ingest.parse import read_mail
from tests.channels.email.mails import LEGACY, mail

SENTENCES = (
    "Đèn đường trước nhà tôi bị hỏng đã ba hôm nay.",
    "Kính đề nghị cơ quan chức năng sửa giúp, xin cảm ơn!",
    "Quán karaoke ở ấp 4 xã Tân Lập mở nhạc ồn suốt đêm.",
    "Nước sinh hoạt có mùi lạ và đục từ tuần trước.",
    "Xe chở đất làm rơi vãi trên đường Nguyễn Huệ, bụi mù mịt.",
    "Hồ sơ cấp giấy chứng nhận nộp từ tháng Tám vẫn chưa được trả lời.",
    "Những người thường xuyên vượt đèn đỏ ở ngã tư cần bị xử phạt.",
)
CLAIMED = (None, "", "iso-8859-1", "windows-1252", "us-ascii", "x-user-defined", "unknown-8bit", "utf-8", "no-such")
WESTERN = (
    "Die Straße vor der Schule ist überflutet, für Fußgänger kein Durchkommen.",
    "La chaussée devant l'école est inondée après chaque averse, c'est très dangereux là-bas.",
    "La calle está inundada; mañana será peor, señor.",
    "A rua está alagada e não há iluminação pública há três dias.",
)

texts = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6, unique=True).map("\n".join)


@given(texts, st.sampled_from(sorted(LEGACY)), st.sampled_from(CLAIMED))
def test_a_legacy_charset_is_seen_through_whatever_was_claimed(text: str, charset: str, claimed: str | None) -> None:
    found = decode(LEGACY[charset](text), claimed)
    assert unicodedata.normalize("NFC", found.text) == text
    assert found.defects


@given(texts, st.sampled_from(sorted(LEGACY)))
def test_a_legacy_charset_that_is_declared_is_believed(text: str, charset: str) -> None:
    found = decode(LEGACY[charset](text), charset)
    assert unicodedata.normalize("NFC", found.text) == text
    assert found.defects == ()


@pytest.mark.parametrize("text", WESTERN)
@pytest.mark.parametrize("claimed", ["iso-8859-1", "windows-1252", None])
def test_other_languages_stay_what_they_are(text: str, claimed: str | None) -> None:
    assert decode(text.encode("cp1252"), claimed).text == text


@given(texts, st.sampled_from(["iso-8859-1", "windows-1258", "us-ascii", "no-such", None]))
def test_valid_utf8_is_utf8(text: str, claimed: str | None) -> None:
    assert decode(text.encode(), claimed).text == text


@pytest.mark.parametrize(
    "name", ["VISCII1.1-1", "csVISCII", "x-viet-tcvn5712", "TCVN3", "x-tcvn3", "tcvn-5712", "VIQR"]
)
def test_names_that_programs_give_are_known(name: str) -> None:
    assert "charset_unknown" not in decode(b"\xb5\xe1", name).defects


@pytest.mark.parametrize("name", ["unicode_escape", "rot13", "idna", "punycode", "hex", "zlib", "base64", "undefined"])
def test_what_is_no_charset_is_not_used(name: str) -> None:
    assert decode(b"abc \\ud800 \xff", name).text.startswith("abc \\ud800 ")


def test_marks_are_composed_and_their_number_is_bounded() -> None:
    assert read_mail(mail(unicodedata.normalize("NFD", SENTENCES[0]))).mail.text == SENTENCES[0]
    assert len(read_mail(mail("e" + "\u0301" * 100_000)).mail.text) < 40


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=20), st.sampled_from(CLAIMED)))
def test_any_bytes_under_any_name_are_text(raw: bytes, claimed: str | None) -> None:
    assert isinstance(decode(raw, claimed).text, str)


def test_english_with_apostrophes_is_no_viqr() -> None:
    text = b"We're at the park; you've seen it. I'd say they're late. Don't you? It's o'clock, isn't it? a^b x+y"
    assert decode(text).text == text.decode()
