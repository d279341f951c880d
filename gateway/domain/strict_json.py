"""A bounded, strict JSON reader for everything that comes from outside."""

import json
import re
from typing import Any, NoReturn

from gateway.errors import Invalid

MAX_BYTES = 1_000_000
MAX_DEPTH = 64
MAX_TEXT = 20_000
MAX_MEMBERS = 1_000
INT64 = 2**63

_TEXT_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""Texts are taken whole, so that brackets inside them do not count; possessive, so that no input takes long."""

_OPENING = (b"[", b"{")
_CLOSING = (b"]", b"}")


def read_json(body: bytes, *, max_bytes: int = MAX_BYTES, texts_checked: bool = True) -> Any:  # noqa: ANN401 - JSON is any of its types
    """Parse a JSON document, or raise `Invalid` with a reason that names the fault and no value.

    Refused: more than `max_bytes`, nesting beyond 64, anything but UTF-8, lone surrogates, NaN and Infinity,
    numbers beyond 64 bit, duplicate members, strings beyond 20 000 code points, objects beyond 1 000 members.
    Without `texts_checked`, long strings and lone surrogates stay: for batches of many senders, where one text must not
    harm the others; each is then cleaned where it is read.
    """
    if len(body) > max_bytes:
        raise Invalid("too_large", "The body is larger than allowed.")
    if _too_deep(body):
        raise Invalid("too_deep", "The body is nested too deeply.")
    try:
        found = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Invalid("not_utf8", "The body is not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise Invalid("not_json", "The body is not valid JSON.") from error
    # A text cannot be longer than the body it stands in, and only an escape can stand for half of a surrogate pair.
    if texts_checked and (len(body) > MAX_TEXT or b"\\" in body):
        _check_texts(found)
    return found


def _too_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for found in _TEXT_OR_BRACKET.finditer(body):
        if found[0] in _OPENING:
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif found[0] in _CLOSING:
            depth -= 1
    return False


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_MEMBERS:
        raise Invalid("too_many_members", "An object has too many members.")
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Invalid("duplicate_member", "An object has the same member twice.")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise Invalid("not_json", "NaN and Infinity are not JSON.")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise Invalid("number_too_large", "A number does not fit into 64 bit.")
    return number


def _int(text: str) -> int:
    if len(text) > 20 or not -INT64 <= int(text) < INT64:
        raise Invalid("number_too_large", "A number does not fit into 64 bit.")
    return int(text)


def _check_texts(found: Any) -> None:  # noqa: ANN401 - JSON is any of its types
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, dict):
            waiting.extend(value.keys())
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _check_text(value: str) -> None:
    if len(value) > MAX_TEXT:
        raise Invalid("text_too_long", "A text is longer than allowed.")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Invalid("lone_surrogate", "A text holds half of a surrogate pair.") from error


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_refuse_constant, parse_float=_float, parse_int=_int
)
