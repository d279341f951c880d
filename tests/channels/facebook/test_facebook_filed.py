"""A filed event, read again, is the message that was recorded: of a batch the one with the recorded id."""

import pytest

from gateway.errors import Invalid
from schemas.inbound import Inbound
from schemas.vocabulary import Intake
from services.facebook_ingest.effects import Known
from services.facebook_ingest.filed import filed_raw, read_kept
from tests.channels.facebook.reading import CAPTURED, IDENTITY, PAGE, PERSON, captured, effects, message, messaging

OTHER = IDENTITY.account("facebook", "somebody who wrote a comment")
ELSEWHERE = ("expected", "mention_post_add", "mention_comment_add")
NAMES = [path.stem for path in sorted(CAPTURED.glob("*.json")) if path.stem not in ELSEWHERE]


def test_every_captured_message_is_read_as_it_was_recorded() -> None:
    count = 0
    for name in NAMES:
        for effect in effects(captured(name)):
            recorded = effect.said
            if not isinstance(recorded, Inbound) or (recorded.edits and recorded.intake is Intake.COMMENT):
                continue
            said = read_kept(filed_raw(recorded, effect.original), PAGE, IDENTITY)
            assert [one for one in said if one.id == recorded.id] == [recorded], name
            count += 1
    assert count > 20


def test_a_message_in_the_thread_of_a_comment_stays_with_the_comments_account() -> None:
    [effect] = effects(messaging(message()), Known(threads={PERSON: OTHER}))
    recorded = effect.said
    assert isinstance(recorded, Inbound)
    assert recorded.account == OTHER
    assert list(read_kept(filed_raw(recorded, effect.original), PAGE, IDENTITY)) == [recorded]


@pytest.mark.parametrize("event", [b"", b"[]", b'{"recipient": 3}', b'{"field": "feed", "value": []}'])
def test_what_is_no_event_is_unreadable(event: bytes) -> None:
    [effect] = effects(messaging(message()))
    assert isinstance(effect.said, Inbound)
    with pytest.raises(Invalid):
        filed_raw(effect.said, event)
