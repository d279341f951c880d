"""The demonstration: citizens write to the running gateway on every channel, and what became of them is compared.

Read `citizens.yaml` (who writes what, and what must come of it), `play.py` (one of them), `citizen.py` (how they write
and see), `client.py` (the web), `town.py` (what stands for Zalo, Facebook and the mail servers).
"""
