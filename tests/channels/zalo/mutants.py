"""A good webhook of Zalo's, and many ways in which it is none any more; each is what somebody might try."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tests.channels.zalo.captured import APP, OA

GOOD_BODY = (
    '{"app_id":"431234567890123456","user_id_by_app":"8812345678901234567","event_name":"user_send_text",'
    '"sender":{"id":"2512523625412515000"},"recipient":{"id":"388613280878808645"},"message":{"msg_id":'
    '"96d3cdf3af150460909","text":"Đèn đường hẻm 12 bị hỏng"},"timestamp":"1795420800123"}'
).encode()
GOOD_MAC = "509cda30a207eb0b2759d8886b4b30464a73c7d1715a64f38027618fecbabe33"
"""Computed outside the project, for the secret `OASecretForTests`."""


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire."""

    body: bytes = GOOD_BODY
    macs: tuple[bytes, ...] = (f"mac={GOOD_MAC}".encode(),)
    headers: Mapping[str, str] = field(default_factory=dict)


GOOD = Sent()


def body(change: Callable[[bytes], bytes]) -> Sent:
    changed = change(GOOD_BODY)
    assert changed != GOOD_BODY
    return replace(GOOD, body=changed)


def mac(*values: str | bytes) -> Sent:
    return replace(GOOD, macs=tuple(one.encode() if isinstance(one, str) else one for one in values))


def replaced(old: str, new: str) -> Sent:
    return body(lambda text: text.replace(old.encode(), new.encode()))


def flipped(at: int, bit: int) -> Sent:
    return body(lambda text: text[:at] + bytes([text[at] ^ (1 << bit)]) + text[at + 1 :])


def parsed(change: Callable[[dict[str, object]], dict[str, object]], **style: object) -> Sent:
    return body(lambda text: json.dumps(change(json.loads(text)), **style).encode())  # type: ignore[arg-type]


MUTANTS: dict[str, Sent] = {
    **{
        f"bit_{bit}_of_byte_{at}": flipped(at, bit)
        for at, bit in ((0, 0), (12, 0), (90, 3), (150, 5), (-3, 1), (-1, 6))
    },
    "encoded_again_with_spaces": parsed(lambda found: found, ensure_ascii=False),
    "encoded_again_escaped": parsed(lambda found: found, separators=(",", ":")),
    "members_in_another_order": parsed(
        lambda found: dict(reversed(found.items())), separators=(",", ":"), ensure_ascii=False
    ),
    "a_space_after": body(lambda text: text + b" "),
    "a_space_before": body(lambda text: b" " + text),
    "a_line_end_after": body(lambda text: text + b"\n"),
    "a_byte_order_mark": body(lambda text: b"\xef\xbb\xbf" + text),
    "truncated_by_one": body(lambda text: text[:-1]),
    "half_of_it": body(lambda text: text[: len(text) // 2]),
    "nothing": replace(GOOD, body=b""),
    "an_empty_object": replace(GOOD, body=b"{}"),
    "a_list": body(lambda text: b"[" + text + b"]"),
    "twice": body(lambda text: text + text),
    "in_utf_16": body(lambda text: text.decode().encode("utf-16")),
    "decomposed_letters": replaced("Đèn", "Đe\u0300n"),
    "another_text": replaced("hẻm 12", "hẻm 13"),
    "another_sender": replaced("2512523625412515000", "2512523625412515001"),
    "another_message": replaced("96d3cdf3af150460909", "96d3cdf3af150460900"),
    "another_event": replaced("user_send_text", "user_withdraw"),
    "another_app": replaced(APP, "431234567890123457"),
    "no_app": replaced('"app_id":"431234567890123456",', ""),
    "our_other_oa": replaced(OA, "499724391989919756"),
    "an_unknown_oa": replaced(OA, "388613280878808646"),
    "an_earlier_timestamp": replaced("1795420800123", "1795420800122"),
    "the_timestamp_as_a_number": replaced('"1795420800123"', "1795420800123"),
    "no_timestamp": replaced(',"timestamp":"1795420800123"', ""),
    "an_empty_timestamp": replaced('"1795420800123"', '""'),
    "a_second_timestamp": replaced('"timestamp":"', '"timestamp":"1","timestamp":"'),
    "a_second_recipient": replaced('"recipient"', '"recipient":{"id":"1"},"recipient"'),
    "an_added_member": replaced('"event_name"', '"trusted":true,"event_name"'),
    "the_timestamp_moved_into_the_text": replaced("hỏng", "hỏng1795420800123"),
    "deeply_nested": body(lambda _: b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    "a_very_long_number": replaced('"1795420800123"', "9" * 6_000),
    "not_a_number": replaced('"1795420800123"', "NaN"),
    "no_header": mac(),
    "an_empty_header": mac(""),
    "mac_of_nothing": mac("mac="),
    "the_right_one_twice": mac(f"mac={GOOD_MAC}", f"mac={GOOD_MAC}"),
    "a_wrong_one_first": mac(f"mac={'0' * 64}", f"mac={GOOD_MAC}"),
    "two_in_one_header": mac(f"mac={GOOD_MAC}, mac={GOOD_MAC}"),
    "one_digit_less": mac(f"mac={GOOD_MAC[:-1]}"),
    "one_digit_more": mac(f"mac={GOOD_MAC}0"),
    "one_digit_wrong": mac(f"mac={'6' + GOOD_MAC[1:]}"),
    "reversed": mac(f"mac={GOOD_MAC[::-1]}"),
    "in_base64": mac("mac=UJzaMKIH6wsnWdiIa0swRkpzx9FxWmTzgCdhj+y6vjM="),
    "another_name": mac(f"sha256={GOOD_MAC}"),
    "digits_of_another_script": mac(f"mac={GOOD_MAC}".replace("0", "\uff10")),
    "a_long_header": mac("mac=" + "0" * 4_000),
}
