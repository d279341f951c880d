"""What citizens attached: fetched, lost, or tried again."""

from prometheus_client import CollectorRegistry, Counter


class AttachmentMetrics:
    """Metrics of the stages `<channel>_ingest.media`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Create them on a registry."""
        self.media = Counter(
            "gateway_media",
            "Attachments by what became of them: `stored`, or why they were lost.",
            ["channel", "outcome"],
            registry=registry,
        )
        self.media_waiting = Counter(
            "gateway_media_waiting",
            "Attempts at attachments that are repeated.",
            ["channel", "reason"],
            registry=registry,
        )
        self.media_bytes = Counter(
            "gateway_media_bytes", "Bytes of stored attachments.", ["channel"], registry=registry
        )
