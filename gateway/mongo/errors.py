"""Every error class of MongoDB's driver, mapped to one of the gateway's three kinds."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bson import errors as bson
from gridfs import errors as gridfs
from pymongo import errors as driver

from gateway.errors import Conflict, GatewayError, Invalid, Unavailable

INVALID: tuple[type[Exception], ...] = (
    driver.DocumentTooLarge,
    driver.InvalidName,
    driver.InvalidURI,
    driver.ConfigurationError,
    bson.InvalidDocument,
    bson.InvalidStringData,
    bson.InvalidId,
    gridfs.NoFile,
)
CONFLICT: tuple[type[Exception], ...] = (driver.DuplicateKeyError, gridfs.FileExists)
UNAVAILABLE: tuple[type[Exception], ...] = (
    driver.PyMongoError,
    driver.ProtocolError,
    driver.ConnectionFailure,
    driver.WaitQueueTimeoutError,
    driver.AutoReconnect,
    driver.NetworkTimeout,
    driver.NotPrimaryError,
    driver.ServerSelectionTimeoutError,
    driver.OperationFailure,
    driver.CursorNotFound,
    driver.ExecutionTimeout,
    driver.WriteConcernError,
    driver.WriteError,
    driver.WTimeoutError,
    driver.BulkWriteError,
    driver.ClientBulkWriteException,
    driver.InvalidOperation,
    driver.CollectionInvalid,
    driver.EncryptionError,
    driver.EncryptedCollectionError,
    bson.BSONError,
    bson.InvalidBSON,
    gridfs.GridFSError,
    gridfs.CorruptGridFile,
)
"""What a server refuses is mostly its own trouble (rights, room, a role it lost): nobody's message is lost for it."""


def mapped(error: Exception) -> GatewayError:
    """The gateway's error for a driver's error; texts name the class and the server's code, which hold no value."""
    code = getattr(error, "code", None)
    name = type(error).__name__ if code is None else f"{type(error).__name__} {code}"
    if isinstance(error, CONFLICT):
        return Conflict("constraint", name)
    if isinstance(error, INVALID):
        return Invalid("database_statement", name)
    return Unavailable("database_unavailable", name)


@contextmanager
def as_ours() -> Iterator[None]:
    """Raise the gateway's error in place of the driver's, whose text quotes documents and so is left out.

    Also `Invalid("not_storable")` for text with half of a surrogate pair and numbers beyond 64 bits, and
    `CancelledError` for a cancellation within the block that the driver lost: it waits by `asyncio.wait_for`, which
    before Python 3.12 forgets one that comes at the moment of the answer (python/cpython#86296). A loop of such calls
    would go on for ever in a process that was told to stop.
    """
    asked = _cancellations()
    try:
        yield
    except (driver.PyMongoError, bson.BSONError) as error:
        raise mapped(error) from None
    except (UnicodeEncodeError, OverflowError) as error:
        raise Invalid("not_storable", type(error).__name__) from None
    if _cancellations() > asked:
        raise asyncio.CancelledError


def _cancellations() -> int:
    """How often the running task, if there is one, was asked to end."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return 0  # The driver is also used without an event loop, while a process starts.
    return task.cancelling() if task else 0
