"""The derivations of a dry run, which writes nothing."""

from gateway.domain.identity import Identity

DRY_RUN = Identity(bytes(32))
"""Ids and codes of a dry run: the same for the same payload everywhere, and never those of real messages."""
