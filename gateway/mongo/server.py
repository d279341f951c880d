"""Says what answers at a URL, and refuses in production what cannot keep what it acknowledged."""

from dataclasses import dataclass

from gateway.errors import Invalid
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


def refuse_unsafe(server: Server) -> None:
    """Raise `Invalid` with `not_mongodb` or `replica_set_needed` for what production must not stand on."""
    if server.product != "MongoDB":
        raise Invalid(
            "not_mongodb", f"{server.product} stands in for MongoDB in tests; production needs MongoDB itself."
        )
    if server.replica_set is None:
        raise Invalid(
            "replica_set_needed",
            "The MongoDB server is no replica set: when its disk is lost, so is everything that was acknowledged.",
        )
