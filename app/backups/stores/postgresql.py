"""PostgreSQL: pg_dump of the server's own version reads one state, and a copy is put in place by two renames in one transaction."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from app.backups.rules import BackupError
from app.backups.stores.tables import Contents, contents
from app.config import environment

if TYPE_CHECKING:
    import psycopg

PLACES = "/usr/lib/postgresql/{major}/bin/{program}"  # where Debian keeps the programs of each version
LEAVING = 2.0  # seconds in which the server takes whoever has hung up off its list
WAIT = 60_000  # milliseconds for a table that somebody rewrites meanwhile


class PostgresStore:
    """The database of an installation on its server."""

    kind = "postgresql"

    def __init__(self, url: str, workroom: Path) -> None:
        self.url = make_url(url)
        self.name = self.url.database or ""
        self.workroom = workroom

    def snapshot(self, target: Path) -> Contents:
        """A dump of one instant: pg_dump reads the very state that is counted here. Raises BackupError."""
        with self._inside(self.name) as here:
            here.autocommit = False
            here.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            (snapshot,) = _one(here, "SELECT pg_export_snapshot()")
            dump = [self._program("pg_dump", _major(here)), "-Fc", "--no-owner", "--no-privileges", f"--lock-wait-timeout={WAIT}"]
            self._run([*dump, f"--snapshot={snapshot}", "-f", str(target), "-d", self.name])
            return _contents(here)

    def look(self, file: Path) -> Contents | None:
        """Has pg_restore read the dump's list; what is in it only a server can count. Raises BackupError."""
        if "TABLE DATA public alembic_version" not in self._run([self._program("pg_restore", None), "--list", str(file)]):
            message = "The file is no database of ours: it has no tables."
            raise BackupError(message)
        return None

    def is_empty(self) -> bool:
        """Whether nothing would be lost: no database, no tables, or nobody and no workshop in them."""
        if not self._exists():
            return True
        with self._inside(self.name) as here:
            tables = {name for (name,) in here.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
            wanted = tables & {"person", "workshop", "message"}
            return not any(here.execute(f"SELECT 1 FROM {name} LIMIT 1".encode()).fetchone() for name in wanted)  # noqa: S608  our own names

    def others(self) -> str:
        """Who is connected; empty if nobody. Whoever has just hung up is still listed for a moment: nobody counts who leaves within it."""
        wanted = "SELECT DISTINCT coalesce(host(client_addr), 'this machine') FROM pg_stat_activity WHERE datname = %s"
        end = time.monotonic() + LEAVING
        while True:
            with self._inside("postgres") as server:
                found = [place for (place,) in server.execute(wanted, [self.name])]
            if not found or time.monotonic() > end:
                return f"a connection from {', '.join(found)}" if found else ""
            time.sleep(0.1)

    @contextmanager
    def scratch(self, dump: Path) -> Iterator[str]:
        """A database beside, out of the dump; its address. It is gone at the end unless it was put in place."""
        name = f"{self.name[:40]}_restoring_{secrets.token_hex(4)}"
        with self._inside("postgres") as server:
            try:
                server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0{self._like(server)}'.encode())
            except _errors() as error:
                message = f"No database can be made beside {self.name}: {_words(error)}. The role needs CREATEDB for this."
                raise BackupError(message) from error
            major = _major(server)
        try:
            restore = [self._program("pg_restore", major), "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
            self._run([*restore, "-d", name, str(dump)])
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            with self._inside("postgres") as server, suppress(_errors()):
                server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    def contents_of(self, url: str) -> Contents:
        """What stands in the one beside."""
        with self._inside(make_url(url).database or "") as there:
            return _contents(there)

    def put(self, url: str, stamp: str) -> str:
        """Puts the one beside in its place; what was there stays beside. Its name, or nothing. Raises BackupError."""
        fresh, aside = make_url(url).database, f"{self.name[:40]}_before_{stamp.lower()}"
        there = self._exists()
        with self._inside("postgres") as server:
            try:
                with server.transaction():
                    if there:
                        server.execute(f'ALTER DATABASE "{self.name}" RENAME TO "{aside}"'.encode())
                    server.execute(f'ALTER DATABASE "{fresh}" RENAME TO "{self.name}"'.encode())
            except _errors() as error:
                message = f"The database was left as it was: {_words(error)}."
                raise BackupError(message) from error
        return aside if there else ""

    def _exists(self) -> bool:
        with self._inside("postgres") as server:
            return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]).fetchone() is not None

    def _like(self, server: psycopg.Connection[Any]) -> str:
        """The same order of letters as the one that is there."""
        wanted = "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = %s"
        row = server.execute(wanted, [self.name]).fetchone()
        return "" if row is None else f" ENCODING '{row[0]}' LC_COLLATE '{row[1]}' LC_CTYPE '{row[2]}'"

    @contextmanager
    def _inside(self, name: str) -> Iterator[psycopg.Connection[Any]]:
        import psycopg  # noqa: PLC0415  loaded by whoever needs it

        address = self.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        try:
            connection = psycopg.connect(address, autocommit=True)
        except psycopg.OperationalError as error:
            message = f"PostgreSQL does not let us into {name}: {_words(error)}."
            raise BackupError(message) from error
        with connection:
            yield connection

    def _program(self, name: str, major: int | None) -> str:
        """The program of the server's version, or a younger one: an older one reads no younger server."""
        places = [PLACES.format(major=major, program=name)] if major else []
        found = [*(place for place in places if Path(place).exists()), *filter(None, [shutil.which(name)])]
        seen = []
        for program in found:
            told = re.search(r"(\d+)", subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout)  # noqa: S603
            if told and (major is None or int(told[1]) >= major):
                return program
            seen.append(f"{program} is of version {told[1] if told else 'unknown'}")
        wanted = f"{name} of PostgreSQL {major} or newer" if major else name
        message = (
            f"{wanted} is not here ({'; '.join(seen) or 'nothing of that name on the PATH'}). Debian: apt-get install postgresql-client."
        )
        raise BackupError(message)

    def _run(self, command: Sequence[str]) -> str:
        """Runs a program of PostgreSQL's with the address in its environment, where no list of processes shows it."""
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(self._address()))  # noqa: S603
        if done.returncode:
            words = done.stderr.strip()[-600:] or f"nothing, and ended with {done.returncode}: is the disk full?"
            message = f"{Path(command[0]).name} says: {words}"
            raise BackupError(message)
        return done.stdout

    def _address(self) -> dict[str, str]:
        facts = {"host": self.url.host, "port": self.url.port, "user": self.url.username, "password": self.url.password}
        facts |= {key: value if isinstance(value, str) else ",".join(value) for key, value in self.url.query.items()}
        names = {"options": "PGOPTIONS", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
        return {names.get(key, f"PG{key.upper()}"): str(value) for key, value in facts.items() if value not in {None, ""}}


def _contents(here: psycopg.Connection[Any]) -> Contents:
    names = [name for (name,) in here.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    (revision,) = _one(here, "SELECT version_num FROM alembic_version")
    (version,) = _one(here, "SHOW server_version")

    def rows(table: str) -> Iterator[Sequence[Any]]:
        with here.transaction(), here.cursor(name="counted") as cursor:
            yield from cursor.execute(f'SELECT * FROM "{table}"'.encode())  # noqa: S608  of the schema

    return contents(str(revision), str(version), names, rows)


def _one(here: psycopg.Connection[Any], statement: str) -> Any:
    return here.execute(statement.encode()).fetchone()


def _major(here: psycopg.Connection[Any]) -> int:
    return int(here.info.server_version // 10_000)


def _errors() -> type[Exception]:
    import psycopg  # noqa: PLC0415  loaded by whoever needs it

    return psycopg.Error


def _words(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
