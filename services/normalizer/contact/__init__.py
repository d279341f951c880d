"""Finds who writes and how they are reached in free text (Điều 6.3); pure."""
