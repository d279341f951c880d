"""The append-only histories and their indexes: one port, adapters for SQLite and MongoDB."""
