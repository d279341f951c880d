"""Makes one text of a mail's bodies: decoded, unwrapped, HTML put into words, cleaned."""

import re
from collections.abc import Sequence

from gateway.domain.hygiene import clean_text
from services.email_ingest.charsets import decode
from services.email_ingest.html_text import html_to_text
from services.email_ingest.limits import MAX_BODY
from services.email_ingest.mime_tree import Leaf, Tree

BODY_CUT = "body_cut"
_EMBEDDED = re.compile(rb"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=%\s]*")
"""Pictures pasted into HTML, which would take the room of the text behind them."""

MAX_TEXT = 60_000
"""Characters that are parted into text and quotation, of which a message holds 20 000 each."""


def text_of(tree: Tree) -> tuple[str, tuple[str, ...]]:
    """The mail's words, and what was wrong with them.

    The plain text is read where there is one; an empty one beside HTML, as some newsletters and phones send it, is
    passed over.
    """
    said, defects = _joined(tree.text)
    if not said.strip() and tree.html and tree.html != tree.text:
        said, defects = _joined(tree.html)
    return said, defects


def _joined(bodies: Sequence[Leaf]) -> tuple[str, tuple[str, ...]]:
    texts = []
    defects: dict[str, None] = {}
    left = MAX_TEXT
    for body in bodies:
        said, wrong = _one(body)
        if len(said) > left:
            wrong = (*wrong, BODY_CUT)
        defects.update(dict.fromkeys(wrong))
        said = clean_text(said, limit=left) if left > 0 else ""
        left -= len(said)
        texts.append(said.strip("\n"))
    return "\n\n".join(text for text in texts if text.strip()), tuple(defects)


def _one(body: Leaf) -> tuple[str, tuple[str, ...]]:
    content = _EMBEDDED.sub(b"", body.content) if body.media_type == "text/html" else body.content
    decoded = decode(content[:MAX_BODY], body.charset)
    wrong = (*body.defects, *decoded.defects, *((BODY_CUT,) if len(content) > MAX_BODY else ()))
    if body.media_type == "text/html":
        text, cut = html_to_text(decoded.text)
        return text, (*wrong, *cut)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    return (_unwrapped(text, delete_space=body.delete_space) if body.flowed else text), wrong


def _unwrapped(text: str, *, delete_space: bool) -> str:
    """Join the lines that format=flowed broke (RFC 3676, 4.2): within one depth of quotation, but no signature mark."""
    found: list[str] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        said = line[depth:].removeprefix(" ")
        soft = said.endswith(" ") and said != "-- "
        kept = said[:-1] if soft and delete_space else said
        if open_depth == depth and said != "-- ":
            found.append(kept)
        else:
            if found:
                found.append("\n")
            found.append(">" * depth + (" " if depth and kept else "") + kept)
        open_depth = depth if soft else None
    return "".join(found)
