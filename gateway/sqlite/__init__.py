"""SQLite as the embedded adapters use it: one way to open, one group-commit writer, one reader, one error map."""
