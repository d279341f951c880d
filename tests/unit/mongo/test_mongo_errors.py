"""Every error class of MongoDB's driver is one of the gateway's three kinds."""

import bson
import bson.errors
import gridfs.errors
import pymongo.errors
import pytest

from gateway.errors import Conflict, Invalid, Unavailable
from gateway.mongo.errors import CONFLICT, INVALID, UNAVAILABLE, as_ours, mapped

DRIVERS = sorted(
    {
        found
        for module in (pymongo.errors, bson.errors, gridfs.errors)
        for name, found in vars(module).items()
        if isinstance(found, type) and issubclass(found, Exception) and not name.startswith("_")
    },
    key=lambda found: f"{found.__module__}.{found.__name__}",
)


def test_there_are_classes_to_look_at() -> None:
    assert len(DRIVERS) > 25


@pytest.mark.parametrize("driver", DRIVERS)
def test_each_driver_error_is_mapped_exactly_once(driver: type[Exception]) -> None:
    assert [driver in kinds for kinds in (INVALID, CONFLICT, UNAVAILABLE)].count(True) == 1


@pytest.mark.parametrize(
    ("driver", "kind", "reason"),
    [
        (pymongo.errors.DocumentTooLarge("x"), Invalid, "database_statement"),
        (bson.errors.InvalidDocument("x"), Invalid, "database_statement"),
        (pymongo.errors.DuplicateKeyError("x", 11000), Conflict, "constraint"),
        (pymongo.errors.AutoReconnect("x"), Unavailable, "database_unavailable"),
        (pymongo.errors.OperationFailure("x", 13), Unavailable, "database_unavailable"),
        (gridfs.errors.CorruptGridFile("x"), Unavailable, "database_unavailable"),
    ],
)
def test_a_driver_error_becomes_its_kind(driver: Exception, kind: type[Exception], reason: str) -> None:
    error = mapped(driver)
    assert isinstance(error, kind)
    assert error.reason == reason


def test_the_text_of_a_driver_error_is_left_out_and_its_code_is_not() -> None:
    with pytest.raises(Conflict) as caught, as_ours():
        raise pymongo.errors.DuplicateKeyError('dup key: { owner: "Nguyễn Văn A" }', 11000)
    assert "Nguyễn" not in str(caught.value)
    assert "11000" in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("value", ["\ud800", 2**64, object()])
def test_what_no_document_can_hold_is_invalid(value: object) -> None:
    with pytest.raises(Invalid), as_ours():
        bson.encode({"value": value})
