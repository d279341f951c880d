"""Why an event of Facebook's is no citizen's message: a closed set, counted and recorded with each of them."""

from enum import StrEnum


class Skipped(StrEnum):
    """`Ignored.reason` of this channel."""

    UNREADABLE = "unreadable"
    UNKNOWN_OBJECT = "unknown_object"
    UNKNOWN_EVENT = "unknown_event"
    UNKNOWN_AUTHOR = "unknown_author"
    OTHER_PAGE = "other_page"
    EMPTY = "empty"
    ERASED = "erased"
    OWN_ECHO = "own_echo"
    BY_PAGE = "by_page"
    THANKS = "thanks"
    STICKER = "sticker"
    NAVIGATION = "navigation"
    REFERRAL = "referral"
    READ = "read"
    DELIVERY = "delivery"
    REACTION = "reaction"
    HANDOVER = "handover"
    POLICY_ENFORCEMENT = "policy_enforcement"
    MODERATED = "moderated"
    SHARED = "shared"
    RATING = "rating"


OF_A_CITIZEN = frozenset({Skipped.THANKS, Skipped.STICKER, Skipped.EMPTY, Skipped.NAVIGATION})
"""Messages of the citizen's own, though there is no matter in them; the others only tell of something."""
