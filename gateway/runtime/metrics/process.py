"""What the process itself needs and is: memory, files and start, disk, and which build it runs."""

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector


class ProcessMetrics:
    """Metrics of every process; `process_…` are those of the Prometheus client, such as the time of its start."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Create them on a registry."""
        ProcessCollector(registry=registry)
        self.build = Gauge(
            "gateway_build_info",
            "1, with what runs here.",
            ["version", "python", "profile", "province", "regulation"],
            registry=registry,
        )
        self.disk_free = Gauge("gateway_disk_free_bytes", "Free space where the data folder lies.", registry=registry)
        self.disk_size = Gauge("gateway_disk_size_bytes", "Space of that disk as a whole.", registry=registry)
        self.disk_reserve = Gauge(
            "gateway_disk_reserve_bytes",
            "Below this much free space nothing more is acknowledged.",
            registry=registry,
        )
        self.bus_away = Gauge(
            "gateway_bus_away_seconds",
            "How long this process has heard nothing of the bus; 0 while it answers.",
            registry=registry,
        )
