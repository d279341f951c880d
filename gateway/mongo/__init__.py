"""MongoDB's driver, once for all adapters that stand on it: connections, errors, what a server must be."""
