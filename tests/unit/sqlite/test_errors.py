"""Every error class of the driver is one of the gateway's three kinds."""

import apsw
import pytest

from gateway.errors import Conflict, Invalid, Unavailable
from gateway.sqlite.errors import CONFLICT, INVALID, UNAVAILABLE, mapped

DRIVERS = sorted(
    (found for found in vars(apsw).values() if isinstance(found, type) and issubclass(found, apsw.Error)),
    key=lambda found: found.__name__,
)


@pytest.mark.parametrize("driver", [found for found in DRIVERS if found is not apsw.Error])
def test_each_driver_error_is_mapped_exactly_once(driver: type[apsw.Error]) -> None:
    assert [driver in kinds for kinds in (INVALID, CONFLICT, UNAVAILABLE)].count(True) == 1


@pytest.mark.parametrize(
    ("driver", "kind", "reason"),
    [
        (apsw.TooBigError, Invalid, "database_statement"),
        (apsw.ConstraintError, Conflict, "constraint"),
        (apsw.FullError, Unavailable, "disk_full"),
        (apsw.BusyError, Unavailable, "database_unavailable"),
        (apsw.CorruptError, Unavailable, "database_damaged"),
        (apsw.NotADBError, Unavailable, "database_damaged"),
        (apsw.Error, Unavailable, "database_unavailable"),
    ],
)
def test_a_driver_error_becomes_its_kind(driver: type[apsw.Error], kind: type[Exception], reason: str) -> None:
    error = mapped(driver("near 'Nguyễn Văn A': syntax error"))
    assert isinstance(error, kind)
    assert error.reason == reason


def test_the_text_of_a_driver_error_is_left_out() -> None:
    assert "Nguyễn" not in str(mapped(apsw.SQLError("near 'Nguyễn Văn A': syntax error")))
