"""Personal data at rest: sealed under one data key per citizen account, erased by destroying the key."""
