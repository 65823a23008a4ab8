"""What all apps of one test process share, for each test makes its own: addresses, templates and statements, compiled once."""

from __future__ import annotations

from copy import copy
from operator import attrgetter
from threading import Lock
from types import CodeType
from typing import Any, ClassVar, NamedTuple, Self

import werkzeug.routing
from flask import Blueprint, Flask
from flask.sansio.app import App
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule, RuleFactory
from werkzeug.routing.matcher import StateMachineMatcher

READ = attrgetter(
    "rule", "endpoint", "provide_automatic_options", "subdomain", "host", "build_only", "strict_slashes", "merge_slashes", "alias",
    "websocket", "redirect_to",
)  # fmt: skip
REGISTER, REGISTERING = Blueprint.register, Lock()
A_RULE = "Blueprint.add_url_rule.<locals>.<lambda>"  # what Flask has deferred for each address
DOORS: dict[Blueprint, Known] = {}


def compile_once() -> None:
    """Uses the places that Flask and SQLAlchemy have for this; every app is compiled as usual, but only the first time."""
    Flask.url_map_class = Map
    Blueprint.register = register  # type: ignore[assignment,method-assign]  # a function in the place of a method
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    registry.register("sqlite", __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)


class Known(NamedTuple):
    """What a door gave to the first app: as much of it as was deferred then, its rules, its views."""

    deferred: int
    rules: list[RuleFactory]
    views: dict[str, Any]


def register(door: Blueprint, app: App, options: dict[str, Any]) -> None:
    """As Flask does, but a door's addresses are worked out for the first app alone. They were two thirds of what an app costs."""
    made, views = app.url_map, app.view_functions
    if options or not isinstance(made, Map):
        REGISTER(door, app, options)
        return
    with REGISTERING:
        known = DOORS.get(door)
        if known is None or known.deferred != len(door.deferred_functions):
            given, had = len(made.given), set(views)
            REGISTER(door, app, options)
            new = {endpoint: view for endpoint, view in views.items() if endpoint not in had}
            DOORS[door] = Known(len(door.deferred_functions), made.given[given:], new)
            return
        every = door.deferred_functions
        door.deferred_functions = [each for each in every if each.__qualname__ != A_RULE]
        try:
            REGISTER(door, app, options)
        finally:
            door.deferred_functions = every
        for rule in known.rules:
            made.add(rule)
        views.update(known.views)


class Map(werkzeug.routing.Map):
    """The addresses of an app, put together when one is first asked for. They were nine tenths of what an app costs."""

    known: ClassVar[dict[object, tuple[StateMachineMatcher, dict[Any, list[Rule]]]]] = {}
    one_at_a_time: ClassVar[Lock] = Lock()

    def __init__(self, *args: Any, **options: Any) -> None:
        """As werkzeug's."""
        self.given: list[RuleFactory] = []
        super().__init__(*args, **options)

    def add(self, rulefactory: RuleFactory) -> None:
        """Keeps it until somebody asks."""
        self.given.append(rulefactory)
        self._remap = True

    def update(self) -> None:
        """Takes over what the same addresses of an earlier app were put together to."""
        if not self._remap:
            return
        with self.one_at_a_time:
            rules = [rule for each in self.given for rule in each.get_rules(self)]
            words = self._words(rules)
            if words not in self.known:
                self._matcher, self._rules_by_endpoint = StateMachineMatcher(self.merge_slashes), {}
                for rule in map(copy, rules):  # those that were given are of later apps too
                    rule.bind(self, rebind=True)
                    self._rules_by_endpoint.setdefault(rule.endpoint, []).append(rule)
                    if not rule.build_only:
                        self._matcher.add(rule)
                super().update()
                self.known[words] = (self._matcher, self._rules_by_endpoint)
            self._matcher, self._rules_by_endpoint = self.known[words]
            self._remap = False

    def _words(self, rules: list[Rule]) -> object:
        """All that is read when they are put together."""
        kinds = (*self.converters.items(), self.host_matching, self.strict_slashes, self.merge_slashes, self.default_subdomain)
        return kinds, *((READ(rule), frozenset(rule.methods or ()), str(rule.defaults or "")) for rule in rules)


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
    ready = asked = False

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

    def initialize(self, connection: Connection) -> None:
        """Asks the server what it is only once: all are of one version."""
        if not self.asked:
            super().initialize(connection)
            self.asked = True

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
