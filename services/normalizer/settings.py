"""The normalizer's own settings; everything that judges is data of the province."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class NormalizerSettings(BaseSettings):
    """Variables start with `NORMALIZER_`."""

    model_config = SettingsConfigDict(env_prefix="NORMALIZER_", env_file=".env", extra="ignore", frozen=True)

    lexicon: Path | None = Field(
        default=None, description="Folder of the lexicon; by default `lexicon` in the province folder."
    )
