"""Reads the files that come with an answer, checks them before anything is kept, and keeps them for the citizen."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.file_names import ENDINGS, shown_name
from gateway.domain.media_types import ANSWER, kind_of, media_type_of
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from schemas.files import MOST_ANSWER_BYTES, MOST_ANSWER_FILES, AnswerFile, AnswerFilePersonal

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, repr=False)
class GivenFile:
    """A file that was looked at: a name that may be shown, and the type that the bytes tell."""

    name: str
    media_type: str
    content: bytes


def given_files(paths: Sequence[Path]) -> tuple[GivenFile, ...]:
    """The files; raises `Invalid` with `too_many_files`, `no_file`, `too_large` or `unknown_type`."""
    if len(paths) > MOST_ANSWER_FILES:
        raise Invalid("too_many_files", f"An answer brings at most {MOST_ANSWER_FILES} files.")
    left = MOST_ANSWER_BYTES
    found = []
    for number, path in enumerate(paths):
        content = _content(path, number, left)
        left -= len(content)
        media_type = media_type_of(content)
        if media_type is None or media_type not in ANSWER:
            known = ", ".join(ending for endings in ENDINGS.values() for ending in endings)
            raise Invalid("unknown_type", f"File {number + 1} is by its content none of {known}.")
        found.append(GivenFile(shown_name(path.name, media_type, number), media_type, content))
    return tuple(found)


async def kept(deployment: Deployment, account: str, files: Sequence[GivenFile]) -> tuple[AnswerFile, ...]:
    """The files in the file store under the citizen's account; raises `Invalid("erased")` or `Unavailable`."""
    return tuple(
        [
            AnswerFile(
                number=number,
                kind=kind_of(one.media_type),
                file=await deployment.files.put(account, one.content, media_type=one.media_type),
                personal=AnswerFilePersonal(name=one.name),
            )
            for number, one in enumerate(files)
        ]
    )


def _content(path: Path, number: int, left: int) -> bytes:
    """The bytes of a file, at most `left` of them; errors count the files, since their names may be personal."""
    try:
        with path.open("rb") as file:
            content = file.read(left + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Invalid("no_file", f"File {number + 1} given by --file cannot be read: {why}.") from None
    if len(content) > left:
        raise Invalid("too_large", f"The files of an answer have at most {MOST_ANSWER_BYTES // MEGABYTE} MB together.")
    return content
