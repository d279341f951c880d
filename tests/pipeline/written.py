"""Reads what a gateway wrote, beside it or after it: records by topic, and every value of every database."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning, Record
from gateway.runtime.data_folder import DataFolder


def records(data: Path) -> dict[str, list[Record]]:
    """Every record of every topic, in order."""

    async def read() -> dict[str, list[Record]]:
        bus = open_bus(f"sqlite:///{DataFolder(data).bus}", "onlooker", clock=lambda: datetime.now(UTC))
        try:
            return {
                topic: [record async for record in bus.read(topic, start=Beginning())] for topic in await bus.topics()
            }
        finally:
            await bus.close()

    return asyncio.run(read())


def codes_received(data: Path) -> set[str]:
    """Receipt codes of everything that is durable in `raw.web`."""
    return {record.message.subject for record in records(data).get("raw.web", [])}


def cells(database: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of every table as `table.column` and bytes: whole, where pages would hold it in pieces."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")]
        for table in tables:
            rows = connection.execute(f'select * from "{table}"')
            columns = [column[0] for column in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, str | bytes):
                        yield f"{table}.{column}", value if isinstance(value, bytes) else value.encode()
