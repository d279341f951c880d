"""What answers at a URL is told, and production stands on a replica set of MongoDB only."""

from pathlib import Path

import pytest

from gateway.errors import Invalid, Unavailable
from gateway.mongo.address import is_mongo
from gateway.mongo.connection import Connection
from gateway.mongo.server import Server, server_at, unsafe
from tests.ports import free_port
from tests.servers import mongo


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (Server("FerretDB", "1.24.2", None), "FerretDB stands in"),
        (Server("MongoDB", "8.0.4", None), "no replica set"),
    ],
)
def test_what_may_lose_what_it_acknowledged_is_told(server: Server, said: str) -> None:
    (sentence,) = unsafe(server)
    assert said in sentence


def test_a_replica_set_is_safe_ground() -> None:
    assert unsafe(Server("MongoDB", "8.0.4", "rs0")) == []


def test_the_stand_in_is_told_from_mongodb(tmp_path: Path) -> None:
    assert (server_at(mongo.url_of(tmp_path)).product == "FerretDB") == (not mongo.GIVEN)


@pytest.mark.parametrize(
    "url", ["mongodb://", "mongodb://127.0.0.1", "mongodb://user:geheim@127.0.0.1:x/db", "mongodb://h/"]
)
def test_a_url_that_names_no_database_is_refused_without_being_told(url: str) -> None:
    assert is_mongo(url)
    with pytest.raises(Invalid) as caught:
        Connection(url, {})
    assert caught.value.reason == "bad_mongodb_url"
    assert "geheim" not in str(caught.value)


def test_where_nothing_answers_it_is_unavailable_in_bounded_time() -> None:
    with pytest.raises(Unavailable):
        server_at(f"mongodb://127.0.0.1:{free_port()}/db?serverSelectionTimeoutMS=200")
