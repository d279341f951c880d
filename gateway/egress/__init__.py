"""What we fetch from others' hosts: only from those that are listed, only at public addresses, only so much.

`target.py` reads URLs, `addresses.py` tells public addresses, `fetcher.py` connects to what both let through.
"""
