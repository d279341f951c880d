"""A real IMAP server on loopback for one mailbox: Debian's Dovecot, on a folder of its own, without system accounts."""

import contextlib
import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from tests import leash

PROGRAM = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
START_SECONDS = 20.0
LONG_AGO = 1_700_000_000
LOOK_SECONDS = 0.02

CONFIG = """\
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/dovecot.log
listen = 127.0.0.1
protocols = imap
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{base}/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
maildir_very_dirty_syncs = no
mailbox_idle_check_interval = 1 secs
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""
"""Every user name with the one password gets the one mailbox; an access token is the password too."""


class Dovecot:
    """One server; it can be stopped or killed and started again on the same mailbox."""

    def __init__(self, base: Path, *, port: int, password: str) -> None:
        """Take a folder of its own, a free port, and the password of every user.

        Dovecot opens no mailbox as root: there the folder belongs to nobody's user, who must be able to enter it.
        """
        self.base = base
        self.port = port
        self._password = password
        self._numbers = itertools.count()
        self._master: subprocess.Popen[bytes] | None = None
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for folder in ("", "run", "home", "mail", "mail/cur", "mail/new", "mail/tmp"):
            (base / folder).mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:
                os.chown(base / folder, self._user.pw_uid, self._user.pw_gid)

    @property
    def maildir(self) -> Path:
        """The inbox."""
        return self.base / "mail"

    def start(self) -> "Dovecot":
        """Start it and wait until it greets; raises `RuntimeError` when it does not."""
        if PROGRAM is None:
            raise RuntimeError("dovecot is not installed")
        config = self.base / "dovecot.conf"
        config.write_text(
            CONFIG.format(
                base=self.base,
                port=self.port,
                password=self._password,
                uid=self._user.pw_uid,
                gid=self._user.pw_gid,
                user=self._user.pw_name,
                group=grp.getgrgid(self._user.pw_gid).gr_name,
            )
        )
        with (self.base / "dovecot.log").open("ab") as log:
            self._master = subprocess.Popen([PROGRAM, "-F", "-c", config], stdout=log, stderr=log)
        leash.hold(self._master.pid)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=START_SECONDS) as probe,
            ):
                if probe.recv(100).startswith(b"* OK"):
                    return self
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"dovecot did not start: {self.logged()[-1000:]}")

    def stop(self) -> None:
        """End it and all its helpers in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a word: what it forked notices and goes too."""
        self._end(signal.SIGKILL)

    def deliver(self, source: bytes) -> Path:
        """Put a mail into the inbox as a delivery agent does; returns its file."""
        seconds, rest = divmod(time.time_ns(), 1_000_000_000)
        # Maildir's form: a server that finds several at once numbers them by these times.
        name = f"{seconds}.M{rest // 1_000}P{os.getpid()}Q{next(self._numbers)}.test"
        made = self.maildir / "tmp" / name
        made.write_bytes(source)
        return made.rename(self.maildir / "new" / name)

    def fill(self, sources: Iterable[bytes]) -> int:
        """Put many mails into the inbox at once, before anybody looks, a second apart long ago; returns how many."""
        count = 0
        for count, source in enumerate(sources, start=1):
            path = self.maildir / "cur" / f"{LONG_AGO + count}.M{count}P1.test:2,S"
            path.write_bytes(source)
            os.utime(path, (LONG_AGO + count, LONG_AGO + count))
        return count

    def renumber(self) -> None:
        """Lose the list of UIDs, as after a restored backup: the next opening gives other UIDs under a new validity."""
        for path in self.maildir.glob("dovecot*"):
            path.unlink()
        # The new validity is the time in seconds: it must differ from the old one.
        time.sleep(1.1)

    def logged(self) -> str:
        """What it wrote to its log so far."""
        path = self.base / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _end(self, how: signal.Signals) -> None:
        master, self._master = self._master, None
        if master is None:
            return
        helpers = _children(master.pid)
        for pid in (master.pid, *(helpers if how is signal.SIGKILL else ())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        master.wait(START_SECONDS)
        leash.release(master.pid)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and any(map(_lives, helpers)):
            time.sleep(LOOK_SECONDS)


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
