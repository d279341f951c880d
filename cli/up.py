"""Runs every service in this process until SIGTERM or SIGINT, and says where to look."""

from rich.text import Text

from cli.screen import screen
from gateway.runtime.settings import GatewaySettings, Profile, load_settings
from services.all_in_one import run_process


def command() -> None:
    """Run the gateway.

    Logs are JSON lines on standard error. SIGTERM and Ctrl-C end it cleanly.
    """
    settings = load_settings()
    run_process(settings, on_ready=lambda address: _greet(settings, address))


def _greet(settings: GatewaySettings, address: str) -> None:
    """Where to look, once messages are taken."""
    trial = settings.profile is Profile.TRIAL
    lines = [
        ("form", f"{address}/    (English: {address}/en)"),
        ("lookup", f"{address}/tra-cuu"),
        ("operators", f"{address}/tong-dai"),
        ("app's interface", f"{address}/v1/openapi.json"),
        ("probes", f"{address}/readyz  {address}/healthz  {address}/metrics"),
        ("data", str(settings.data.absolute())),
        ("profile", f"{settings.profile.value}{' (keys of app and operator: secrets/*.token)' if trial else ''}"),
    ]
    console = screen()
    console.print(Text(f"The gateway takes messages at {address}", style="bold green"))
    for name, value in lines:
        console.print(f"  {name:<16}{value}", soft_wrap=True)
    if trial:
        console.print("Try it in another terminal: gateway demo")
