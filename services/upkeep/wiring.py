"""Wires upkeep to a deployment with plain calls."""

from functools import partial

from gateway.runtime.background import projection_consumers, scheduler, watch
from gateway.runtime.deployment import Deployment
from gateway.runtime.service import Service

SERVICE = "upkeep"


def opened(deployment: Deployment) -> Service:
    """Everything that upkeep does, for the process that runs it."""
    return Service(
        name=SERVICE,
        consumers=projection_consumers(deployment),
        tasks=(scheduler(deployment).run, partial(watch, deployment)),
    )
