"""Rows of numbers that are added as one large integer each come to the same as their columns added one by one."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from services.normalizer.lanes import column_of, columns_of, lane, packed, rows_of

NUMBERS = st.lists(st.integers(0, 2**16 - 1), min_size=3, max_size=3)
ROWS = st.lists(NUMBERS, min_size=1, max_size=50)


@given(ROWS)
def test_columns_add_up(rows: list[list[int]]) -> None:
    total = sum(packed(row) for row in rows)
    sums = tuple(sum(column) for column in zip(*rows, strict=True))
    assert columns_of(total, 3) == sums
    assert tuple(column_of(total, column) for column in range(3)) == sums


@given(ROWS)
def test_columns_of_bytes_give_the_same_rows(rows: list[list[int]]) -> None:
    columns = [struct.pack(f"<{len(rows)}H", *column) for column in zip(*rows, strict=True)]
    assert rows_of(columns) == [packed(row) for row in rows]


@given(NUMBERS)
def test_a_row_is_the_sum_of_its_numbers(row: list[int]) -> None:
    assert packed(row) == sum(lane(column, number) for column, number in enumerate(row))
