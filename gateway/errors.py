"""The three kinds of error; every adapter maps its driver's errors to one of them at its edge.

    GatewayError
    ├── Invalid       never retry: the input is wrong; dead letter with the payload, or 4xx at an HTTP edge
    ├── Unavailable   retry in place, keeping the order: something we need is down, full or slow; 503 at an HTTP edge
    └── Conflict      somebody else was first: load again, decide again; 409 at an HTTP edge

Messages carry a machine-readable reason and a sentence about the *kind* of fault; never a value of the input.
"""


class GatewayError(Exception):
    """Any error that the gateway raises on purpose."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """Take `reason`, a snake_case code, and `detail`, one sentence without any value of the input."""
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Invalid(GatewayError):
    """The input can never be handled; retrying cannot help."""


class Unavailable(GatewayError):
    """What is needed is not to be had now; try again after `retry_after` seconds."""

    def __init__(self, reason: str, detail: str = "", *, retry_after: float = 1.0) -> None:
        """Take the advised wait in seconds beside reason and detail."""
        super().__init__(reason, detail)
        self.retry_after = retry_after


class Conflict(GatewayError):
    """Another writer was first, or the caller's view is outdated."""
