"""Large things by reference: one port, adapters for local files and GridFS."""
