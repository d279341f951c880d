"""Every event that a Zalo OA sends, and what each means here: nothing is passed over in silence.

Names: Zalo's developers' pages on webhooks, and where integrations in use have another name for one, both.
"""

from enum import StrEnum
from typing import Final


class Meaning(StrEnum):
    """What an event is for the gateway."""

    MESSAGE = "message"
    ANONYMOUS = "anonymous"
    STICKER = "sticker"
    OWN = "own"
    CONTACT = "contact"
    WITHDRAWAL = "withdrawal"
    REVOCATION = "revocation"
    ASIDE = "aside"


class Aside(StrEnum):
    """Why an event is no citizen's message: the closed set of `Ignored.reason` of this channel."""

    BAD_SIGNATURE = "bad_signature"
    CALL = "call"
    CHAT_OPENED = "chat_opened"
    ECHO = "echo"
    EMPTY_MESSAGE = "empty_message"
    ERASED = "erased"
    EXTENSION = "extension"
    FEEDBACK = "feedback"
    FOLLOW = "follow"
    GROUP = "group"
    JOURNEY = "journey"
    NOBODY = "nobody"
    PERMISSION_REVOKED = "permission_revoked"
    PROFILE = "profile"
    REACTION = "reaction"
    RECEIPT = "receipt"
    SHOP = "shop"
    STICKER = "sticker"
    TAG = "tag"
    TEMPLATE = "template"
    UNFOLLOW = "unfollow"
    UNKNOWN_EVENT = "unknown_event"
    UNKNOWN_OA = "unknown_oa"
    UNREADABLE = "unreadable"
    WIDGET = "widget"
    ZNS_RECEIPT = "zns_receipt"


OF_A_CITIZEN: Final = frozenset({Aside.STICKER, Aside.EMPTY_MESSAGE})
"""Messages of the citizen's own, though there is no matter in them; the others only tell of something."""

_SENT_KINDS = ("text", "image", "gif", "link", "audio", "video", "location", "business_card", "file")

MEANINGS: Final[dict[str, Meaning]] = {
    **{f"user_send_{kind}": Meaning.MESSAGE for kind in _SENT_KINDS},
    "user_send_sticker": Meaning.STICKER,
    **{f"anonymous_send_{kind}": Meaning.ANONYMOUS for kind in ("text", "image", "file")},
    "anonymous_send_sticker": Meaning.STICKER,
    **{f"oa_send_{kind}": Meaning.OWN for kind in ("text", "image", "gif", "list", "file", "sticker", "template")},
    **{f"oa_send_anonymous_{kind}": Meaning.OWN for kind in ("text", "image", "file", "sticker")},
    "user_submit_info": Meaning.CONTACT,
    "user_withdraw": Meaning.WITHDRAWAL,
    "permission_revoked": Meaning.REVOCATION,
}
"""Events that are acted on."""

ASIDES: Final[dict[str, Aside]] = {
    "user_received_message": Aside.RECEIPT,
    "user_seen_message": Aside.RECEIPT,
    "user_reacted_message": Aside.REACTION,
    "oa_reacted_message": Aside.REACTION,
    "follow": Aside.FOLLOW,
    "unfollow": Aside.UNFOLLOW,
    "user_click_chatnow": Aside.CHAT_OPENED,
    "update_user_info": Aside.PROFILE,
    "add_user_to_tag": Aside.TAG,
    "remove_user_from_tag": Aside.TAG,
    "remove_tag": Aside.TAG,
    "user_feedback": Aside.FEEDBACK,
    **dict.fromkeys(("oa_send_consent", "user_reply_consent", "oa_call_user", "user_call_oa"), Aside.CALL),
    **{f"{side}_send_group_{kind}": Aside.GROUP for side in ("user", "oa") for kind in (*_SENT_KINDS, "sticker")},
    **dict.fromkeys(
        (
            "create_group",
            "user_join_group",
            "user_request_join_group",
            "accept_request_join_group",
            "react_request_join_group",
            "reject_request_join_group",
            "add_group_admin",
            "remove_group_admin",
            "update_group_info",
            "user_out_group",
            "delete_group",
            "disperse_group",
        ),
        Aside.GROUP,
    ),
    "shop_has_order": Aside.SHOP,
    "widget_interaction_accepted": Aside.WIDGET,
    "widget_failed_to_sync_user_external_id": Aside.WIDGET,
    "extension_purchased": Aside.EXTENSION,
    **dict.fromkeys(
        (
            "change_oa_daily_quota",
            "change_oa_template_tags",
            "change_template_quality",
            "change_template_quota",
            "change_template_status",
        ),
        Aside.TEMPLATE,
    ),
    "event_journey_time_out": Aside.JOURNEY,
    "event_journey_acknowledged": Aside.JOURNEY,
}
"""Events that are only counted and recorded, each with its reason."""

INTERACTIONS: Final = frozenset(
    {
        *(name for name, meaning in MEANINGS.items() if meaning in (Meaning.MESSAGE, Meaning.ANONYMOUS)),
        "user_send_sticker",
        "anonymous_send_sticker",
        "user_submit_info",
        "user_call_oa",
        "user_click_chatnow",
        "widget_interaction_accepted",
    }
)
"""What opens the window for answers anew; receipts, reactions and following do not."""


def meaning_of(event_name: str) -> Meaning | None:
    """What an event is here; None for one that is in no catalogue."""
    return MEANINGS.get(event_name) or (Meaning.ASIDE if event_name in ASIDES else None)
