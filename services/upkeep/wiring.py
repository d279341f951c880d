"""Wires upkeep to a deployment with plain calls."""

from datetime import timedelta
from functools import partial

from gateway.runtime.background import projection_consumers, scheduler, watch
from gateway.runtime.deployment import Deployment
from gateway.runtime.ledger.keeping import LEDGER_STAGE, keep_ledger
from gateway.runtime.retention import keep_outbox_trimmed
from gateway.runtime.service import Service

SERVICE = "upkeep"


def opened(deployment: Deployment) -> Service:
    """Everything that upkeep does, for the process that runs it."""
    kept = timedelta(days=deployment.settings.outbox_days)
    return Service(
        name=SERVICE,
        consumers=projection_consumers(deployment),
        tasks=(
            scheduler(deployment).run,
            partial(watch, deployment),
            partial(keep_ledger, deployment.bus(LEDGER_STAGE), deployment.metrics, deployment.clock),
            partial(keep_outbox_trimmed, deployment.outbox, kept, deployment.clock),
        ),
    )
