"""JSON log lines that cannot carry personal data: only listed fields leave, and exceptions leave as their class."""

import contextlib
import json
import logging
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

FIELDS = frozenset(
    {
        "stage",
        "group",
        "topic",
        "reason",
        "detail",
        "service",
        "channel",
        "host",
        "port",
        "profile",
        "count",
        "seconds",
        "error",
        "path",
        "status",
        "method",
        "route",
        "version",
        "ticket_id",
        "uid",
    }
)
"""What a log line may hold besides time, level, logger and event; anything else is dropped at the door."""

_TRACE_ID: ContextVar[str] = ContextVar("trace_id", default="")


@contextlib.contextmanager
def tracing(trace_id: str) -> Iterator[None]:
    """Lines logged inside carry this `trace_id`, so that one message can be followed over the stages."""
    token = _TRACE_ID.set(trace_id)
    try:
        yield
    finally:
        _TRACE_ID.reset(token)


class JsonFormatter(logging.Formatter):
    """One JSON object a line; the message is an event name, values stand in the listed fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record; text of exceptions and arguments is left out because it quotes input."""
        found: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        if trace_id := _TRACE_ID.get():
            found["trace_id"] = trace_id
        found.update((name, value) for name, value in vars(record).items() if name in FIELDS)
        if record.exc_info and record.exc_info[0] is not None:
            found["error"] = record.exc_info[0].__name__
        return json.dumps(found, ensure_ascii=False, default=str)


def configure_logs(level: str) -> None:
    """Send every logger's records to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("httpx", "httpcore", "aioimaplib"):
        # They would write URLs, headers and server's lines, which hold signatures and tokens, into the event itself.
        logging.getLogger(name).setLevel(logging.WARNING)
    # Its warnings hold whole paths, and those of the Graph API's reads a token.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = name != "uvicorn.access"
        logger.setLevel(logging.WARNING)
