"""What goes through: records handled and put aside, how far each group is behind, and whether the count adds up."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

FLOW_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0)


class StageMetrics:
    """Metrics of consuming stages, and the figures by which somebody outside of them sees that one stands still."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Create them on a registry."""
        self._flow(registry)
        self._put_aside(registry)
        self._behind(registry)
        self._ledger(registry)

    def _flow(self, registry: CollectorRegistry) -> None:
        self.handled = Counter("gateway_handled", "Records a stage finished.", ["stage", "topic"], registry=registry)
        self.stage_seconds = Histogram(
            "gateway_stage_seconds",
            "Age of a record when a stage had finished it: its wait and the work on it.",
            ["stage"],
            buckets=FLOW_BUCKETS,
            registry=registry,
        )
        self.received_to_transfer = Histogram(
            "gateway_received_to_transfer_seconds",
            "Time from durable receipt to the agency's queue.",
            buckets=FLOW_BUCKETS,
            registry=registry,
        )
        self.restarts = Counter(
            "gateway_stage_restarts", "Restarts of a consumer.", ["stage", "topic"], registry=registry
        )
        self.timers_fired = Counter("gateway_timers_fired", "Due times published.", registry=registry)

    def _put_aside(self, registry: CollectorRegistry) -> None:
        self.dead_letters = Counter(
            "gateway_dead_letters", "Records put aside with their payload.", ["stage", "reason"], registry=registry
        )
        self.dead_letters_waiting = Gauge(
            "gateway_dead_letters_waiting", "Dead letters that nobody has put back.", registry=registry
        )
        self.stubs = Counter(
            "gateway_stubs",
            "Places of records put aside: taken by a stub, or left empty because none could be made.",
            ["stage", "state"],
            registry=registry,
        )
        self.halted = Gauge(
            "gateway_stage_halted", "1 while a stage stopped because most records go bad.", ["stage"], registry=registry
        )

    def _behind(self, registry: CollectorRegistry) -> None:
        """Asked of the bus by a process that need not run the group: a dead consumer cannot silence them."""
        self.lag_messages = Gauge(
            "gateway_lag_messages", "Records not yet handled.", ["group", "topic"], registry=registry
        )
        self.lag_seconds = Gauge(
            "gateway_oldest_unprocessed_seconds",
            "Age of the oldest record not yet handled.",
            ["group", "topic"],
            registry=registry,
        )
        self.watched = Gauge(
            "gateway_watched_timestamp_seconds",
            "When figures were last gathered; older than five minutes, they tell nothing.",
            ["what"],
            registry=registry,
        )

    def _ledger(self, registry: CollectorRegistry) -> None:
        """The conservation ledger: received = outcomes + in flight + unaccounted."""
        self.ledger_received = Gauge(
            "gateway_ledger_received", "Messages received, as counted by the ledger.", ["channel"], registry=registry
        )
        self.ledger_outcomes = Gauge(
            "gateway_ledger_outcomes", "Messages that have an outcome.", ["channel"], registry=registry
        )
        self.ledger_in_flight = Gauge(
            "gateway_ledger_in_flight", "Messages on their way to an outcome.", ["channel"], registry=registry
        )
        self.ledger_unaccounted = Gauge(
            "gateway_ledger_unaccounted",
            "Messages that neither have an outcome nor are on their way.",
            ["channel"],
            registry=registry,
        )
        self.ledger_oldest = Gauge(
            "gateway_ledger_oldest_in_flight_seconds",
            "Age of the oldest message on its way to an outcome.",
            ["channel"],
            registry=registry,
        )
        self.reconciled = Counter(
            "gateway_reconciled",
            "Commits whose messages had not arrived and were published again.",
            ["stage"],
            registry=registry,
        )
