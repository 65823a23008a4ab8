"""Databases of one PostgreSQL server: made from a template, emptied after a test, and given to the next one under a new name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier, Literal

CHANGED = "pg_stat_get_tuples_{}ed(oid)"  # since the database was made; a backend has told all when it has ended (PostgreSQL 15)
PUT_OUT = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
EXACT_SINCE = 150_000
ROOM = 5_000  # rows that were written and deleted, from which on a new database is cheaper than a full one


@dataclass
class Made:
    """A database that was made of the template, and how many rows each of its tables has ever been given."""

    name: str
    given: dict[str, int] = field(default_factory=dict)


class Pool:
    """A new database takes 65 to 200 ms, mostly for 600 files; an emptied one 10 ms. Nobody's old address leads to one."""

    def __init__(self, url: str, template: str) -> None:
        """`url` has %s for the database's name; `template` is migrated and nobody is connected to it."""
        self.url, self.template = url, template
        self.spare: list[Made] = []
        self.server = self._connected("postgres")
        with self._connected(template) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
            names = [name for (name,) in tables]
            empty = [name for name in names if not connection.execute(SQL("SELECT 1 FROM {} LIMIT 1").format(Identifier(name))).fetchone()]
        written = " + ".join(CHANGED.format(verb) for verb in ("insert", "updat", "delet"))
        ours = SQL(", ").join(map(Literal, empty))
        self.asked = SQL(
            "SELECT relname, {inserted} FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname IN ({ours}) UNION ALL "
            "SELECT '', sum({written}) FROM pg_class WHERE relkind = 'r' AND NOT relisshared AND oid <> 'pg_statistic'::regclass "
            "AND NOT (relnamespace = 'public'::regnamespace AND relname IN ({ours}))"
        ).format(inserted=SQL(CHANGED.format("insert")), written=SQL(written), ours=ours)

    @contextmanager
    def database(self) -> Iterator[str]:
        """A database as the template is; its address, which holds for this block alone."""
        name = f"test_{uuid4().hex}"
        if self.spare:
            made = self.spare.pop()
            self.admin(f"ALTER DATABASE {made.name} RENAME TO {name}")
            made.name = name
        else:
            made = Made(name)
            self.admin(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        try:
            yield self.url % name
        finally:
            if self._emptied(made):
                self.spare.append(made)
            else:
                self.drop(name)

    def admin(self, statement: str) -> None:
        """Runs a statement on the server's own database."""
        self.server.execute(statement.encode())

    def drop(self, *names: str) -> None:
        """Takes databases away, whoever is still connected."""
        for name in names:
            self.admin(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Leaves nothing on a server that stays."""
        self.drop(*(made.name for made in self.spare), self.template)
        self.server.close()

    def _emptied(self, made: Made) -> bool:
        """Whether it is as the template again; not if the test changed tables or what stands in them from the start."""
        if self.server.info.server_version < EXACT_SINCE:
            return False
        try:
            with self._connected(made.name) as connection:
                connection.execute(PUT_OUT)
                given: dict[str, int] = dict(connection.execute(self.asked).fetchall())
                if given.pop("") or sum(given.values()) > ROOM:
                    return False
                filled = [name for name, rows in given.items() if rows != made.given.get(name, 0)]
                every = [SQL("DELETE FROM {}").format(Identifier(name)) for name in filled]
                connection.execute(SQL(";").join([SQL("SET session_replication_role = replica"), *every]))  # rows name each other
                connection.execute(
                    "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
                )
        except psycopg.Error:  # a server that was lent to us may not let us: then each test gets a new one
            return False
        made.given = given
        return True

    def _connected(self, name: str) -> psycopg.Connection:
        address = (self.url % name).replace("postgresql+psycopg://", "postgresql://")
        return psycopg.connect(address, autocommit=True)
