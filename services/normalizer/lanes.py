"""Adds up rows of numbers by adding one large integer for each: thirty-two bits a number, all columns in one step."""

import struct
from collections.abc import Iterable, Sequence

_BITS = 32
_BYTES = _BITS // 8
MOST = (1 << _BITS) - 1
"""What a sum in any column may come to."""


def packed(row: Iterable[int]) -> int:
    """Numbers of a row, none below 0, as one that can be added to other rows."""
    return sum([number << (_BITS * column) for column, number in enumerate(row)])


def rows_of(columns: Sequence[bytes]) -> list[int]:
    """The packed rows of columns of equal length, in which each number takes two bytes, the lower one first."""
    size = len(columns) * _BYTES
    rows = bytearray(size * (len(columns[0]) // 2))
    for at, column in enumerate(columns):
        rows[at * _BYTES :: size] = column[::2]
        rows[at * _BYTES + 1 :: size] = column[1::2]
    return [int.from_bytes(rows[at : at + size], "little") for at in range(0, len(rows), size)]


def lane(column: int, number: int) -> int:
    """A row with one number in it, and 0 everywhere else."""
    return number << (_BITS * column)


def column_of(total: int, column: int) -> int:
    """What one column comes to."""
    return (total >> (_BITS * column)) & MOST


def columns_of(total: int, columns: int) -> tuple[int, ...]:
    """What each of so many columns comes to."""
    return struct.unpack(f"<{columns}I", total.to_bytes(columns * _BYTES, "little"))
