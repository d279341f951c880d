"""Says in plain text what an HTML body says: paragraphs, lists, links, and quotations marked as mail marks them."""

import re
from dataclasses import dataclass, field

from services.email_ingest.html_tokens import Tag, tokens
from services.email_ingest.limits import MAX_HTML

HTML_CUT = "html_cut"

_DROPPED = frozenset({"script", "style", "title", "head", "template"})
_BLOCKS = frozenset(
    {"p", "div", "table", "tr", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article"}
    | {"header", "footer", "address", "center", "blockquote", "dl", "dt", "dd", "form", "fieldset", "body", "html"}
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol"})
_SPACE = re.compile(r"[ \t\r\n\f\u00a0]+")
_MAX_QUOTES = 20
_OUTLOOK = frozenset({"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container"})
"""Where Outlook puts the mail that is answered."""


@dataclass(slots=True)
class _Page:
    """The text so far: finished lines, the line being written, and how deep in quotations it is."""

    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    quotes: int = 0
    blank_wanted: bool = False
    links: list[tuple[str, int]] = field(default_factory=list)

    def write(self, text: str) -> None:
        said = _SPACE.sub(" ", text)
        if not self.line:
            said = said.lstrip(" ")
        if said:
            self.line.append(said)

    def end_line(self, *, even_empty: bool = False) -> None:
        said = "".join(self.line).rstrip()
        self.line.clear()
        if not said and not even_empty:
            return
        prefix = "> " * min(self.quotes, _MAX_QUOTES)
        if self.blank_wanted and self.lines and self.lines[-1].strip("> "):
            self.lines.append(prefix.rstrip())
        self.blank_wanted = False
        self.lines.append((prefix + said).rstrip())


def html_to_text(html: str) -> tuple[str, tuple[str, ...]]:
    """The text, and whether something was cut; linear in the length, of which 256 kB are looked at."""
    defects = (HTML_CUT,) if len(html) > MAX_HTML else ()
    page = _Page()
    dropped: dict[str, int] = {}
    depth = 0
    for token in tokens(html[:MAX_HTML]):
        if isinstance(token, str):
            if depth == 0:
                page.write(token)
            continue
        if token.name in _DROPPED:
            step = -1 if token.closing else 1
            held = max(dropped.get(token.name, 0) + step, 0)
            depth += held - dropped.get(token.name, 0)
            dropped[token.name] = held
            continue
        if dropped.get("head") and depth == dropped["head"] and token.name in _BLOCKS:
            # A head that is never closed ends where the body, or anything that stands in one, begins.
            dropped, depth = {}, 0
        if depth == 0:
            _mark(page, token)
    page.end_line()
    return "\n".join(page.lines).strip("\n"), defects


def _mark(page: _Page, tag: Tag) -> None:
    if tag.name == "br":
        page.end_line(even_empty=True)
    elif tag.name == "hr" or tag.attributes.get("id", "").lower() in _OUTLOOK:
        page.end_line()
        page.line.append("_" * 32)
        page.end_line()
    elif tag.name == "a":
        _link(page, tag)
    elif tag.name in ("td", "th"):
        page.write(" ")
    elif tag.name == "img":
        page.write(tag.attributes.get("alt", ""))
    elif tag.name in _BLOCKS:
        page.end_line()
        page.blank_wanted = page.blank_wanted or tag.name in _PARAGRAPHS
        if tag.name == "blockquote":
            page.quotes = max(page.quotes + (-1 if tag.closing else 1), 0)
        elif tag.name == "li" and not tag.closing:
            page.line.append("- ")


def _link(page: _Page, tag: Tag) -> None:
    """A link's address stands behind its text, unless the text says it already."""
    if not tag.closing:
        page.links.append((tag.attributes.get("href", ""), len(page.line)))
        return
    if not page.links:
        return
    address, begin = page.links.pop()
    said = "".join(page.line[begin:]).strip()
    bare = address.partition(":")[2].strip("/")
    if address.startswith(("http:", "https:", "mailto:", "tel:")) and said and bare not in said and said not in bare:
        page.line.append(f" <{address[:500]}>")
