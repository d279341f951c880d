"""Upkeep: what no single channel or citizen asks for, and all of them need.

Keeps the documents in step with the histories (lists, lookups, consoles), publishes due times when they are reached
(Điều 10), measures how far every stage is behind, keeps the conservation ledger, and forgets replies that ended long
ago.

Reads `conversation.log` and `ticket.log`; writes documents, publishes `timers`. Several copies share the logs; only
the holder of the scheduler's lease publishes.
"""
