"""The deployables: one folder per service, which speaks with the others by topics only."""
