"""Judges one message as if it stood alone: the values of `gateway explain`, with the agency that would get it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.domain.province import Province
from gateway.domain.vietnamese import fold
from gateway.errors import Invalid
from schemas.inbound import Contact
from schemas.vocabulary import REDIRECTED, Intake, OutcomeKind
from services.dispatcher.route import route
from services.normalizer.explain import explained
from services.normalizer.judge import judge
from services.normalizer.judgement import Judgement, Matter
from services.normalizer.lexicon import Lexicon
from services.normalizer.policy import verdict

INTAKES: Mapping[str, Intake] = {
    "web": Intake.FORM,
    "form": Intake.FORM,
    "app": Intake.APP,
    "phone": Intake.CALL,
    "call": Intake.CALL,
    "letter": Intake.LETTER,
    "portal": Intake.PORTAL,
    "email": Intake.EMAIL,
}
"""How a message of a channel comes in; whatever else there is or will be is a chat."""

NO_AGENCY = frozenset({OutcomeKind.REJECTED, OutcomeKind.REDIRECTED, OutcomeKind.IGNORED})


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be judged; `received` is the local day of receipt."""

    text: str
    channel: str
    received: date
    known_contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """The deployment's rules and routing."""

    province: Province
    lexicon: Lexicon

    def explain(self, message: Message) -> dict[str, Any]:
        """The line of a message; absent items are None."""
        matter = Matter(
            text=message.text,
            channel=message.channel,
            intake=INTAKES.get(message.channel, Intake.CHAT),
            received=message.received,
            known_contact=message.known_contact,
        )
        judgement = judge(matter, self.province, self.lexicon)
        decided = verdict(judgement, matter)
        agency = None if decided.outcome.kind in NO_AGENCY else self._agency(judgement, matter)
        return {**explained(judgement, decided), "agency": agency}

    def _agency(self, judgement: Judgement, matter: Matter) -> str | None:
        """Who would get the ticket once it is accepted, as far as the field is known."""
        best = judgement.classification.best if judgement.classification is not None else None
        if best is None or best.label in REDIRECTED:
            return None
        try:
            found = route(
                self.province,
                label=best.label,
                subfield=best.subfield,
                locality=judgement.locality,
                received=matter.received,
                confidence=best.confidence,
                text_folded=fold(matter.text),
            )
        except Invalid:
            # On a day before the province's data begins there was no agency to name.
            return None
        return found.agency.code
