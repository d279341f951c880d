"""The command `gateway cluster`: broker, store and every service as processes of their own on this machine, for a trial.

`pieces.py` says what runs, `supervising.py` keeps it running.
"""
