"""What a test run has started does not outlive it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.gateway_process import ROOT

ENDED_SECONDS = 30.0
STARTS = """
import subprocess, sys, threading, time
from tests import leash

def start():
    child = subprocess.Popen(["sleep", "600"])
    leash.hold(child.pid)
    print(child.pid, flush=True)

starting = threading.Thread(target=start)
starting.start()
starting.join()
time.sleep(600)
"""
"""The thread that starts the child ends at once, and the child lives on."""


def test_a_child_ends_when_the_run_that_started_it_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTS], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        child = int(run.stdout.readline())
        assert _lives(child)
        run.kill()
        run.wait()
        until = time.monotonic() + ENDED_SECONDS
        try:
            while _lives(child):
                assert time.monotonic() < until, "it outlived the run"
                time.sleep(0.02)
        finally:
            if _lives(child):
                os.kill(child, signal.SIGKILL)


def _lives(pid: int) -> bool:
    """Whether it runs; where nobody waits for orphans, one that has ended may still be listed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
