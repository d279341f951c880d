"""Collects every problem of a province folder, so that its keeper mends them in one go."""

from dataclasses import dataclass, field

from gateway.errors import Invalid


class ProvinceInvalid(Invalid):
    """A province folder that cannot be used; `errors` names every problem with its file and line."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        """Take all problems, each as `file:line key: what is wrong`."""
        super().__init__("province_invalid", f"The province folder has {len(errors)} problem(s).")
        self.errors = errors


@dataclass(slots=True)
class Problems:
    """What was found wrong so far, in the order of reading."""

    found: list[str] = field(default_factory=list)

    def add(self, source: str, what: str) -> None:
        """Note a problem; `source` is `file:line` or `file:line key`."""
        self.found.append(f"{source}: {what}")

    def raise_if_any(self) -> None:
        """Raise `ProvinceInvalid` with everything that was noted."""
        if self.found:
            raise ProvinceInvalid(tuple(dict.fromkeys(self.found)))
