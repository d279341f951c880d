"""One item of contact found in a text, with the span it came from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """`value` as it is kept, code-point offsets into the text, and whether it is certain."""

    value: str
    start: int
    end: int
    rule: str
    sure: bool = True
