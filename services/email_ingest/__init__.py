"""The email channel: mails to the hotline's mailbox (Điều 2, 3.5 and 5)."""
