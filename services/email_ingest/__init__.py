"""The email channel: citizens' mails to the hotline's mailbox (Điều 2, 3.5 and 5).

A mail's source is kept first, sealed under its sender's account, and then read in a bounded child process: whatever a
mail holds, it spoils no other. What was written to us is told apart from what is only quoted; mails that no person
wrote are recorded as ignored and never answered; an answer to one of our mails is known by a token that only we can
make, and only from the address that the mail went to.

Mail is fetched over IMAP behind a cursor that moves only after what lies before it is durable; nothing in the mailbox
is changed. Replies go out over SMTP, each in the thread of the citizen's own mail, and one whose ending nobody knows is
learned of by its answer or its bounce.

Topics out: `raw.email` (receive), `inbound` (read), `reply.events` (send). Topics in: `raw.email` (read),
`replies.email` (send).

Read on, inwards: `mailbox.py` (watch, lose, connect again), `imap.py` (no call waits for ever), `receive.py` (durable
first, then the cursor), `raw.py` (the record between fetching and reading), `parse.py` (source to words: `part.py`,
`mime_tree.py`, `charsets.py`, `quoting.py`), `inbound.py` (what a mail is to the gateway), `read.py` (the stage).
Outwards: `send.py` (one mail), `letter.py` (what it looks like), `answer_limit.py` (no two machines for ever),
`tokens.py` (how an answer is known), `proofs.py`. Settings: `settings.py`, `configuration.py`.
"""
