"""Backup of a data folder while the gateway runs, its verification, and the way back."""

from gateway.runtime.backup.making import backup
from gateway.runtime.backup.manifest import Entry, Manifest
from gateway.runtime.backup.restoring import restore
from gateway.runtime.backup.verifying import verify

__all__ = ["Entry", "Manifest", "backup", "restore", "verify"]
