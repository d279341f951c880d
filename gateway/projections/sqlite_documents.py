"""The statements on documents and their terms: each function is one unit of work on a connection."""

import json
from collections.abc import Sequence
from typing import Any

import apsw

from gateway.projections.port import Document, Written

SCHEMA = """
create table if not exists documents (
    id integer primary key,
    kind text not null,
    key text not null,
    version integer not null,
    written integer not null,
    owner text not null,
    body text not null,
    sealed blob not null,
    terms text not null,
    unique (kind, key)
);
create index if not exists documents_newest on documents (kind, written);
create table if not exists document_terms (
    kind text not null,
    term text not null,
    key text not null,
    document integer not null references documents (id) on delete cascade,
    primary key (kind, term, key)
) without rowid;
create index if not exists document_terms_of on document_terms (document);
"""

COLUMNS = "d.kind, d.key, d.version, d.body, d.owner, d.sealed, d.terms"
CLEARED_AT_ONCE = 500


def put(connection: apsw.Connection, document: Document, body: str) -> bool:
    """Write a document with its terms if the stored version is lower."""
    terms = sorted(set(document.terms))
    row = connection.execute(
        "insert into documents (kind, key, version, written, owner, body, sealed, terms) "
        "values (?1, ?2, ?3, (select coalesce(max(written), 0) + 1 from documents where kind = ?1), ?4, ?5, ?6, ?7) "
        "on conflict (kind, key) do update set version = excluded.version, written = excluded.written, "
        "owner = excluded.owner, body = excluded.body, sealed = excluded.sealed, terms = excluded.terms "
        "where excluded.version > version returning id",
        (
            document.kind,
            document.key,
            document.version,
            document.owner,
            body,
            document.sealed,
            json.dumps(document.terms),
        ),
    ).get
    if row is None:
        return False
    connection.execute("delete from document_terms where document = ?", (row,))
    connection.executemany(
        "insert into document_terms (kind, term, key, document) values (?, ?, ?, ?)",
        [(document.kind, term, document.key, row) for term in terms],
    )
    return True


def get(connection: apsw.Connection, kind: str, key: str) -> Document | None:
    """One document, or None."""
    found = _documents(connection, "documents d where d.kind = ? and d.key = ?", (kind, key))
    return found[0] if found else None


def find(connection: apsw.Connection, kind: str, term: str, limit: int, after: str) -> Sequence[Document]:
    """Documents under a term, by key, after a key."""
    rest = (
        "document_terms t join documents d on d.id = t.document "
        "where t.kind = ? and t.term = ? and t.key > ? order by t.key limit ?"
    )
    return _documents(connection, rest, (kind, term, after, limit))


def newest(connection: apsw.Connection, kind: str, limit: int) -> Sequence[Document]:
    """Documents by their last write, latest first."""
    return _documents(connection, "documents d where d.kind = ? order by d.written desc limit ?", (kind, limit))


def kinds(connection: apsw.Connection) -> Sequence[str]:
    """The kinds of documents; the index is read in order."""
    return [kind for (kind,) in connection.execute("select distinct kind from documents order by kind")]


def written(connection: apsw.Connection, kind: str, after: Written | None, limit: int) -> Sequence[Written]:
    """Documents by their last write, which is another number for each of a kind, after one."""
    sql = f"select d.written, {COLUMNS} from documents d where d.kind = ? and d.written > ? order by d.written limit ?"
    rows = connection.execute(sql, (kind, 0 if after is None else after.place, limit))
    return [Written(place, _document(row)) for place, *row in rows]


def count(connection: apsw.Connection, kind: str, term: str) -> int:
    """How many documents are found under a term."""
    found: int = connection.execute("select count(*) from document_terms where kind = ? and term = ?", (kind, term)).get
    return found


def clear_some(connection: apsw.Connection, kind: str) -> bool:
    """Delete some documents of a kind with their terms; whether there were any."""
    connection.execute(
        "delete from documents where id in (select id from documents where kind = ? limit ?)",
        (kind, CLEARED_AT_ONCE),
    )
    return connection.changes() > 0


def _documents(connection: apsw.Connection, rest: str, bindings: tuple[str | int, ...]) -> list[Document]:
    return [_document(row) for row in connection.execute(f"select {COLUMNS} from {rest}", bindings)]


def _document(row: Sequence[Any]) -> Document:
    """The document that a row of `COLUMNS` holds."""
    kind, key, version, body, owner, sealed, terms = row
    return Document(kind, key, version, json.loads(body), owner, sealed, tuple(json.loads(terms)))
