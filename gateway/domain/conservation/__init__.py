"""The law of conservation: whatever was received has an outcome or is under way; pure.

`facts.py` says what can be known of a message, `ledger.py` counts it, `entries.py` holds what is known of each, and
`balance.py` is what comes of it.
"""
