"""Who uses a data folder: any number of processes together, or one alone while it moves what lies there."""

import fcntl
import os

from gateway.errors import Conflict, Unavailable
from gateway.runtime.data_folder import DataFolder


class FolderLock:
    """A place among those who use the folder, given back with `close` or with the process."""

    def __init__(self, folder: DataFolder) -> None:
        """Take it; raises `Conflict("data_folder_moving")` while somebody has the folder alone."""
        try:
            self._lock = os.open(folder.locks / "folder.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable("data_folder_unavailable", type(error).__name__) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            sentence = "What lies in this data folder is being moved to a cluster; wait for `gateway migrate`."
            raise Conflict("data_folder_moving", sentence) from None

    def alone(self) -> None:
        """Keep everybody else out; raises `Conflict("data_folder_in_use")` while there is anybody."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("data_folder_in_use", "Another command uses the data folder; wait for its end.") from None

    def close(self) -> None:
        """Give it back."""
        os.close(self._lock)
