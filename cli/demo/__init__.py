"""The demonstration: a dozen citizens write to the running gateway, and what became of them is compared.

Read `citizens.yaml` (who writes what, and what must come of it), `play.py` (one of them), `client.py` (over HTTP).
"""
