"""Where everything of a run lies and listens, as one file that all its processes read."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.runtime.data_folder import DataFolder
from gateway.runtime.secret_files import read_or_make, trial_token
from gateway.runtime.settings import Profile
from schemas.topics import CHANNELS
from services.email_ingest.configuration import TRIAL_PASSWORD
from services.facebook_ingest.configuration import TOKEN_NAME
from services.zalo_ingest.configuration import trial_pair
from tests.faults.places import Places
from tests.faults.shares import Share, Shares
from tests.ports import free_port

LOST_ANSWERS = 0.05
"""Share of the answers to our replies that never arrive, though the citizen has the reply."""

PACE = "200"
"""Replies a second; what a platform allows is not what is tested here."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the gateway and each channel's other side know of each other."""

    app_key: str
    zalo_app: str
    zalo_oa: str
    zalo_tokens: tuple[str, str]
    facebook_app: str
    facebook_page: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class World:
    """One run: its folder, its ports on loopback, who writes how much, and the URLs of a cluster.

    `ports` says where the gateway takes what is meant for a channel: one place, or each service's own.
    """

    folder: Path
    seed: int
    shares: Shares
    pause: float
    lost_answers: float
    mail_folder: Path | None
    ports: Mapping[str, int]
    zalo_port: int
    facebook_port: int
    smtp_port: int
    imap_port: int
    secrets: Secrets
    bus_url: str = ""
    store_url: str = ""

    @property
    def data(self) -> DataFolder:
        """The gateway's own folder."""
        return DataFolder(self.folder / "data")

    @property
    def places(self) -> Places:
        """Where the gateway keeps everything."""
        return Places(self.data, self.bus_url, self.store_url)

    def url(self, channel: str, path: str) -> str:
        """Where the gateway takes a channel's webhooks."""
        return f"http://127.0.0.1:{self.ports[channel]}{path}"

    @property
    def delivered(self) -> Path:
        """Where the other side of the channels writes what citizens got."""
        return self.folder / "delivered.json"

    @property
    def outside_log(self) -> Path:
        """What it writes to standard error."""
        return self.folder / "outside.log"

    def ledger(self, channel: str) -> Path:
        """The ledger of a channel's citizens."""
        return self.folder / f"ledger.{channel}"

    @property
    def settings(self) -> dict[str, str]:
        """The gateway's variables, but for its port."""
        return {
            **self.places.settings,
            "GATEWAY_LOG_LEVEL": "WARNING",
            "ZALO_API_URL": f"http://127.0.0.1:{self.zalo_port}",
            "ZALO_OAUTH_URL": f"http://127.0.0.1:{self.zalo_port}",
            "ZALO_SEND_PER_SECOND": PACE,
            "FACEBOOK_GRAPH_URL": f"http://127.0.0.1:{self.facebook_port}",
            "FACEBOOK_SENDS_PER_SECOND": PACE,
            "EMAIL_IMAP_PORT": str(self.imap_port),
            "EMAIL_SMTP_PORT": str(self.smtp_port),
            "EMAIL_SEND_PER_SECOND": PACE,
        }


def new_world(
    folder: Path,
    seed: int,
    shares: Shares,
    *,
    pause: float,
    calm: bool,
    mail_folder: Path | None,
    bus_url: str = "",
    store_url: str = "",
) -> World:
    """Make the data folder with a trial's secrets, and choose ports; in a `calm` one no answer is lost.

    Each sender rests `pause` seconds after a message.
    """
    data = DataFolder(folder / "data")
    data.root.mkdir(mode=0o700)
    data.secrets.mkdir(mode=0o700)
    world = World(
        folder=folder,
        seed=seed,
        shares=shares,
        pause=pause,
        lost_answers=0.0 if calm else LOST_ANSWERS,
        mail_folder=mail_folder,
        ports={channel: free_port() for channel in CHANNELS} if bus_url else dict.fromkeys(CHANNELS, free_port()),
        zalo_port=free_port(),
        facebook_port=free_port(),
        smtp_port=free_port(),
        imap_port=free_port(),
        secrets=Secrets(
            app_key=trial_token(data.secrets, "app"),
            zalo_app=trial_token(data.secrets, "zalo_app"),
            zalo_oa=trial_token(data.secrets, "zalo_oa"),
            zalo_tokens=trial_pair(data.secrets),
            facebook_app=read_or_make(data.secrets, "facebook_app", Profile.TRIAL).hex(),
            facebook_page=trial_token(data.secrets, TOKEN_NAME),
            mailbox=trial_token(data.secrets, TRIAL_PASSWORD),
        ),
        bus_url=bus_url,
        store_url=store_url,
    )
    _path(folder).write_text(json.dumps(asdict(world), default=str), encoding="utf-8")
    return world


def read_world(folder: Path) -> World:
    """The run that `new_world` made in a folder."""
    given = json.loads(_path(folder).read_text(encoding="utf-8"))
    tokens = tuple(given["secrets"]["zalo_tokens"])
    return World(
        **{
            **given,
            "folder": Path(given["folder"]),
            "mail_folder": None if given["mail_folder"] is None else Path(given["mail_folder"]),
            "shares": {name: Share(**share) for name, share in given["shares"].items()},
            "secrets": Secrets(**{**given["secrets"], "zalo_tokens": tokens}),
        }
    )


def _path(folder: Path) -> Path:
    return folder / "world.json"
