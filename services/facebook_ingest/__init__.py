"""The Facebook channel: the page's inbox, comments under its posts, and what visitors post on it (Điều 2.6).

A private message, a comment and a visitor's post are submissions alike. A comment or post is answered by the one
private reply that Facebook allows and a short public one that says so; nothing about the matter is said in public.

Topics out: `raw.facebook` (receive, catching up), `inbound` (read), `reply.events` (send). Topics in: `raw.facebook`
(read), `inbound` (media), `replies.facebook` (send).

Read on: `receive.py` (the webhook), `items.py` (a request's single events), `messaging.py` and `feed.py` (what each of
them says; pure), `read.py` (the stage around them), `send.py` (the way out), `graph.py` (asking Facebook).
"""
