"""The conservation ledger of a running gateway: facts from the topics (`facts.py`), read on and on (`reading.py`).

The arithmetic is `gateway/domain/conservation/`; `keeping.py` exports the figures.
"""
