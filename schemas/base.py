"""What every contract model shares: immutability, a CloudEvents type, and the mark on personal values."""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Value(BaseModel):
    """An immutable part of a message.

    Unknown members are ignored on reading, because `v1` only grows: an older reader must take a newer message.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")


class Personal(Value):
    """Values that identify a citizen or may do so; free text is always one of them.

    A record keeps them together in its one member `personal`, so that they can be sealed, minimised or left out
    as a whole. They never enter keys, headers, logs, metrics or errors.
    """

    model_config = ConfigDict(json_schema_extra={"x-personal": True})

    def __repr__(self) -> str:
        """Hide the values: representations reach logs and error texts."""
        return f"{type(self).__name__}(<personal>)"

    __str__ = __repr__


class Contract(Value):
    """A whole message: what stands in a record's value on a topic."""

    TYPE: ClassVar[str]
    """The CloudEvents `type` attribute, for example `vn.1022.inbound.v1`."""


Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A machine-readable name out of the deployment's or the contract's data, such as an agency or a label."""

ReceiptCode = Annotated[str, StringConstraints(pattern=r"^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}$")]
"""A code that can be read out over the phone: three groups of four, without 0, O, 1 and I."""

ARTICLE_REF = r"^[0-9]{1,2}(\.[0-9]{1,2})?$"

ArticleRef = Annotated[str, StringConstraints(pattern=ARTICLE_REF)]
"""A clause of the regulation such as `6.3`; a pattern, because it reaches events that hold no free text."""

Account = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""A citizen's account on one channel: a keyed hash of channel and the channel's user id."""

Instant = AwareDatetime
"""A point in time with its zone; written as UTC."""

Text = Annotated[str, Field(max_length=20_000)]
"""Citizen text after hygiene: NFC, no NUL or C0 controls but tab and newline, bounded."""

ShortText = Annotated[str, Field(max_length=500)]
