"""From embedded to cluster: everything that must be kept is copied to other ports, compared, and left behind marked.

What is copied, in this order, because each rests on those before it: the citizens' data keys with the tombstones of
the erased (`keys.py`), sealed files, filed originals among them (`files.py`), the index, and the histories with their
snapshots and open timers (`histories.py`), claims that are facts (`claims.py`), replies with how they stand
(`outbox.py`), documents (`documents.py`), dead letters (`dead_letters.py`). Topics start empty: before anything is
copied every stage has handled what was on them (`draining.py`).

Each of these modules has `copy`, which may be interrupted anywhere and repeated, and `items`, by which both sides are
compared (`comparing.py`). `marks.py` sees to it that of the old and the new gateway at most one can run.
"""
