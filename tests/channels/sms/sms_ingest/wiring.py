"""Wires the SMS channel to a deployment with plain calls."""

from gateway.egress.policy import EgressPolicy
from gateway.errors import Invalid
from gateway.runtime.calling import client_for
from gateway.runtime.channel import Channel, correspondents, media_stage, read_stage, send_stage, sender
from gateway.runtime.deployment import Deployment
from gateway.runtime.platform_url import url_faults
from gateway.runtime.sending import Pace
from gateway.runtime.settings import read_settings
from gateway.runtime.webhook import Webhook
from tests.channels.sms.sms_ingest.read import Read
from tests.channels.sms.sms_ingest.receive import CHANNEL, PATH, Receiver
from tests.channels.sms.sms_ingest.send import SmsCarrier
from tests.channels.sms.sms_ingest.settings import SmsSettings


def opened(deployment: Deployment) -> Channel | None:
    """The channel; None when it is not configured. Raises `Invalid` naming every wrong `SMS_` variable."""
    settings = read_settings(SmsSettings)
    secret = settings.secret.get_secret_value()
    if not secret:
        return None
    if faults := url_faults("SMS_GATEWAY_URL", settings.gateway_url, production=not deployment.trial):
        raise Invalid("settings", "; ".join(faults))
    client = client_for(15)
    carrier = SmsCarrier(client, settings.gateway_url, secret)
    read = Read(deployment.identity, deployment.files, correspondents(deployment, CHANNEL))
    media = EgressPolicy(settings.media_hosts, allow_loopback=deployment.trial)
    return Channel(
        code=CHANNEL,
        consumers=(
            read_stage(deployment, CHANNEL, read),
            *media_stage(deployment, CHANNEL, media),
            send_stage(deployment, carrier),
        ),
        tasks=(sender(deployment, carrier, Pace(per_second=10, at_once=4)).run,),
        webhooks={PATH: Webhook(CHANNEL, deployment.metrics, Receiver(deployment, secret.encode()))},
        close=client.aclose,
    )
