"""Reads the demonstration's script: who writes what, in which steps, and what must come of it."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from cli.deciding import Verdict
from schemas.base import Code
from schemas.vocabulary import Label, Language, OutcomeKind, ReplyKind

SCRIPT = Path(__file__).with_name("citizens.yaml")


class Part(BaseModel):
    """A checked part of the script."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Review(Part):
    """What an operator decides."""

    verdict: Verdict
    label: Label | None = None
    subfield: Code | None = None


class Step(Part):
    """One thing that somebody does, and the outcome that must follow; exactly one of the first four is there.

    `send` and `add` are bodies as the app's interface takes them, the fields of the form, or on other channels what a
    citizen writes there: see `write` in `zalo.py`, `facebook.py` and `mail.py`.
    """

    send: dict[str, Any] | None = None
    add: dict[str, Any] | None = None
    review: Review | None = None
    answer: str | None = None
    outcome: OutcomeKind


class Scene(Part):
    """One citizen's matter; scenes of one `user` are the same person's. `agency` None: nobody gets it.

    `brings` is how many photos the operator's answer brings, `begins` how the first reply begins, and `photos` how many
    files the gateway has fetched, the last two on other channels than the web.
    """

    name: Code
    about: str
    by: Literal["app", "form", "call", "zalo", "facebook", "email"]
    user: Code
    files: tuple[Literal["photo", "recording"], ...] = ()
    twice: bool = Field(default=False, description="The app sends it again under the same Idempotency-Key.")
    steps: tuple[Step, ...] = Field(min_length=1)
    agency: Code | None = None
    replies: tuple[ReplyKind, ...]
    language: Language = Language.VI
    conduct: bool = False
    brings: int = Field(default=0, le=3)
    begins: str = ""
    photos: int = 0


class Script(Part):
    """The scenes, whose agencies are those of `province`."""

    province: Code
    scenes: tuple[Scene, ...]


def load_script() -> Script:
    """The script as it lies beside this module."""
    return Script.model_validate(yaml.safe_load(SCRIPT.read_text("utf-8")))
