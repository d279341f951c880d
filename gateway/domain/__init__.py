"""Pure rules and calculations shared by services: no I/O, clock, randomness or framework in here."""
