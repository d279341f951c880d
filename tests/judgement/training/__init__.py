"""Trains what the emergency rule is told by likeness, on every labelled message and the examples of the lexicon."""
