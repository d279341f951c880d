"""Wires the web channel to a deployment with plain calls."""

import hashlib

from gateway.runtime.channel import Channel, read_stage, stage
from gateway.runtime.deployment import Deployment
from gateway.runtime.lookup_page import public_url
from gateway.runtime.metrics import Metrics
from gateway.runtime.secret_files import trial_token
from gateway.runtime.service import Consumer
from gateway.runtime.settings import read_settings
from services.web_ingest.app import create_app
from services.web_ingest.inbound import answered_code
from services.web_ingest.read import Read
from services.web_ingest.send import Send
from services.web_ingest.session_key import SessionKeyLease
from services.web_ingest.settings import WebSettings
from services.web_ingest.web import CHANNEL, INTAKES, Web


def web(deployment: Deployment) -> Web:
    """The opened channel; raises `Invalid` naming every wrong `WEB_` variable."""
    return Web(
        bus=deployment.edge(stage(CHANNEL, "receive")),
        files=deployment.files,
        vault=deployment.vault,
        store=deployment.store,
        documents=deployment.documents,
        identity=deployment.identity,
        province=deployment.province,
        settings=_settings(deployment),
        session_key=deployment.session_key,
        clock=deployment.clock,
        metrics=deployment.metrics,
        check_room=deployment.check_room,
        trial=deployment.trial,
        children=deployment.children,
    )


def opened(deployment: Deployment) -> Channel:
    """The channel for the process that runs it: its pages and API answer whatever no other channel's webhook does."""
    channel = web(deployment)
    _shown_from_the_start(deployment.metrics)
    return Channel(
        code=CHANNEL,
        consumers=(
            read_stage(deployment, CHANNEL, Read(channel.files, channel.identity), answers=answered_code),
            Consumer(stage(CHANNEL, "send"), "replies.web", Send(channel.documents, channel.vault, channel.clock)),
        ),
        tasks=(SessionKeyLease(deployment.session_key, deployment.store, deployment.clock).run,),
        webhooks={"": create_app(channel)},
    )


def _shown_from_the_start(metrics: Metrics) -> None:
    """A channel that has received nothing yet is seen to have received nothing."""
    for intake in INTAKES:
        metrics.received.labels(CHANNEL, intake)
    metrics.turned_away.labels(CHANNEL)
    metrics.acknowledge.labels(CHANNEL)


def _settings(deployment: Deployment) -> WebSettings:
    found = read_settings(WebSettings)
    found = found.model_copy(update={"public_url": public_url(deployment.settings, found)})
    if not deployment.trial:
        return found
    # A trial has one app and one operator, whose keys lie beside the other secrets of the data folder.
    secrets = deployment.folder.secrets
    return found.model_copy(
        update={
            "app_keys": {"trial_app": _hashed(trial_token(secrets, "app")), **found.app_keys},
            "operator_keys": {"trial_operator": _hashed(trial_token(secrets, "operator")), **found.operator_keys},
        }
    )


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
