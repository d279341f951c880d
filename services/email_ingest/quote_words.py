"""The words by which mail programs introduce what is only quoted, by language: data for `quote_marks.py`.

All are lower case and NFC. The Vietnamese ones are those of Gmail, Outlook, Apple Mail, Yahoo, Thunderbird and Zimbra.
"""

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    """The words of a text that parts them by upright strokes; the white space around a stroke is layout."""
    return tuple(" ".join(word.split()) for word in text.split("|"))


WROTE: Final = {
    "vi": _words("đã viết | viết | đã ghi | da viet"),
    "en": _words("wrote | writes"),
    "fr": _words("a écrit | écrit"),
    "de": _words("schrieb | hat geschrieben"),
    "es": _words("escribió | escribio"),
    "it": _words("ha scritto | scrive"),
    "pt": _words("escreveu"),
    "nl": _words("schreef | geschreven"),
    "pl": _words("napisał | napisał(a) | napisała | pisze"),
    "cs": _words("napsal | napsal(a) | napsala"),
    "sk": _words("napísal | napísal(a) | napísala"),
    "sl": _words("je napisal | je napisala | je napisal/-a"),
    "hr": _words("je napisao | je napisala | je napisao/la | napisao je"),
    "bg": _words("написа"),
    "ru": _words("написал | написал(а) | написала | пишет"),
    "uk": _words("написав | написала | пише"),
    "sv": _words("skrev"),
    "et": _words("kirjutas"),
    "lt": _words("rašė"),
    "lv": _words("rakstīja"),
    "ca": _words("va escriure"),
    "fi": _words("kirjoitti"),
    "hu": _words("írta | ezt írta"),
    "ro": _words("a scris"),
    "tr": _words("yazdı | şunu yazdı | şöyle yazdı"),
    "el": _words("έγραψε"),
    "id": _words("menulis"),
    "th": _words("เขียนว่า"),
    "ja": _words("のメール | のメッセージ | 書きました"),
    "zh": _words("写道 | 寫道"),
    "ko": _words("작성 | 님이 작성"),
    "he": _words("כתב"),
    "ar": _words("كتب"),
}
"""What stands before the colon at the end of `On …, … wrote:`."""

WROTE_AT: Final = tuple(
    f" {words} "
    for words in _words(
        """schrieb am | wrote on | wrote at | a écrit le | escribió el | ha scritto il | escreveu em | schreef op
        | skrev den | đã viết vào | đã viết lúc | đã viết ngày"""
    )
)
"""Verbs that the date follows, so that the line ends otherwise."""

BEGINS: Final = _words(
    """on | at | vào | ngày | lúc | le | am | el | il | op | em | dnia | w | den | dne | pe | pada | на | в"""
)
"""First words of such a line where the date comes first."""

HEADER_WORDS: Final = {
    "from": _words(
        """from | từ | người gửi | de | von | da | van | od | от | від | från | fra | lähettäjä | feladó | kimden | από
        | dari | จาก | 差出人 | 发件人 | 寄件者 | 보낸 사람"""
    ),
    "sent": _words(
        """sent | date | đã gửi | gửi | ngày | ngày gửi | gửi lúc | gửi vào | thời gian | envoyé | gesendet | datum
        | enviado | enviado el | enviada em | fecha | data | inviato | verzonden
        | wysłano | odesláno | отправлено | дата
        | skickat | sendt | dato
        | lähetetty | elküldve | gönderildi | tarih | dikirim | 送信日時 | 日付
        | 发送时间 | 日期 | 보낸 날짜 | วันที่ | le"""
    ),
    "to": _words(
        """to | đến | tới | người nhận | gửi đến | gửi tới | à | an | para | a | aan | do | komu | кому | till | til
        | vastaanottaja | címzett | kime | kepada | ถึง | 宛先 | 收件人 | 받는 사람"""
    ),
    "subject": _words(
        """subject | chủ đề | tiêu đề | v/v | objet | sujet | betreff | asunto | oggetto | assunto | onderwerp | temat
        | předmět | тема | ämne | emne | aihe | tárgy | konu | θέμα | perihal | subjek | 件名
        | 主题 | 主旨 | 제목 | เรื่อง"""
    ),
    "other": _words("cc | bcc | đồng gửi | đồng kính gửi | reply-to | trả lời tới | antwort an | répondre à"),
}
"""Header names as they are written into a quoted or forwarded mail."""

