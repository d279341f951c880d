"""Sorts a mail's parts into body texts and files, as RFC 8621, 4.1.4 does it for every mail program."""

import binascii
import quopri
import re
from dataclasses import dataclass, field

from services.email_ingest.parameters import read_parameters
from services.email_ingest.part import Part

BAD_BASE64 = "bad_base64"
_MEDIA = ("image/", "audio/", "video/")
_NOT_BASE64 = bytes(
    code for code in range(256) if not (chr(code).isascii() and chr(code).isalnum()) and code not in b"+/="
)
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)
_SUBTYPE = re.compile(r"[\w.+-]{1,64}/[\w.+-]{1,64}")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part that holds no others: its type and name as declared, its bytes decoded."""

    media_type: str
    charset: str
    name: str
    disposition: str
    content: bytes
    flowed: bool = False
    delete_space: bool = False
    defects: tuple[str, ...] = ()

    @property
    def is_media(self) -> bool:
        """Whether mail programs show it between the texts."""
        return self.media_type.startswith(_MEDIA)


@dataclass(slots=True)
class Tree:
    """Bodies in the order of reading, in both kinds, and every file in the order of the source."""

    text: list[Leaf] = field(default_factory=list)
    html: list[Leaf] = field(default_factory=list)
    files: list[Leaf] = field(default_factory=list)


@dataclass(slots=True)
class _Bodies:
    """What a branch may still add to: None once the other kind of body took it over."""

    text: list[Leaf] | None
    html: list[Leaf] | None


def sort_parts(root: Part) -> Tree:
    """Sort the parts below `root`; inline pictures are files, and nothing else is in two places."""
    tree = Tree()
    _sort([root], "mixed", _Bodies(tree.text, tree.html), tree, in_alternative=False)
    return tree


def _sort(parts: list[Part], multipart: str, into: _Bodies, tree: Tree, *, in_alternative: bool) -> None:
    texts = len(into.text) if into.text is not None else -1
    htmls = len(into.html) if into.html is not None else -1
    into = _Bodies(into.text, into.html)
    for number, part in enumerate(parts):
        children = part.get_payload() if part.is_multipart() else None
        if isinstance(children, list):
            inner = part.get_content_type().partition("/")[2]
            below = [child for child in children if isinstance(child, Part)]
            _sort(below, inner, into, tree, in_alternative=in_alternative or inner == "alternative")
            continue
        leaf = read_leaf(part)
        if leaf.is_media or not _is_body(leaf, number, multipart):
            tree.files.append(leaf)
        elif multipart == "alternative":
            _append(into.text if leaf.media_type == "text/plain" else into.html, leaf)
        else:
            if in_alternative:
                # A branch of alternatives speaks one language only: plain text or HTML.
                into = _Bodies(into.text, None) if leaf.media_type == "text/plain" else _Bodies(None, into.html)
            _append(into.text, leaf)
            _append(into.html, leaf)
    if multipart == "alternative" and into.text is not None and into.html is not None:
        if texts == len(into.text):
            into.text.extend(into.html[htmls:])
        elif htmls == len(into.html):
            into.html.extend(into.text[texts:])


def _append(bodies: list[Leaf] | None, leaf: Leaf) -> None:
    if bodies is not None:
        bodies.append(leaf)


def _is_body(leaf: Leaf, number: int, multipart: str) -> bool:
    """A text that is read in the mail itself, not opened as a file."""
    if leaf.disposition == "attachment" or leaf.media_type not in ("text/plain", "text/html"):
        return False
    return number == 0 or (multipart != "related" and not leaf.name)


def read_leaf(part: Part) -> Leaf:
    """Decode one part."""
    declared = read_parameters(part.header("content-type"))
    placed = read_parameters(part.header("content-disposition"))
    said = declared.value or part.get_default_type()
    media_type = said if _SUBTYPE.fullmatch(said) else "text/plain"
    content, defects = _decoded(part)
    return Leaf(
        media_type=media_type,
        charset=declared.parameters.get("charset", ""),
        name=placed.parameters.get("filename") or declared.parameters.get("name") or "",
        disposition=placed.value,
        content=content,
        flowed=declared.parameters.get("format", "").lower() == "flowed",
        delete_space=declared.parameters.get("delsp", "").lower() == "yes",
        defects=defects,
    )


def _decoded(part: Part) -> tuple[bytes, tuple[str, ...]]:
    raw = part.raw_payload()
    match part.header("content-transfer-encoding").strip().lower():
        case "base64":
            return _from_base64(raw)
        case "quoted-printable":
            return quopri.decodestring(raw), ()
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _from_uu(raw), ()
        case _:
            return raw, ()


def _from_base64(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Decode up to the padding, as mail programs do; what is no base64 at all is left as it is."""
    signs = raw.translate(None, _NOT_BASE64)
    body, padding, rest = signs.partition(b"=")
    damaged = len(body) % 4 == 1
    try:
        content = binascii.a2b_base64((body[:-1] if damaged else body) + b"=" * (-len(body) % 4))
    except binascii.Error:
        return raw, (BAD_BASE64,)
    return content, (BAD_BASE64,) if damaged or (padding and rest.strip(b"=")) else ()


def _from_uu(raw: bytes) -> bytes:
    begin = _UU_BEGIN.search(raw)
    found = []
    for line in raw[begin.end() if begin else 0 :].splitlines():
        if line.strip() in (b"end", b"`"):
            break
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            # A damaged line is left out; the source is kept.
            continue
    return b"".join(found)
