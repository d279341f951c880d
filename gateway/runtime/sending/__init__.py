"""Brings replies to citizens on any channel: filed in the outbox, handed over by one sender, told how they ended.

`filing.py` is the send stage, `sender.py` the loop behind it; docs/decisions/0013-the-outbox.md says why.
"""

from gateway.runtime.sending.enclosing import Enclosures
from gateway.runtime.sending.filing import FileReplies
from gateway.runtime.sending.pace import Pace
from gateway.runtime.sending.sender import Sender

__all__ = ["Enclosures", "FileReplies", "Pace", "Sender"]
