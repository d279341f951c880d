"""The `gateway` command: what operators of the software type, one module a command, above all services."""
