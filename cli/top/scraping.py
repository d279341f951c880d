"""Reads `/metrics` of each service, bounded in size and time; one that does not answer is told, not waited for."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from cli.top.samples import Sample, Samples, parsed

TIMEOUT_SECONDS = 3.0
MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """One look at all services: what those export that answer, and the addresses of the others with the reason."""

    samples: Samples
    silent: dict[str, str]


def look(addresses: Sequence[str]) -> Look:
    """Ask all at once."""
    with ThreadPoolExecutor(max_workers=max(1, len(addresses))) as asking:
        answers = dict(zip(addresses, asking.map(_asked, addresses), strict=True))
    found = [sample for answer in answers.values() if not isinstance(answer, str) for sample in answer]
    silent = {address: answer for address, answer in answers.items() if isinstance(answer, str)}
    return Look(Samples(time.time(), found), silent)


def _asked(address: str) -> list[Sample] | str:
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        body = answer.read(MOST_BYTES)
        if answer.status != 200:
            return "not_allowed"
        return parsed(body.decode(), address)
    except (OSError, HTTPException):
        return "not_running"
    except ValueError:
        return "not_a_gateway"
    finally:
        connection.close()
