"""What comes in: taken, refused, turned away, how quickly; the mailbox; and what waits at the edge for the bus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

ACKNOWLEDGE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class EdgeMetrics:
    """Metrics of the stages `<channel>_ingest.receive`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Create them on a registry."""
        self.received = Counter(
            "gateway_received", "Messages made durable and acknowledged.", ["channel", "intake"], registry=registry
        )
        self.refused = Counter(
            "gateway_refused",
            "Requests refused at the edge; `bad_signature` are those that the platform did not sign.",
            ["channel", "reason"],
            registry=registry,
        )
        self.turned_away = Counter(
            "gateway_turned_away",
            "Requests answered with 503: nothing was acknowledged, and the sender has to try again.",
            ["channel"],
            registry=registry,
        )
        self.acknowledge = Histogram(
            "gateway_acknowledge_seconds",
            "Time from a complete request to its acknowledgement.",
            ["channel"],
            buckets=ACKNOWLEDGE_BUCKETS,
            registry=registry,
        )
        self.mails = Counter(
            "gateway_mails",
            "Mails not taken, or not whole: gone before they were fetched, cut, unfetchable, left alone at first.",
            ["outcome"],
            registry=registry,
        )
        self.mailbox_connected = Gauge(
            "gateway_mailbox_connected", "1 while a folder is watched.", ["folder"], registry=registry
        )
        self.mailbox_contact = Gauge(
            "gateway_mailbox_contact_timestamp_seconds",
            "When the mail server last answered; its age is the time without contact.",
            ["folder"],
            registry=registry,
        )
        self.mailbox_login_failures = Counter(
            "gateway_mailbox_login_failures", "Logins that the mail server refused.", ["folder"], registry=registry
        )
        self.spool_messages = Gauge(
            "gateway_spool_messages", "Acknowledged messages that the bus has not confirmed yet.", registry=registry
        )
        self.spool_oldest = Gauge(
            "gateway_spool_oldest_seconds", "Age of the oldest message in the spool.", registry=registry
        )
