"""The normalizer: turns citizens' messages into submissions, and accepted submissions into tickets.

It gathers the messages of one account, judges them by Điều 4, 6, 8 and 17 of the regulation, asks once for what is
missing (15.4, 18.2), redirects what belongs to 113, 114, 115 or the reception of complaints (4.6), and records every
decision on the history `conversation/<account>`, of which it is the only writer (Điều 7). What cannot be read, or what
the rules fail on, goes to a person unjudged. What staff write by hand, what citizens edit or delete, and their wishes
for erasure stand in the same history and change what is judged and shown.

Consumes `inbound`, `media`, `timers`, `submission.commands` and `reply.events`; publishes `tickets`,
`ticket.commands`, `replies.<channel>`, `submission.events` and `conversation.log`.

Start with `judge.py` (what a message says) and `policy.py` (what becomes of it).
"""
