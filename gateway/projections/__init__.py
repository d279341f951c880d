"""Documents built from the histories for lookups and lists; discardable and rebuilt by one command."""
