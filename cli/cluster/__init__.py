"""The command `gateway cluster`: broker, store and every service as processes of this machine, for a trial.

`pieces.py` says what runs, `supervising.py` keeps it running.
"""
