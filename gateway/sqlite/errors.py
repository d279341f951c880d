"""Every SQLite error class, mapped to one of the gateway's three kinds."""

from pathlib import Path

import apsw

from gateway.errors import Conflict, GatewayError, Invalid, Unavailable

INVALID: tuple[type[apsw.Error], ...] = (
    apsw.TooBigError,
    apsw.MismatchError,
    apsw.RangeError,
    apsw.FormatError,
    apsw.SQLError,
    apsw.BindingsError,
    apsw.IncompleteExecutionError,
    apsw.ExecutionCompleteError,
    apsw.ExecTraceAbort,
    apsw.ExtensionLoadingError,
    apsw.VFSNotImplementedError,
    apsw.VFSFileClosedError,
    apsw.NoFTS5Error,
    apsw.InvalidContextError,
    apsw.NotFoundError,
)
CONFLICT: tuple[type[apsw.Error], ...] = (apsw.ConstraintError,)
UNAVAILABLE: tuple[type[apsw.Error], ...] = (
    apsw.BusyError,
    apsw.LockedError,
    apsw.FullError,
    apsw.IOError,
    apsw.CantOpenError,
    apsw.ReadOnlyError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.NoMemError,
    apsw.InterruptError,
    apsw.AbortError,
    apsw.PermissionsError,
    apsw.AuthError,
    apsw.SchemaChangeError,
    apsw.ProtocolError,
    apsw.EmptyError,
    apsw.NoLFSError,
    apsw.InternalError,
    apsw.MisuseError,
    apsw.ThreadingViolationError,
    apsw.ForkingViolationError,
    apsw.ConnectionNotClosedError,
    apsw.ConnectionClosedError,
    apsw.CursorClosedError,
)


DAMAGED: tuple[type[apsw.Error], ...] = (apsw.CorruptError, apsw.NotADBError)
"""Of the unavailable ones those that no waiting mends: the file must be restored."""


def mapped(error: apsw.Error, path: Path | None = None) -> GatewayError:
    """The gateway's error for a driver's error; texts name class and file only, since SQLite quotes values."""
    name = type(error).__name__ if path is None else f"{path.name}: {type(error).__name__}"
    if isinstance(error, CONFLICT):
        return Conflict("constraint", name)
    if isinstance(error, INVALID):
        return Invalid("database_statement", name)
    if isinstance(error, apsw.FullError):
        return Unavailable("disk_full", name, retry_after=5.0)
    if isinstance(error, DAMAGED):
        return Unavailable("database_damaged", name, retry_after=5.0)
    return Unavailable("database_unavailable", name, retry_after=1.0)
