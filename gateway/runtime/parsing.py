"""Reads a record's value as the contract model it claims to be."""

from typing import TypeVar

from pydantic import ValidationError

from gateway.bus.port import Record
from gateway.errors import Invalid
from schemas.base import Contract

ContractT = TypeVar("ContractT", bound=Contract)


def parsed(model: type[ContractT], record: Record) -> ContractT:
    """The record's value; raises `Invalid("malformed")` naming the wrong members, never their values."""
    if record.message.type != model.TYPE:
        raise Invalid("unexpected_type", f"Expected {model.TYPE}.")
    try:
        return model.model_validate_json(record.message.value)
    except ValidationError as error:
        places = sorted({".".join(map(str, item["loc"])) for item in error.errors(include_input=False)})
        raise Invalid("malformed", ", ".join(places)[:300]) from None
