"""Says what answers at a URL, and what about it could lose what was acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.mongo.connection import at_opening


@dataclass(frozen=True, slots=True)
class Server:
    """What answers: `product` is MongoDB or FerretDB, `replica_set` its name or None for a single server."""

    product: str
    version: str
    replica_set: str | None


def server_at(url: str) -> Server:
    """Ask the server; blocks for some seconds at most. Raises `Invalid("bad_mongodb_url")` or `Unavailable`."""
    with at_opening(url) as database:
        built = database.client.admin.command("buildInfo")
        hello = database.client.admin.command("hello")
    if "ferretdbVersion" in built:
        return Server("FerretDB", str(built["ferretdbVersion"]).removeprefix("v"), None)
    return Server("MongoDB", str(built.get("version", "")), hello.get("setName"))


def unsafe(server: Server) -> Sequence[str]:
    """One sentence for each thing for which production must not stand on this server; none if all is well."""
    if server.product != "MongoDB":
        return [f"{server.product} stands in for MongoDB in tests; production needs MongoDB itself."]
    if server.replica_set is None:
        return ["The MongoDB server is no replica set: when its disk is lost, so is everything that was acknowledged."]
    return []
