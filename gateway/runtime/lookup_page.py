"""Where citizens look up what became of their submission: an address that every channel may have to name."""

from collections.abc import Sequence
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.domain.identity import Identity
from gateway.domain.province import Province
from gateway.errors import Invalid
from gateway.runtime.sending.packing import Note
from gateway.runtime.settings import GatewaySettings, read_settings
from schemas.files import AnswerFile
from schemas.reply import Reply
from schemas.vocabulary import Language

PATH: Final = {Language.VI: "/tra-cuu", Language.EN: "/en/lookup"}


class PublicAddress(BaseSettings):
    """Under which address the pages are reached; the variable is `WEB_PUBLIC_URL`."""

    model_config = SettingsConfigDict(env_prefix="WEB_", env_file=".env", extra="ignore", frozen=True)

    public_url: str = Field(
        default="http://127.0.0.1:8022",
        pattern=r"^https?://[^/\s]+$",
        description="Scheme and host under which citizens reach the pages; https makes cookies Secure.",
    )


def public_url(own: GatewaySettings, web: PublicAddress | None = None) -> str:
    """Scheme and host of the pages: as set, else where this process listens; raises `Invalid("settings")`."""
    found = web or read_settings(PublicAddress)
    return found.public_url if "public_url" in found.model_fields_set else f"http://{own.host}:{own.port}"


def files_at_lookup(province: Province, identity: Identity, url: str) -> Note:
    """Says in the citizen's language where files of a reply are to be had, with what opens the page."""

    def note(reply: Reply, files: Sequence[AnswerFile]) -> str:
        if reply.code is None:
            raise Invalid("files_without_code", "Files belong to a submission, which has a code.")
        return province.told(
            "files_at_lookup",
            reply.intake,
            reply.language,
            files=", ".join(one.personal.name for one in files),
            address=url + PATH[Language.EN if reply.language is Language.EN else Language.VI],
            code=reply.code,
            secret=identity.lookup_secret(reply.code),
            hotline=province.hotline,
        )

    return note
