"""Measures the whole judgement on the labelled sets beside it: figures with their aims, a report, and a baseline."""
