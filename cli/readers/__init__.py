"""Which reader belongs to which channel: a new channel plugs in by one entry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.readers.mail import mail_lines
from cli.readers.web import web_lines
from schemas.vocabulary import Intake

Lines = Callable[[Sequence[Path], Intake, datetime], Iterator[Mapping[str, Any]]]
"""One JSON object a file, in order: what is read, or {"ignored": reason} or {"error": reason}."""

READERS: Mapping[str, Lines] = {"web": web_lines, "email": mail_lines}