SEPARATORS: Final = _words(
    """original message | forwarded message | original mail | reply message | thư gốc | tin nhắn gốc
    | thư đã chuyển tiếp | thư chuyển tiếp | thư được chuyển tiếp | tin nhắn chuyển tiếp | tin nhắn đã chuyển tiếp
    | nội dung thư gốc | message d'origine | message original | message transféré | ursprüngliche nachricht
    | weitergeleitete nachricht | mensaje original | mensaje reenviado | messaggio originale | messaggio inoltrato
    | mensagem original | mensagem encaminhada | oorspronkelijk bericht | doorgestuurd bericht
    | wiadomość oryginalna | wiadomość przekazana | исходное сообщение | пересылаемое сообщение
    | ursprungligt meddelande | vidarebefordrat meddelande | original meddelelse | původní zpráva | eredeti üzenet
    | orijinal mesaj | 元のメッセージ | 原始邮件 | 转发的邮件 | 원본 메시지"""
)
"""Between dashes, before the mail that is answered or forwarded."""

ANNOUNCED: Final = _words(
    """begin forwarded message: | bắt đầu thư được chuyển tiếp: | bắt đầu tin nhắn được chuyển tiếp:
    | bắt đầu chuyển tiếp thư: | thư được chuyển tiếp: | début du message transféré : | début du message réexpédié :
    | anfang der weitergeleiteten nachricht: | inicio del mensaje reenviado: | inizio messaggio inoltrato:
    | início da mensagem reencaminhada: | begin doorgestuurd bericht: | начало переадресованного сообщения:"""
)
"""The same, as a line of its own."""

SENT_FROM: Final = _words(
    """sent from my | sent via my | sent using | sent from mail for | sent from outlook for | sent from yahoo mail
    | sent via the | sent from the all new | sent with proton | get outlook for
    | gửi từ iphone | gửi từ ipad | gửi từ điện thoại
    | gửi từ outlook | gửi từ yahoo mail | gửi từ thư dành cho | gửi từ thiết bị | gửi từ samsung | gửi từ gmail
    | đã gửi từ iphone | đã gửi từ ipad | đã gửi từ điện thoại | đã gửi từ outlook | đã gửi từ yahoo
    | được gửi từ điện thoại | được gửi từ iphone | được gửi từ thiết bị | tải outlook cho | tải xuống outlook cho
    | envoyé de mon | envoyé depuis | von meinem | gesendet von | diese nachricht wurde von | enviado desde mi
    | enviado do meu | inviato da | verzonden vanaf | отправлено с | skickat från min | iphoneから送信 | 发自我的"""
)
"""How the lines begin that a device adds under a mail."""

NOISE: Final = frozenset({"ᐧ"})
"""Signs that trackers leave under a mail as a line of their own."""

REPLY_PREFIXES: Final = _words(
    "re | sv | aw | antw | vs | trả lời | phản hồi | tl | rép | rif | odp | ynt | res | 回复 | 答复 | 回覆"
)
FORWARD_PREFIXES: Final = _words("fw | fwd | wg | chuyển tiếp | ct | rv | enc | vb | vl | doorst | 转发 | 轉寄")
NO_SUBJECT: Final = frozenset(
    _words("no subject | không có tiêu đề | không tiêu đề | không có chủ đề | không chủ đề | none")
)
"""What programs write where there is none; brackets around it do not count."""
