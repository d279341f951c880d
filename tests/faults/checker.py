"""Counts what became of every message of the ledger, channel by channel, and of every reply."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import pairwise

from gateway.domain.splitting import split_text
from schemas.ticket import Ticket
from tests.faults.desk import plain
from tests.faults.found import Found, find
from tests.faults.ledger import Sent
from tests.faults.matters import CHANNELS, Citizen
from tests.faults.outside import Delivery
from tests.faults.places import Places

Ledgered = Mapping[tuple[int, int], Sent]

LONGEST = {"zalo": 2000, "facebook": 2000}
"""Most signs of one message; a longer reply comes as several."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The counts of one channel or of all; all but the first three must be 0.

    `acked` messages were acknowledged, `unknown` ones never answered and given up by their sender. `lost`: an
    acknowledged message without ticket, a ticket without history or without its place with an agency or an operator, or
    a rendered reply that its citizen cannot read. `doubled`: a second ticket for one message, or a ticket put twice on
    a topic.
    `out_of_order`: a message recorded in its citizen's history after one that was sent later, or a reply that its
    citizen got after a later one. `replies_doubled`: a reply published, filed or received twice, or two of a kind for
    one message.
    """

    acked: int
    unknown: int
    tickets: int
    lost: int
    doubled: int
    out_of_order: int
    replies_doubled: int

    @property
    def holds(self) -> bool:
        """Whether nothing is lost, doubled or out of order."""
        return not (self.lost or self.doubled or self.out_of_order or self.replies_doubled)

    def __str__(self) -> str:
        """The one line that the test prints."""
        return " ".join(f"{field.name.replace('_', ' ')} {getattr(self, field.name)}" for field in fields(self))


Balances = Mapping[str, Balance]
"""By channel."""


def together(balances: Balances) -> Balance:
    """All channels in one."""
    return Balance(*(sum(column) for column in zip(*map(astuple, balances.values()), strict=True)))


async def balance(places: Places, ledger: Ledgered, seed: int, delivered: Sequence[Delivery] | None = ()) -> Balances:
    """Compare the ledger with what the gateway has and with what citizens got; None: nobody waited for that."""
    return balanced(await find(places, delivered), ledger, seed)


def balanced(found: Found, ledger: Ledgered, seed: int) -> Balances:
    """Compare the ledger with what was found."""
    channels = {sent.channel for sent in ledger.values()}
    return {
        channel: _balance(
            found.of(channel), {key: sent for key, sent in ledger.items() if sent.channel == channel}, seed
        )
        for channel in CHANNELS
        if channel in channels
    }


def _balance(found: Found, ledger: Ledgered, seed: int) -> Balance:
    """One channel's."""
    citizens = {key: Citizen(sent.citizen, seed, sent.channel) for key, sent in ledger.items()}
    texts = {key: citizens[key].text(sent.place) for key, sent in ledger.items()}
    tickets = {ticket.personal.content: ticket for ticket in found.tickets}
    added = {addition.personal.text for addition in found.additions}
    without_ticket = [
        key for key, sent in ledger.items() if sent.acked and not _arrived(sent, texts[key], tickets, added)
    ]
    with_agency = {str(transfer.ticket.id) for transfer in found.transfers}
    # Only a ticket with a history is anywhere: with its agency, or with an operator as the history says.
    placed = {one.ticket_id for one in found.kept if one.held or one.ticket_id in with_agency}
    users = {tickets[text].account: citizens[key].user_id for key, text in texts.items() if text in tickets}
    replies = _replies(found, users)
    return Balance(
        acked=sum(sent.acked for sent in ledger.values()),
        unknown=sum(not sent.acked and sent.results["unknown"] > 0 for sent in ledger.values()),
        tickets=len(found.tickets),
        lost=len(without_ticket) + sum(str(ticket.id) not in placed for ticket in found.tickets) + replies.lost,
        doubled=_doubled(found),
        out_of_order=_out_of_order(found, ledger, texts) + replies.out_of_order,
        replies_doubled=replies.doubled,
    )


def _arrived(sent: Sent, text: str, tickets: Mapping[str, Ticket], added: set[str]) -> bool:
    """It is a ticket, under the very code if one was acknowledged, or was merged into an earlier one of its citizen."""
    ticket = tickets.get(text)
    return text in added if ticket is None else sent.code in ("", ticket.code)


def _doubled(found: Found) -> int:
    contents = Counter(ticket.personal.content for ticket in found.tickets)
    contents.update(addition.personal.text for addition in found.additions)
    inbounds = Counter(inbound for one in found.kept for inbound in one.inbound_ids)
    queued = Counter(transfer.ticket.id for transfer in found.transfers)
    return sum(map(_repeats, (contents.values(), inbounds.values(), queued.values())))


def _repeats(counts: Iterable[int]) -> int:
    return sum(count - 1 for count in counts)


def _out_of_order(found: Found, ledger: Ledgered, texts: Mapping[tuple[int, int], str]) -> int:
    """Steps back in a citizen's history; a message sent again keeps the place of its first recording."""
    codes = {ticket.personal.content: str(ticket.code) for ticket in found.tickets}
    place_of = {sent.code or codes.get(texts[key], ""): sent.place for key, sent in ledger.items()}
    return sum(_steps_back(place_of[code] for code in received if code in place_of) for received in found.received)


def _steps_back(places: Iterable[int]) -> int:
    return sum(later < earlier for earlier, later in pairwise(places))


@dataclass(frozen=True, slots=True)
class _Replies:
    lost: int
    doubled: int
    out_of_order: int


@dataclass(frozen=True, slots=True)
class _Told:
    text: str
    code: str
    kind: str


def _replies(found: Found, users: Mapping[str, str]) -> _Replies:
    """What became of replies; `users` has under which name the channel knows an account."""
    published = Counter(str(reply.id) for reply in found.replies)
    kinds = Counter((reply.in_reply_to, reply.code, reply.kind) for reply in found.replies)
    doubled = sum(count - 1 for counter in (published, kinds, found.filed) for count in counter.values())
    if any(reply.channel == "web" for reply in found.replies):
        return _Replies(len(published.keys() - found.filed.keys()), doubled, 0)
    if found.delivered is None:
        return _Replies(0, doubled, 0)
    told: dict[str, list[_Told]] = defaultdict(list)
    for reply in {reply.id: reply for reply in found.replies}.values():
        text = reply.personal.text
        parts = split_text(text, LONGEST[reply.channel]) if reply.channel in LONGEST else (text,)
        told[users.get(reply.account, "")].extend(_Told(plain(part), str(reply.code), reply.kind) for part in parts)
    got: dict[str, list[str]] = defaultdict(list)
    for one in found.delivered:
        got[one.user].append(one.text)
    return _Replies(
        lost=sum((Counter(one.text for one in texts) - Counter(got[user])).total() for user, texts in told.items()),
        doubled=doubled + sum(count - 1 for texts in got.values() for count in Counter(texts).values()),
        out_of_order=sum(_moved(told[user], texts) for user, texts in got.items()),
    )


def _moved(told: Sequence[_Told], got: Sequence[str]) -> int:
    """Steps back in what one citizen got: of one matter, and of one kind; else one reply has no order to another."""
    place_of = {one.text: (place, one) for place, one in enumerate(told)}
    known = [place_of[text] for text in dict.fromkeys(got) if text in place_of]
    rows: dict[str, list[int]] = defaultdict(list)
    for place, one in known:
        rows[f"code {one.code}"].append(place)
        rows[f"kind {one.kind}"].append(place)
    return sum(map(_steps_back, rows.values()))
