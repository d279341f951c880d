"""The regulation's words as closed sets: labels and subfields of Article 4, outcomes, intake kinds, contact items."""

from enum import StrEnum


class Intake(StrEnum):
    """How a message came in; one channel may have several kinds (Điều 2, Điều 3.5, Điều 5)."""

    FORM = "form"
    APP = "app"
    CALL = "call"
    LETTER = "letter"
    PORTAL = "portal"
    CHAT = "chat"
    EMAIL = "email"
    COMMENT = "comment"


class Language(StrEnum):
    """Languages of the hotline (Điều 6.1); `other` is any further one."""

    VI = "vi"
    EN = "en"
    OTHER = "other"


class ContactItem(StrEnum):
    """What can be missing from a submission (Điều 6.2 and 6.3)."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    CONTENT = "content"


class Label(StrEnum):
    """Fields of Article 4, and the matters of 4.6 that are redirected."""

    ADMINISTRATIVE_PROCEDURE = "administrative_procedure"
    PUBLIC_SERVICE = "public_service"
    INFRASTRUCTURE_INCIDENT = "infrastructure_incident"
    MARKET_VIOLATION = "market_violation"
    CONSTRUCTION_LAND_VIOLATION = "construction_land_violation"
    INVESTMENT_TOURISM_EVENT = "investment_tourism_event"
    OTHER = "other"
    EMERGENCY_POLICE = "emergency_police"
    EMERGENCY_FIRE_RESCUE = "emergency_fire_rescue"
    EMERGENCY_MEDICAL = "emergency_medical"
    COMPLAINT_DENUNCIATION = "complaint_denunciation"


EMERGENCIES = frozenset({Label.EMERGENCY_POLICE, Label.EMERGENCY_FIRE_RESCUE, Label.EMERGENCY_MEDICAL})
REDIRECTED = EMERGENCIES | {Label.COMPLAINT_DENUNCIATION}

SUBFIELDS: dict[Label, tuple[str, ...]] = {
    Label.ADMINISTRATIVE_PROCEDURE: (
        "civil_status",
        "identity_residence",
        "land_registration",
        "construction_permit",
        "business_registration",
        "tax_fee",
        "social_policy",
        "online_service",
        "official_conduct",
        "rule_improvement",
        "other",
    ),
    Label.PUBLIC_SERVICE: (
        "education",
        "health",
        "insurance",
        "social_security",
        "epidemic",
        "food_safety",
        "environment",
        "noise",
        "construction",
        "public_transport",
        "freight",
        "electricity",
        "water",
        "waste",
        "disaster",
        "culture_sport",
        "other",
    ),
    Label.INFRASTRUCTURE_INCIDENT: (
        "road",
        "traffic_signal",
        "water_supply",
        "drainage",
        "trees",
        "lighting",
        "electricity",
        "telecom",
        "other",
    ),
    Label.MARKET_VIOLATION: ("smuggling", "fraud_counterfeit", "agricultural_supplies", "price", "other"),
    Label.CONSTRUCTION_LAND_VIOLATION: ("illegal_building", "land", "forest_mineral"),
    Label.INVESTMENT_TOURISM_EVENT: ("investment", "tourism", "event"),
    Label.OTHER: ("other",),
    Label.EMERGENCY_POLICE: (),
    Label.EMERGENCY_FIRE_RESCUE: (),
    Label.EMERGENCY_MEDICAL: (),
    Label.COMPLAINT_DENUNCIATION: (),
}
"""The routing table's keys under each label; redirected labels have none."""


class OutcomeKind(StrEnum):
    """What became of an inbound message: each has exactly one current outcome (Điều 8)."""

    ACCEPTED = "accepted"
    MERGED = "merged"
    PENDING_SUPPLEMENT = "pending_supplement"
    REJECTED = "rejected"
    REDIRECTED = "redirected"
    NEEDS_REVIEW = "needs_review"
    IGNORED = "ignored"


class ReviewReason(StrEnum):
    """Why a person must look before a submission goes on (Điều 9)."""

    LOW_CONFIDENCE = "low_confidence"
    UNSURE_LANGUAGE = "unsure_language"
    POSSIBLE_COMPLAINT = "possible_complaint"
    UNCLEAR_AFTER_SUPPLEMENT = "unclear_after_supplement"
    URGENT_WITHOUT_CONTACT = "urgent_without_contact"
    ADVERTISING = "advertising"
    MEDIA_ONLY = "media_only"
    UNREADABLE = "unreadable"
    STAFF_ANSWERED = "staff_answered"
    WITHDRAWN = "withdrawn"


class RejectReason(StrEnum):
    """Why a submission is not accepted (Điều 8.2); each has its article and its text in the province's data."""

    FOREIGN_LANGUAGE = "foreign_language"
    MISSING_CONTACT = "missing_contact"
    OUT_OF_SCOPE = "out_of_scope"
    BY_OPERATOR = "by_operator"


class IgnoreReason(StrEnum):
    """Why an inbound message needs no outcome of its own; always recorded, never silent."""

    GREETING_ONLY = "greeting_only"
    THANKS = "thanks"
    NOTHING_OPEN = "nothing_open"
    DUPLICATE = "duplicate"
    WITH_STAFF = "with_staff"
    WITHDRAWN = "withdrawn"


class TransferRole(StrEnum):
    """Whose clock runs at the agency: 8 working hours for the focal officer, 48 for the head (Điều 10)."""

    FOCAL_OFFICER = "focal_officer"
    HEAD = "head"


class ReplyKind(StrEnum):
    """What a reply to a citizen is for; the texts lie in the province's data."""

    RECEIPT = "receipt"
    ACCEPTANCE = "acceptance"
    SUPPLEMENT_REQUEST = "supplement_request"
    REJECTION = "rejection"
    REDIRECT = "redirect"
    MERGED = "merged"
    IN_REVIEW = "in_review"
    TRANSFERRED = "transferred"
    RESULT = "result"
    ADDED = "added"


class ReplyState(StrEnum):
    """How a reply ended on its channel; `unknown` is never resent blindly."""

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
