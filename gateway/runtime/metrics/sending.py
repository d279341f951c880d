"""What goes out: replies by how they ended, the outbox, and the channels' access to their platforms."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class SendingMetrics:
    """Metrics of the stages `<channel>_ingest.send` and of what keeps a channel usable."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Create them on a registry."""
        self.replies = Counter("gateway_replies", "Replies by how they ended.", ["channel", "state"], registry=registry)
        self.charged = Counter(
            "gateway_charged_messages", "Messages that the platform takes a fee for.", ["channel"], registry=registry
        )
        self.outbox_parts = Gauge(
            "gateway_outbox_parts", "Messages of replies by where they stand.", ["channel", "state"], registry=registry
        )
        self.outbox_oldest = Gauge(
            "gateway_outbox_oldest_seconds",
            "Age of the oldest message waiting to be sent.",
            ["channel"],
            registry=registry,
        )
        self.channel_paused = Gauge(
            "gateway_channel_paused", "1 while nothing is sent on a channel.", ["channel", "reason"], registry=registry
        )
        self.channel_alarm = Gauge(
            "gateway_channel_alarm", "Above 0 while a channel needs a person.", ["channel", "what"], registry=registry
        )
        self.token_expires = Gauge(
            "gateway_token_expires_timestamp_seconds",
            "When the first of a channel's access tokens ends: 0 for one that is lost, +Inf for one that never does.",
            ["channel"],
            registry=registry,
        )
