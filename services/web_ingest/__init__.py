"""The web channel: the public form, the app Bình Phước Today, and what operators type in.

Điều 2, 3.5 and 5: website form, mobile app, phone calls, paper letters and items of the Government portal. Điều 6 is
checked where the citizen can still mend it: everything is validated before it is published, and refused with 4xx at
once. A code is not an acceptance: what becomes of a message is decided by the normalizer and shown on the lookup page.

Topics out: `raw.web` (receive), `inbound` (read), `reply.events` (send). Topics in: `raw.web` (read), `replies.web`
(send). A web citizen has no inbox: `send` files the sealed reply as a document that the lookup page opens.

Read on: `app.py` (routes), `receive.py` (the one place that publishes), `read.py` (raw to inbound), `send.py`.
"""
