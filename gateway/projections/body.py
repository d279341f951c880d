"""A document's body as text, the same for every adapter, so that what JSON cannot hold is refused by all of them."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.errors import Invalid


def body_text(body: Mapping[str, Any]) -> str:
    """The body as JSON text; raises `Invalid("document_not_json")`."""
    try:
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid("document_not_json", "The document's body cannot be written as JSON.") from error
    return text
