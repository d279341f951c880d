"""Finds commits whose messages never arrived, and publishes exactly those messages again.

Normally a message that was handled halfway is delivered again, gets its first answer and publishes the same. What
remains is a progress that moved past it, or a broker that lost what it confirmed: the histories know what should have
come. `awaited.py` says what a commit leads to, `finding.py` looks for what is missing, `mending.py` publishes it.
"""
