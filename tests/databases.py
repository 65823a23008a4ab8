"""Databases of one PostgreSQL server: made from a template, emptied after a test, and given to the next one under a new name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

CATALOGS = {  # where PostgreSQL keeps what a schema is: each row with the transaction that wrote it last
    "pg_attrdef": "oid",
    "pg_attribute": "attrelid",
    "pg_class": "oid",
    "pg_constraint": "oid",
    "pg_index": "indexrelid",
    "pg_namespace": "oid",
    "pg_policy": "oid",
    "pg_proc": "oid",
    "pg_rewrite": "oid",
    "pg_sequence": "seqrelid",
    "pg_trigger": "oid",
    "pg_type": "oid",
}
OURS = 16384  # PostgreSQL's first number for what it did not bring along
ROOM = 4_000_000  # bytes of deleted rows, from which on a new database is cheaper than a full one


class Pool:
    """A new database takes 65 to 200 ms, mostly for 600 files; an emptied one 25 ms. Nobody's old address leads to one."""

    def __init__(self, url: str, template: str) -> None:
        """`url` has %s for the database's name; `template` is migrated and nobody is connected to it."""
        self.url, self.template = url, template
        self.spare: list[str] = []
        with self._inside(template) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
            names = [Identifier(name) for (name,) in tables]
            self.filled = [name for name in names if connection.execute(SQL("SELECT 1 FROM {} LIMIT 1").format(name)).fetchone()]
            self.empty = [name for name in names if name not in self.filled]
            self.shape, self.size = self._shape(connection), self._size(connection)

    @contextmanager
    def database(self) -> Iterator[str]:
        """A database as the template is; its address, which holds for this block alone."""
        name = f"test_{uuid4().hex}"
        if self.spare:
            self.admin(f"ALTER DATABASE {self.spare.pop()} RENAME TO {name}")
        else:
            self.admin(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        try:
            yield self.url % name
        finally:
            if self._emptied(name):
                self.spare.append(name)
            else:
                self.drop(name)

    def admin(self, statement: str) -> None:
        """Runs a statement on the server's own database."""
        with self._inside("postgres") as connection:
            connection.execute(statement.encode())

    def drop(self, *names: str) -> None:
        """Takes databases away, whoever is still connected."""
        for name in names:
            self.admin(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Leaves nothing on a server that stays."""
        self.drop(*self.spare, self.template)

    def _emptied(self, name: str) -> bool:
        """Whether it is as the template again; not if the test changed tables or what stands in them from the start."""
        try:
            with self._inside(name) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", [name]
                )
                if self._shape(connection) != self.shape or self._size(connection) > self.size + ROOM:
                    return False
                every = [SQL("DELETE FROM {}").format(name) for name in self.empty]
                connection.execute(SQL(";").join([SQL("SET session_replication_role = replica"), *every]))  # rows name each other
                connection.execute("SELECT setval(seqrelid, seqstart, false) FROM pg_sequence")
        except psycopg.Error:  # a server that was lent to us may not let us: then each test gets a new one
            return False
        return True

    @contextmanager
    def _inside(self, name: str) -> Iterator[psycopg.Connection]:
        address = (self.url % name).replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(address, autocommit=True) as connection:
            yield connection

    def _shape(self, connection: psycopg.Connection) -> list[tuple[object, ...]]:
        """What is another when anybody has changed the schema, or a row that the template has."""
        ours = [
            SQL("SELECT xmin::text, {key}::bigint FROM {name} WHERE {key} >= {ours}").format(
                key=Identifier(key), name=Identifier(name), ours=OURS
            )
            for name, key in CATALOGS.items()
        ]
        rows = [SQL("SELECT xmin::text, 0 FROM {}").format(name) for name in self.filled]
        every = SQL(" UNION ALL ").join(ours + rows)
        return connection.execute(SQL("SELECT md5(string_agg(t::text, ',' ORDER BY t)) FROM ({}) t").format(every)).fetchall()

    @staticmethod
    def _size(connection: psycopg.Connection) -> int:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])
