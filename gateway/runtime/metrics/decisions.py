"""What becomes of messages: outcomes, the mix of judgements, what was passed over, and tickets with their clocks."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class DecisionMetrics:
    """Metrics of the normalizer and the dispatcher."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Create them on a registry."""
        self.outcomes = Counter("gateway_outcomes", "Decisions by outcome.", ["channel", "outcome"], registry=registry)
        self.judgements = Counter(
            "gateway_judgements",
            "Decisions by the field of Article 4 that fits best, the outcome, and the language.",
            ["label", "outcome", "language"],
            registry=registry,
        )
        self.ignored = Counter(
            "gateway_ignored",
            "Received events that put no matter, by reason.",
            ["channel", "reason"],
            registry=registry,
        )
        self.alerts = Counter(
            "gateway_alerts", "Decisions that operators must see at once.", ["label"], registry=registry
        )
        self.tickets = Counter(
            "gateway_ticket_steps", "Steps in tickets' lives.", ["step", "agency"], registry=registry
        )
        self.open_tickets = Gauge(
            "gateway_open_tickets",
            "Tickets without an answer: `due_soon` within two working hours, `overdue`, or `open` with more time. "
            "The agency `none` stands for those that wait for an operator's routing.",
            ["agency", "due"],
            registry=registry,
        )
