"""A filed webhook, read again, is the message that was recorded, signed or not."""

import pytest

from schemas.inbound import Inbound
from services.zalo_ingest.filed import filed_raw, read_kept
from services.zalo_ingest.inbound import read_raw
from tests.channels.zalo.captured import FILES, IDENTITY, raw_of


@pytest.mark.parametrize("trusted", [True, False], ids=["signed", "unsigned"])
def test_what_was_filed_is_read_as_it_was_recorded(trusted: bool) -> None:  # noqa: FBT001 - a parameter of the test
    count = 0
    for path in FILES:
        payload = path.read_bytes()
        (recorded,) = read_raw(raw_of(payload, trusted=trusted), IDENTITY)
        if isinstance(recorded, Inbound):
            again = [one for one in read_kept(filed_raw(recorded, payload), IDENTITY) if one.id == recorded.id]
            assert again == [recorded], path.stem
            count += 1
    assert count > 10
