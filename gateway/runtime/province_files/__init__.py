"""Readers of a province folder's files: each turns one kind of file into values and notes every problem it meets."""
