"""The contract: every message that crosses a topic, and the topics themselves; pure data, no I/O.

Start with `topics.py`: it names each topic with its message, key, producers, consumers and retention.
"""
