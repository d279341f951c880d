"""Lays out a reply as messages: words first, then files, and words instead of files that the channel does not carry."""

from collections.abc import Callable, Sequence

from gateway.outbox.carrier import FilesTaken
from gateway.outbox.payload import Payload
from schemas.files import AnswerFile
from schemas.reply import Reply
from schemas.vocabulary import Intake

Note = Callable[[Reply, Sequence[AnswerFile]], str]
"""Tells a citizen where files of a reply are to be had."""


def laid_out(reply: Reply, takes: FilesTaken, split: Callable[[str], Sequence[str]], note: Note) -> Sequence[Payload]:
    """The messages of a reply, in order; at least one. Files of a type that nobody takes are told of in the words."""
    taken = tuple(one for one in reply.files if _carried(one, reply, takes))
    left = tuple(one for one in reply.files if one not in taken)
    text = reply.personal.text
    words = [Payload(one) for one in split(f"{text}\n\n{note(reply, left)}" if left else text)]
    if not taken:
        return words
    if takes.with_words:
        return [*words[:-1], Payload(words[-1].text, taken, note(reply, taken))]
    return [*words, *(Payload("", (one,), note(reply, (one,))) for one in taken)]


def _carried(file: AnswerFile, reply: Reply, takes: FilesTaken) -> bool:
    # A comment is answered by a single private message: a second one with a file would never arrive.
    return file.file.media_type in takes.most and reply.intake is not Intake.COMMENT
