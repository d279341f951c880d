"""The card by which Zalo itself asks a citizen for contact details (`request_user_info`), once per submission."""

from pathlib import Path
from typing import Any, Final

import yaml

from gateway.errors import Invalid

TEXTS: Final = Path(__file__).parent / "texts/card.yaml"
LONGEST_TITLE: Final = 100
LONGEST_SUBTITLE: Final = 500


def load_card(image_url: str, path: Path = TEXTS) -> dict[str, Any] | None:
    """The `message` of the card; None without a picture, which Zalo demands. Raises `Invalid("card_texts")`."""
    if not image_url:
        return None
    words = yaml.safe_load(path.read_text(encoding="utf-8"))
    title, subtitle = words.get("title", ""), words.get("subtitle", "")
    if not (0 < len(title) <= LONGEST_TITLE and 0 < len(subtitle) <= LONGEST_SUBTITLE):
        raise Invalid("card_texts", "The card's title may have 100 characters and its subtitle 500; neither is empty.")
    element = {"title": title, "subtitle": subtitle, "image_url": image_url}
    payload = {"template_type": "request_user_info", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}
