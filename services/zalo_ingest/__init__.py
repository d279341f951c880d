"""The Zalo channel: an Official Account's private messages in, the hotline's answers out.

Điều 2.3 (Zalo is one of the hotline's channels), 6 and 8 (what is asked for and answered where the citizen wrote).
What Zalo documents and what was only seen in the wild stands beside the code that relies on it.

Topics out: `raw.zalo` (receive), `inbound` (read), `media` (media), `reply.events` (send). Topics in: `raw.zalo`
(read), `inbound` (media), `replies.zalo` (send).

Read on, inwards: `receive.py` (the webhook, durable first), `signature.py`, `read.py` with its pure `inbound.py` and
`catalogue.py` (every event that Zalo sends). Outwards: `send.py` (one message), `refusals.py` (Zalo's error table),
`windows.py` (48 hours and 7 days). Access: `token_keeper.py` (the single-use refresh token), `token_pairs.py` (where it
lies).
"""
