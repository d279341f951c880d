"""Says which trace a message belongs to: W3C Trace Context, level 1, derived from ids so that a repeat repeats it.

A message that enters the gateway begins a trace, and whatever follows from a record goes on in the record's trace.
Both ids are derived, because a crash between recording and publishing must publish the same bytes again, and they
hold nothing but other ids. What strangers send is never gone on with: a `traceparent` request header is not even
read, since whoever may choose it could join another citizen's trace or make two messages look like one; a receipt
code finds a message as well. The same goes for topics that only outsiders write.
"""

import hashlib
import re
from dataclasses import replace
from uuid import UUID, uuid5

from gateway.domain.identity import NAMESPACE
from schemas.envelope import Message
from schemas.topics import topic_for

FORMAT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""`version-traceid-parentid-flags` (Trace Context, 3.2.2); ids of zeros alone are invalid."""

RECORDED = "01"
"""Flags: the caller keeps this trace (3.2.2.5); the gateway's histories keep every one."""

OUTSIDE = frozenset({"agency"})
"""Producers that are not the gateway's own (`schemas.topics`)."""


def entering(message: Message) -> Message:
    """The message as the root of a trace."""
    return replace(message, traceparent=entry(message.id))


def entry(message_id: str) -> str:
    """The `traceparent` of the message with this id as the root of a trace: trace id from its own id."""
    return _written(_root(message_id), f"entry/{message_id}")


def following(cause: Message, stage: str, message: Message) -> Message:
    """A message that `stage` makes out of `cause`: the same trace, and the stage's handling of it as the parent."""
    return replace(message, traceparent=_written(trace_id(cause), f"{stage}/{cause.id}"))


def trace_id(message: Message) -> str:
    """32 hex digits: what its `traceparent` says; without a usable one the message is a root itself."""
    found = None if _from_outside(message.topic) else FORMAT.fullmatch(message.traceparent)
    return _root(message.id) if found is None else found.group(1)


def _from_outside(topic: str) -> bool:
    declared = topic_for(topic)
    return declared is not None and OUTSIDE.issuperset(declared.producers)


def _root(message_id: str) -> str:
    """A root's UUID without its dashes, so that operators find the trace by the message; foreign ids are hashed."""
    try:
        found = UUID(message_id)
    except ValueError:
        found = UUID(int=0)
    return found.hex if found.int else uuid5(NAMESPACE, f"trace/{message_id}").hex


def _written(trace: str, span: str) -> str:
    parent = hashlib.sha256(f"span/{span}".encode()).hexdigest()[:16]
    return f"00-{trace}-{parent}-{RECORDED}"
