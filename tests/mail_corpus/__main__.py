"""`python -m tests.mail_corpus FOLDER`: how well mails of others are read, whose data the project does not ship.

FOLDER holds `structured/**/*.eml`, each with the expected parse beside it as `.json` (the form of the mail-parser
crate's tests; `.crlf.json` is expected of the same mail with CRLF line ends), and `replies/{emails,trimmed}/*.txt`
(the form of email_reply_trimmer's tests).
"""

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.email_ingest.mail import Mailbox, ReadMail
from services.email_ingest.parse import read_mail
from services.email_ingest.quoting import part_text

INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff]")


@dataclass
class Score:
    """Fields that could be compared and that were equal, and where they were not."""

    compared: Counter[str] = field(default_factory=Counter)
    equal: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)

    def compare(self, where: str, name: str, expected: object, found: object) -> None:
        """Count one field."""
        self.compared[name] += 1
        if expected == found:
            self.equal[name] += 1
        else:
            self.misses.append(f"{where} {name}\n    expected {expected!r:.200}\n    found    {found!r:.200}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", action="store_true", help="print every field that differs")
    chosen = parser.parse_args()
    score = Score()
    for file in sorted((chosen.folder / "structured").rglob("*.eml")):
        source = file.read_bytes()
        one_mail(score, file.with_suffix(".json"), source)
        one_mail(score, file.with_suffix(".crlf.json"), source.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    replies = sorted((chosen.folder / "replies" / "emails").glob("*.txt"))
    exact = [file.name for file in replies if one_reply(score, file)]
    out = sys.stdout.write
    for name, count in sorted(score.compared.items()):
        out(f"{name:<14}{score.equal[name]:>5} of {count}\n")
    equal, compared = sum(score.equal.values()), sum(score.compared.values())
    out(f"all fields    {equal:>5} of {compared} ({100 * equal / max(compared, 1):.1f} %)\n")
    out(f"replies       {len(exact):>5} of {len(replies)} trimmed exactly\n")
    out(f"exceptions    {len(score.exceptions):>5}\n")
    out("".join(f"{line}\n" for line in (*score.exceptions, *(score.misses if chosen.misses else ()))))


def one_mail(score: Score, expectation: Path, source: bytes) -> None:
    """Compare one mail with what is expected of it."""
    if not expectation.exists():
        return
    where = "/".join(expectation.parts[-2:])
    try:
        read = read_mail(source)
    except Exception as error:  # noqa: BLE001 - that there is none is what is measured
        score.exceptions.append(f"{where} {type(error).__name__}: {error}")
        return
    expected = json.loads(expectation.read_text(encoding="utf-8"))
    headers = {
        header["name"]: header["value"]
        for header in reversed(expected["parts"][0]["headers"])
        if isinstance(header["name"], str)
    }
    mail = read.mail
    if "Text" in headers.get("subject", {}):
        score.compare(where, "subject", folded(headers["subject"]["Text"]), folded(mail.subject))
    if "Text" in headers.get("message_id", {}):
        score.compare(where, "message_id", headers["message_id"]["Text"], mail.message_id)
    for name, found in (("from", (mail.sender,)), ("to", mail.to)):
        if "Address" in headers.get(name, {}):
            score.compare(where, name, addresses(headers[name]["Address"]), own(found))
    if isinstance(headers.get("date"), dict) and "DateTime" in headers["date"]:
        date = mail.date.isoformat() if mail.date else None
        score.compare(where, "date", iso(headers["date"]["DateTime"]), date)
    bodies(score, where, expected, read)


def bodies(score: Score, where: str, expected: dict[str, Any], read: ReadMail) -> None:
    """Compare text and files; pictures count as files even where they stand in the text."""
    parts = expected["parts"]
    texts = [parts[number]["body"] for number in expected["text_body"]]
    if any("Text" in body for body in texts) and not any("Html" in body for body in texts):
        whole = "\n".join(body["Text"] for body in texts if "Text" in body)
        found = f"{read.mail.text} {read.mail.quoted}"
        # Quotations may stand before what they are separated from: the same words, whatever their order.
        score.compare(where, "text", sorted(folded(whole).split()), sorted(folded(found).split()))
    wanted = [digest(parts[number]["body"]) for number in expected["attachments"]]
    score.compare(where, "attachments", len(wanted), len(read.contents))
    if len(wanted) == len(read.contents):
        for index, (one, file) in enumerate(zip(wanted, read.mail.files, strict=True)):
            if one is not None:
                score.compare(f"{where} #{index}", "file", one, file.sha256)


def digest(body: dict[str, Any]) -> str | None:
    """SHA-256 of a file's bytes; None where the expectation holds text, whose bytes are not known."""
    data = body.get("Binary", body.get("InlineBinary"))
    return hashlib.sha256(bytes(data)).hexdigest() if data is not None else None


def one_reply(score: Score, file: Path) -> bool:
    """Whether a reply's new text is found exactly, white space folded."""
    try:
        parted = part_text(file.read_text(encoding="utf-8"))
    except Exception as error:  # noqa: BLE001 - that there is none is what is measured
        score.exceptions.append(f"{file.name} {type(error).__name__}: {error}")
        return False
    wanted = (file.parents[1] / "trimmed" / file.name).read_text(encoding="utf-8")
    exact = folded(wanted) == folded(parted.text)
    if not exact:
        score.misses.append(f"{file.name} reply")
    return exact


def folded(text: str) -> str:
    """White space folded, invisible signs left out as everywhere in the gateway."""
    return " ".join(INVISIBLE.sub("", text).split())


def addresses(value: dict[str, Any]) -> list[tuple[str, str]]:
    """The expected addresses, groups opened."""
    listed = value.get("List") or [one for group in value.get("Group", ()) for one in group["addresses"]]
    return [(folded(one.get("name") or ""), one.get("address") or "") for one in listed]


def own(found: tuple[Mailbox, ...]) -> list[tuple[str, str]]:
    """The read ones in the same form."""
    return [(folded(one.name), one.address) for one in found]


def iso(value: dict[str, Any]) -> str:
    """The expected time as ISO 8601."""
    sign = "-" if value["tz_before_gmt"] else "+"
    return (
        f"{value['year']:04}-{value['month']:02}-{value['day']:02}T{value['hour']:02}:{value['minute']:02}"
        f":{value['second']:02}{sign}{value['tz_hour']:02}:{value['tz_minute']:02}"
    )


if __name__ == "__main__":
    main()
