"""The email channel: citizens' mails to the hotline's mailbox (Điều 2, 3.5 and 5).

A mail's source is kept first, sealed under its sender's account, and then read in a bounded child process: whatever a
mail holds, it spoils no other. What was written to us is told apart from what is only quoted; mails that no person
wrote are recorded as ignored and never answered; an answer to one of our mails is known by a token that only we can
make, and only from the address that the mail went to.

Topics out: `raw.email` (receive), `inbound` (read). Topics in: `raw.email` (read).

Read on: `raw.py` (the record between fetching and reading), `parse.py` (source to words: `part.py`, `mime_tree.py`,
`charsets.py`, `quoting.py`), `inbound.py` (what a mail is to the gateway), `read.py` (the stage), `tokens.py`.
"""
