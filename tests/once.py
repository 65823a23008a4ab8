"""What all apps of one test process share, for each test makes its own: addresses, templates and statements, compiled once."""

from __future__ import annotations

from types import CodeType, MethodType
from typing import Any, ClassVar, Self

import werkzeug.routing
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache


def compile_once() -> None:
    """Uses the places that Flask and SQLAlchemy have for this; every app is compiled as usual, but only the first time."""
    Flask.url_rule_class = Rule
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    registry.register("sqlite", __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)


class Rule(werkzeug.routing.Rule):
    """An address. Nine tenths of what an app costs is compiling these: 66 ms of 70."""

    first: ClassVar[dict[tuple[object, ...], Rule]] = {}
    made: ClassVar[tuple[str, ...]] = ("arguments", "_parts", "_trace", "_converters")
    bound: ClassVar[tuple[str, ...]] = ("_build", "_build_unknown")

    def compile(self) -> None:
        """Takes over what an equal address of an earlier app was compiled to."""
        known = self.first.setdefault(self._words(), self)
        if known is self:
            super().compile()
            return
        for name in self.made:
            setattr(self, name, getattr(known, name))
        for name in self.bound:
            setattr(self, name, MethodType(getattr(known, name).__func__, self))

    def _words(self) -> tuple[object, ...]:
        """All that the compiler reads."""
        assert self.map is not None
        kinds = tuple(self.map.converters.items())
        return (self.rule, self.host, self.subdomain, repr(self.defaults), self.merge_slashes, self.map.host_matching, kinds)


class Templates(BytecodeCache):
    """The code of a template, by its name and its source."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Nothing at the first time."""
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps it for the next app."""
        if bucket.code is not None:
            self.codes[bucket.key, bucket.checksum] = bucket.code


class Shared(DefaultDialect):
    """One for all engines with the same options, because SQLAlchemy keeps a statement that it has compiled by its dialect."""

    known: ClassVar[dict[tuple[object, ...], Shared]] = {}
    statements: ClassVar[LRUCache[Any, Any]] = LRUCache(3000)
    ready = False

    def __new__(cls, **options: Any) -> Self:
        """The first with these options."""
        one = cls.known.setdefault((cls, *sorted((name, repr(value)) for name, value in options.items())), super().__new__(cls))
        assert isinstance(one, cls)
        return one

    def __init__(self, **options: Any) -> None:
        """Only once."""
        if not self.ready:
            super().__init__(**options)
            self.ready = True

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Gives the engine what others have compiled."""
        engine.update_execution_options(compiled_cache=cls.statements)


class SQLite(Shared, SQLiteDialect_pysqlite):
    """SQLite, as always."""

    supports_statement_cache = True


class PostgreSQL(Shared, PGDialect_psycopg):
    """PostgreSQL, as always."""

    supports_statement_cache = True
