"""Where a machine or container hands over secrets as files, so that they need not stand in the environment."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

CONTAINER_SECRETS: Final = Path("/run/secrets")
"""Where container engines mount secrets, one file each."""


def secret_folders() -> Sequence[Path]:
    """Folders that hold values as files, each named as its variable in lower case, for pydantic's `_secrets_dir`.

    They are a container's secrets and systemd's credentials (`LoadCredential=`, systemd.exec(5)), as far as there are
    any; the latter win.
    """
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    offered = [CONTAINER_SECRETS, *([Path(credentials)] if credentials else [])]
    return [folder for folder in offered if folder.is_dir()]
