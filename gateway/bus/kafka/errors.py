"""Every exception of aiokafka, mapped to one of the gateway's three kinds."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiokafka import errors

from gateway.bus.kafka.contact import Contact
from gateway.errors import Conflict, GatewayError, Invalid, Unavailable

INVALID: tuple[type[Exception], ...] = (
    errors.IllegalStateError,
    errors.IllegalArgumentError,
    errors.UnrecognizedBrokerVersion,
    errors.IncompatibleBrokerVersion,
    errors.UnsupportedCodecError,
    errors.KafkaConfigurationError,
    errors.IllegalOperation,
    errors.RecordTooLargeError,
    errors.MessageSizeTooLargeError,
    errors.OffsetMetadataTooLargeError,
    errors.InvalidTopicError,
    errors.RecordListTooLargeError,
    errors.InvalidRequiredAcksError,
    errors.InvalidGroupIdError,
    errors.InvalidSessionTimeoutError,
    errors.InvalidCommitOffsetSizeError,
    errors.InvalidTimestampError,
    errors.UnsupportedVersionError,
    errors.InvalidPartitionsError,
    errors.InvalidReplicationAssignmentError,
    errors.InvalidConfigurationError,
    errors.InvalidRequestError,
    errors.UnsupportedForMessageFormatError,
    errors.PolicyViolationError,
    errors.InvalidTransactionTimeout,
    errors.InvalidPrincipalType,
)
CONFLICT: tuple[type[Exception], ...] = (
    errors.CommitFailedError,
    errors.ProducerFenced,
    errors.IllegalGenerationError,
    errors.UnknownMemberIdError,
    errors.RebalanceInProgressError,
    errors.TopicAlreadyExistsError,
    errors.InvalidProducerEpoch,
    errors.TransactionCoordinatorFenced,
    errors.NonEmptyGroup,
)
UNAVAILABLE: tuple[type[Exception], ...] = (
    errors.KafkaError,
    errors.NoBrokersAvailable,
    errors.NodeNotReadyError,
    errors.KafkaProtocolError,
    errors.CorrelationIdError,
    errors.Cancelled,
    errors.TooManyInFlightRequests,
    errors.StaleMetadata,
    errors.MetadataEmptyBrokerList,
    errors.AuthenticationMethodNotSupported,
    errors.AuthenticationFailedError,
    errors.KafkaUnavailableError,
    errors.KafkaTimeoutError,
    errors.KafkaConnectionError,
    errors.QuotaViolationError,
    errors.ConsumerStoppedError,
    errors.NoOffsetForPartitionError,
    errors.ProducerClosed,
    errors.BrokerResponseError,
    errors.NoError,
    errors.UnknownError,
    errors.OffsetOutOfRangeError,
    errors.CorruptRecordException,
    errors.UnknownTopicOrPartitionError,
    errors.InvalidFetchRequestError,
    errors.LeaderNotAvailableError,
    errors.NotLeaderForPartitionError,
    errors.RequestTimedOutError,
    errors.BrokerNotAvailableError,
    errors.ReplicaNotAvailableError,
    errors.StaleControllerEpochError,
    errors.StaleLeaderEpochCodeError,
    errors.GroupLoadInProgressError,
    errors.GroupCoordinatorNotAvailableError,
    errors.NotCoordinatorForGroupError,
    errors.NotEnoughReplicasError,
    errors.NotEnoughReplicasAfterAppendError,
    errors.InconsistentGroupProtocolError,
    errors.TopicAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
    errors.InvalidReplicationFactorError,
    errors.NotControllerError,
    errors.OutOfOrderSequenceNumber,
    errors.DuplicateSequenceNumber,
    errors.InvalidTxnState,
    errors.InvalidProducerIdMapping,
    errors.ConcurrentTransactions,
    errors.TransactionalIdAuthorizationFailed,
    errors.SecurityDisabled,
    errors.OperationNotAttempted,
    errors.KafkaStorageError,
    errors.LogDirNotFound,
    errors.SaslAuthenticationFailed,
    errors.UnknownProducerId,
    errors.ReassignmentInProgress,
    errors.DelegationTokenAuthDisabled,
    errors.DelegationTokenNotFound,
    errors.DelegationTokenOwnerMismatch,
    errors.DelegationTokenRequestNotAllowed,
    errors.DelegationTokenAuthorizationFailed,
    errors.DelegationTokenExpired,
    errors.GroupIdNotFound,
    errors.FetchSessionIdNotFound,
    errors.InvalidFetchSessionEpoch,
    errors.ListenerNotFound,
    errors.MemberIdRequired,
)

FENCED = (errors.ProducerFenced, errors.InvalidProducerEpoch, errors.TransactionCoordinatorFenced)
TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordTooLargeError, errors.RecordListTooLargeError)
DRIVER = (errors.KafkaError, errors.ConsumerStoppedError, errors.IllegalOperation)
"""What every exception of the driver is one of."""

REFUSED = (
    errors.AuthenticationFailedError,
    errors.AuthenticationMethodNotSupported,
    errors.ClusterAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
    errors.SaslAuthenticationFailed,
    errors.TopicAuthorizationFailedError,
    errors.TransactionalIdAuthorizationFailed,
)
"""Somebody must change a right or a password; until then it is of little use to ask again soon."""

CLOSED_HANDLE = "the handler is closed"
"""What uvloop says of a write to a connection that broke a moment before; aiokafka expects an OSError there."""


class NotTrusted(errors.KafkaConnectionError):  # type: ignore[misc]  # aiokafka has no types
    """Broker and gateway do not trust each other: certificates or passwords have to be mended."""

    def __init__(self, reason: str, detail: str) -> None:
        """Take what an operator has to know: a code, and a sentence without any value."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def mapped(error: Exception) -> GatewayError:
    """The gateway's error for a driver's; texts name the class only, since the driver quotes keys and topics."""
    name = type(error).__name__
    if isinstance(error, NotTrusted):
        return Unavailable(error.reason, error.detail, retry_after=5.0)
    if isinstance(error, FENCED):
        return Conflict("lease_lost", name)
    if isinstance(error, CONFLICT):
        return Conflict("kafka_conflict", name)
    if isinstance(error, TOO_LARGE):
        return Invalid("message_too_large", name)
    if isinstance(error, errors.InvalidTopicError):
        return Invalid("unknown_topic", name)
    if isinstance(error, INVALID):
        return Invalid("kafka_request", name)
    if isinstance(error, REFUSED):
        return Unavailable("kafka_refused", name, retry_after=30.0)
    return Unavailable("kafka_unavailable", name, retry_after=0.5)


@contextlib.asynccontextmanager
async def kafka_errors(seconds: float | None, contact: Contact | None = None) -> AsyncIterator[None]:
    """Bound what is done within in time, unless None, and raise the gateway's errors for the driver's.

    `contact` is told how it ended.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        late = Unavailable("kafka_timeout", "Kafka did not answer in time.", retry_after=0.5)
        raise _told(late, contact) from None
    except DRIVER as error:
        raise _told(mapped(error), contact) from error
    except RuntimeError as error:
        if CLOSED_HANDLE not in str(error):
            raise
        broken = Unavailable("kafka_unavailable", "ConnectionClosed", retry_after=0.5)
        raise _told(broken, contact) from error
    if contact is not None:
        contact.heard()


def _told(error: GatewayError, contact: Contact | None) -> GatewayError:
    if contact is not None and isinstance(error, Unavailable):
        contact.failed(error)
    return error
