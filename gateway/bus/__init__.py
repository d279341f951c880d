"""The message bus: one port, an adapter for one machine (SQLite) and one for many (Kafka)."""
