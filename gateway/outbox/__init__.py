"""The outbox: replies on their way to citizens, filed once, taken in order per citizen, never blindly repeated.

`port.py` says what is kept and promised, `carrier.py` what a channel must be able to do.
"""
