"""Every metric the gateway exports, in one typed place: name, kind, labels, and what it tells.

No label ever holds a citizen's data: labels are stages, topics, channels and codes out of closed sets.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

ACKNOWLEDGE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
FLOW_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0)


class Metrics:
    """The catalogue; one instance per process, on a registry of its own."""

    def __init__(self) -> None:
        """Create every metric once."""
        self.registry = CollectorRegistry()
        reg = self.registry
        self.received = Counter(
            "gateway_received", "Messages made durable and acknowledged.", ["channel", "intake"], registry=reg
        )
        self.refused = Counter("gateway_refused", "Requests refused at the edge.", ["channel", "reason"], registry=reg)
        self.acknowledge = Histogram(
            "gateway_acknowledge_seconds",
            "Time from a complete request to its acknowledgement.",
            ["channel"],
            buckets=ACKNOWLEDGE_BUCKETS,
            registry=reg,
        )
        self.handled = Counter("gateway_handled", "Records a stage finished.", ["stage", "topic"], registry=reg)
        self.dead_letters = Counter(
            "gateway_dead_letters", "Records put aside with their payload.", ["stage", "reason"], registry=reg
        )
        self.stubs = Counter(
            "gateway_stubs",
            "Places of records put aside: taken by a stub, or left empty because none could be made.",
            ["stage", "state"],
            registry=reg,
        )
        self.halted = Gauge(
            "gateway_stage_halted", "1 while a stage stopped because most records go bad.", ["stage"], registry=reg
        )
        self.restarts = Counter("gateway_stage_restarts", "Restarts of a consumer.", ["stage", "topic"], registry=reg)
        self.outcomes = Counter(
            "gateway_outcomes", "Decisions by outcome.", ["channel", "outcome", "label"], registry=reg
        )
        self.alerts = Counter("gateway_alerts", "Decisions that operators must see at once.", ["label"], registry=reg)
        self.tickets = Counter("gateway_ticket_steps", "Steps in tickets' lives.", ["step", "agency"], registry=reg)
        self.replies = Counter("gateway_replies", "Replies by how they ended.", ["channel", "state"], registry=reg)
        self.channel_alarm = Gauge(
            "gateway_channel_alarm", "Above 0 while a channel needs a person.", ["channel", "what"], registry=reg
        )
        self.charged = Counter(
            "gateway_charged_messages", "Messages that the platform takes a fee for.", ["channel"], registry=reg
        )
        self.outbox_parts = Gauge(
            "gateway_outbox_parts", "Messages of replies by where they stand.", ["channel", "state"], registry=reg
        )
        self.outbox_oldest = Gauge(
            "gateway_outbox_oldest_seconds", "Age of the oldest message waiting to be sent.", ["channel"], registry=reg
        )
        self.channel_paused = Gauge(
            "gateway_channel_paused", "1 while nothing is sent on a channel.", ["channel", "reason"], registry=reg
        )
        self.mails = Counter(
            "gateway_mails",
            "Mails not taken, or not whole: gone before they were fetched, cut, unfetchable, left alone at first.",
            ["outcome"],
            registry=reg,
        )
        self.mailbox_connected = Gauge(
            "gateway_mailbox_connected", "1 while a folder is watched.", ["folder"], registry=reg
        )
        self.mailbox_contact = Gauge(
            "gateway_mailbox_contact_timestamp_seconds",
            "When the mail server last answered; its age is the time without contact.",
            ["folder"],
            registry=reg,
        )
        self.mailbox_login_failures = Counter(
            "gateway_mailbox_login_failures", "Logins that the mail server refused.", ["folder"], registry=reg
        )
        self.received_to_transfer = Histogram(
            "gateway_received_to_transfer_seconds",
            "Time from durable receipt to the agency's queue.",
            buckets=FLOW_BUCKETS,
            registry=reg,
        )
        self.lag_messages = Gauge("gateway_lag_messages", "Records not yet handled.", ["group", "topic"], registry=reg)
        self.lag_seconds = Gauge(
            "gateway_oldest_unprocessed_seconds",
            "Age of the oldest record not yet handled.",
            ["group", "topic"],
            registry=reg,
        )
        self.ledger_received = Gauge(
            "gateway_ledger_received",
            "Messages that the conservation ledger counts: those of the last day.",
            ["channel"],
            registry=reg,
        )
        self.ledger_outcomes = Gauge(
            "gateway_ledger_outcomes", "Of these, those with an outcome, ignored ones too.", ["channel"], registry=reg
        )
        self.ledger_in_flight = Gauge(
            "gateway_ledger_in_flight", "Of these, those that a stage has still before it.", ["channel"], registry=reg
        )
        self.ledger_unaccounted = Gauge(
            "gateway_ledger_unaccounted",
            "Of these, those that every stage went past and that have no outcome: 0, or something was lost.",
            ["channel"],
            registry=reg,
        )
        self.ledger_oldest = Gauge(
            "gateway_ledger_oldest_in_flight_seconds", "Age of the oldest one in flight.", ["channel"], registry=reg
        )
        self.reconciled = Counter(
            "gateway_reconciled",
            "Commits whose messages had not arrived and were published again.",
            ["stage"],
            registry=reg,
        )
        self.timers_fired = Counter("gateway_timers_fired", "Due times published.", registry=reg)
        self.disk_free = Gauge("gateway_disk_free_bytes", "Free space where the data folder lies.", registry=reg)
        self.media = Counter(
            "gateway_media",
            "Attachments by what became of them: `stored`, or why they were lost.",
            ["channel", "outcome"],
            registry=reg,
        )
        self.media_waiting = Counter(
            "gateway_media_waiting", "Attempts at attachments that are repeated.", ["channel", "reason"], registry=reg
        )
        self.media_bytes = Counter("gateway_media_bytes", "Bytes of stored attachments.", ["channel"], registry=reg)
