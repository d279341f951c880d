"""Wires the SMS channel to a deployment."""

from gateway.egress.policy import EgressPolicy
from gateway.errors import Invalid
from gateway.runtime.calling import client_for
from gateway.runtime.channel import Channel
from gateway.runtime.deployment import Deployment
from gateway.runtime.platform_url import url_faults
from gateway.runtime.sending import Pace
from gateway.runtime.settings import read_settings
from gateway.runtime.signed_webhook import Signed
from gateway.runtime.webhook_channel import webhook_channel
from tests.channels.sms.sms_ingest.read import heard
from tests.channels.sms.sms_ingest.send import SmsCarrier
from tests.channels.sms.sms_ingest.settings import SmsSettings

PATH = "/webhooks/sms"


def opened(deployment: Deployment) -> Channel | None:
    """The channel; None when it is not configured. Raises `Invalid` naming every wrong `SMS_` variable."""
    settings = read_settings(SmsSettings)
    secret = settings.secret.get_secret_value()
    if not secret:
        return None
    if faults := url_faults("SMS_GATEWAY_URL", settings.gateway_url, production=not deployment.trial):
        raise Invalid("settings", "; ".join(faults))
    client = client_for(15)
    return webhook_channel(
        deployment,
        SmsCarrier(client, settings.gateway_url, secret),
        hear=heard,
        signed=Signed(PATH, "x-sms-signature", secret.encode(), endpoint="1022"),
        media=EgressPolicy(settings.media_hosts, allow_loopback=deployment.trial),
        pace=Pace(per_second=10, at_once=4),
        close=client.aclose,
    )
