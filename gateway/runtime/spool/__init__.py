"""The edge's local spool: what a channel received is durable here when the bus does not confirm in time.

Platforms switch a webhook off that fails for an hour or two, and a citizen whose form fails may not come back. So a
channel publishes through `edge.py`: to the bus as long as it confirms within a second, else into a file on this
machine's disk, from which everything goes on to the bus in order once it confirms again (`backlog.py`).
"""
