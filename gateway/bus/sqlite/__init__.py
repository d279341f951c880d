"""The bus on one machine: an SQLite file per producing stage in one folder, shared by any number of processes.

Start with `layout.py` (what lies in a file), then `bus.py`. `docs/decisions/0008-embedded-bus.md` says why.
"""

from gateway.bus.sqlite.bus import SqliteBus

__all__ = ["SqliteBus"]
