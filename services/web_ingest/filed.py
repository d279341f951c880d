"""Puts a filed original back into the raw message that `receive` had wrapped it in, so that it can be read again."""

from schemas.inbound import Inbound
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.web_ingest.bodies import ANSWERS, OPERATOR

JSON_TYPE = "application/json"


def filed_raw(inbound: Inbound, payload: bytes) -> Raw:
    """The raw message of a recorded inbound and its original's bytes: pure, and the same as it was."""
    headers = {ANSWERS: inbound.answers, OPERATOR: inbound.operator}
    return Raw(
        id=inbound.id,
        channel=inbound.channel,
        intake=inbound.intake,
        endpoint=inbound.account,
        account=inbound.account,
        received_at=inbound.received_at,
        trusted=inbound.intake is not Intake.FORM,
        content_type=JSON_TYPE,
        attachments=inbound.attachments,
        trial=inbound.trial,
        personal=RawPersonal(payload=payload, headers={name: value for name, value in headers.items() if value}),
    )
