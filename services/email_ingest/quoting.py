"""Parts a mail's text into what its sender wrote and what is only quoted, so that both together are the original.

Every line goes to exactly one side, in order. What an answer quotes between its own sentences stays with them, because
it is what they speak of; history below, a quotation above, signatures and introductions go to the other side. Where a
mail says nothing of its own but forwards another, the forwarded words are its text.
"""

from dataclasses import dataclass

from services.email_ingest.quote_marks import Kind, Mark, kinds_of
from services.email_ingest.signatures import mark_signatures

MAX_TEXT = 60_000
MAX_LINES = 20_000
_SAID = frozenset({Kind.TEXT, Kind.NAMED})


@dataclass(frozen=True, slots=True)
class Parted:
    """New text, and the rest: history, introductions, signatures; `signature` repeats what of it is signature."""

    text: str
    quoted: str
    signature: str = ""


def part_text(text: str) -> Parted:
    """Part one text, of which 60 000 characters in 20 000 lines are looked at; what is beyond is quoted."""
    lines = text[:MAX_TEXT].split("\n", MAX_LINES)
    beyond = text[MAX_TEXT:]
    if len(lines) > MAX_LINES:
        beyond = lines.pop() + beyond
    kinds, marks = kinds_of(lines)
    mark_signatures(lines, kinds)
    own = [kind is not Kind.SIGNATURE for kind in kinds]
    last_text = max((number for number, kind in enumerate(kinds) if kind in _SAID), default=-1)
    looked_at, said_before = 0, False
    for mark in marks:
        if not own[mark.start]:
            continue
        # What stands above a mark is decided by the marks before it, so each line is looked at once.
        said_before = said_before or _any_text(kinds, own, looked_at, mark.start)
        looked_at = mark.start
        end = _left_out_to(mark, kinds, last_text, said_before=said_before)
        own[mark.start : end] = [False] * (end - mark.start)
    _leave_out_edges(kinds, own)
    kept = [line for line, is_own in zip(lines, own, strict=True) if is_own]
    rest = [line for line, is_own in zip(lines, own, strict=True) if not is_own]
    signature = [line for line, kind in zip(lines, kinds, strict=True) if kind is Kind.SIGNATURE]
    return Parted(_joined(kept), _joined([*rest, beyond]), _joined(signature))


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")


def _left_out_to(mark: Mark, kinds: list[Kind], last_text: int, *, said_before: bool) -> int:
    """What goes with one mark: nothing, its own lines, the quotation below it, or everything below it."""
    following = _next_filled(kinds, mark.end)
    quotation = following < len(kinds) and kinds[following] is Kind.QUOTED
    end = _quotation_end(kinds, following) if quotation else mark.end
    match mark.kind:
        case Kind.WROTE | Kind.WROTE_WEAKLY if quotation:
            if last_text < end:
                return len(kinds)
            return mark.end if said_before else end
        case Kind.WROTE_WEAKLY:
            # Without an address, a whole date or a quotation this is a sentence that somebody wrote.
            return mark.start
        case _:
            return len(kinds) if said_before else mark.end


def _quotation_end(kinds: list[Kind], at: int) -> int:
    """Behind the last line of a quotation that begins at `at`; blank lines inside belong to it."""
    end = at
    while at < len(kinds) and kinds[at] is Kind.QUOTED:
        end = at + 1
        at = _next_filled(kinds, end)
    return end


def _leave_out_edges(kinds: list[Kind], own: list[bool]) -> None:
    """Below the last own sentence there are only quotations, rules and blank lines."""
    for number in range(len(kinds) - 1, -1, -1):
        if own[number] and kinds[number] in (Kind.TEXT, Kind.WROTE_WEAKLY):
            break
        own[number] = False


def _any_text(kinds: list[Kind], own: list[bool], start: int, end: int) -> bool:
    return any(own[number] and kinds[number] in _SAID for number in range(start, end))


def _next_filled(kinds: list[Kind], at: int) -> int:
    while at < len(kinds) and kinds[at] is Kind.BLANK:
        at += 1
    return at
