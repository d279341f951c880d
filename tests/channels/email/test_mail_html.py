"""HTML says in plain text what it shows, quotations marked, in time proportional to its length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.email_ingest.html_text import html_to_text
from services.email_ingest.parse import read_mail
from services.email_ingest.quoting import part_text
from tests.channels.email.mails import mail
from tests.cpu_time import cpu_seconds

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal{margin:0cm} --></style>
<!--[if gte mso 9]><xml><o:x/></xml><![endif]--></head><body lang=VI><div class=WordSection1>
<p class=MsoNormal>Địa chỉ là ấp 4.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>
<div style='border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>Từ:</b> Tổng đài &lt;1022@hotline.example&gt; <br>
<b>Đã gửi:</b> 25/11/2026 9:15<br><b>Đến:</b> An<br><b>Chủ đề:</b> x</p></div><p>Nội dung cũ</p></div></body></html>"""
GMAIL = """<div dir="ltr">Địa chỉ là ấp 4.</div><br><div class="gmail_quote"><div class="gmail_attr">Vào Th 4, 25
thg 11, 2026 vào lúc 09:15 Tổng đài
&lt;<a href="mailto:1022@hotline.example">1022@hotline.example</a>&gt; đã viết:<br></div>
<blockquote><div>Cũ<br><br>Hơn</div></blockquote></div>"""
APPLE = """<html><body dir="auto">Địa chỉ là ấp 4.<br><div>Gửi từ iPhone của tôi</div><div><br><blockquote type="cite">
Vào 09:15, 25 thg 11, 2026, Tổng đài &lt;1022@hotline.example&gt; đã viết:<br><br></blockquote></div>
<blockquote type="cite"><div>Cũ</div></blockquote></body></html>"""


@pytest.mark.parametrize("html", [WORD, GMAIL, APPLE], ids=["Outlook", "Gmail", "Apple"])
def test_an_answer_in_html_is_told_from_its_history(html: str) -> None:
    parted = part_text(html_to_text(html)[0])
    assert parted.text == "Địa chỉ là ấp 4."
    assert "1022@hotline.example" in parted.quoted


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("a<br>b", "a\nb"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a  b\nc"),
        ("a &amp; b &lt;c&gt; &#7845; &nope;", "a & b <c> ấ &nope;"),
        ("<script>x</script>a<style>y</style>", "a"),
        ("<SCRIPT>if (a<b) '</p>'</SCRIPT>a", "a"),
        ("<!-- x -- > y -->a", "a"),
        ("<head><title>t</title></head>a", "a"),
        ("<head><body>a", "a"),
        ("<head><meta x><p>a", "a"),
        ("<svg><text>a</text></svg>b", "ab"),
        ('<a href="https://x.example/y">ảnh</a>', "ảnh <https://x.example/y>"),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="javascript:alert(1)">a</a>', "a"),
        ('<img alt="sơ đồ" src="x">', "sơ đồ"),
        ('<a title=">">a</a>', "a"),
        ("1 < 2 và 3 > 2", "1 < 2 và 3 > 2"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n> >\n> > b\n\nc"),
        ("a\n   b\tc&nbsp;d", "a b c d"),
        ("", ""),
    ],
)
def test_what_is_shown_is_said(html: str, text: str) -> None:
    assert html_to_text(html)[0] == text


def test_a_pasted_picture_takes_no_room_from_the_text() -> None:
    picture = '<img src="data:image/png;base64,' + "iVBORw0KGgo" * 100_000 + '">'
    assert read_mail(mail(f"<p>a</p>{picture}<p>b</p>", "Content-Type: text/html")).mail.text == "a\n\nb"


@given(st.text(st.sampled_from("<>/!-\"'=& abp") | st.characters(), max_size=300))
def test_no_html_raises(html: str) -> None:
    assert isinstance(html_to_text(html)[0], str)


@pytest.mark.parametrize(
    "unit", ["<", "<a ", '<a b="', "<!--", "<![CDATA[", "</", "<script>", "<a '", "&", "<td>", "<a>x"]
)
def test_no_html_takes_more_than_its_length_in_time(unit: str) -> None:
    html = unit * (250_000 // len(unit))
    assert cpu_seconds(lambda: html_to_text(html), bound=5.0) < 5.0
