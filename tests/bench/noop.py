"""Launches the noop server of the comparison as a module of its own."""

from tests.bench.servers import main

if __name__ == "__main__":
    main("noop")
