"""Apps that are compiled once answer as apps that are compiled anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import werkzeug.routing
from flask import Blueprint, Flask
from jinja2 import Environment, FunctionLoader
from sqlalchemy import column, create_engine, insert, select, table

from tests.conftest import MakeApp
from tests.house.walk import routes, things
from tests.once import REGISTER, Map, Shared, Templates


def test_addresses_lead_where_werkzeug_alone_leads(demo: Flask, make_app: MakeApp) -> None:
    late = make_app(demo.config["SQLALCHEMY_DATABASE_URI"])
    alone = werkzeug.routing.Map(
        [werkzeug.routing.Rule(rule.rule, **rule.get_empty_kwargs()) for rule in late.url_map.iter_rules()],
        host_matching=late.url_map.host_matching,
    )
    known, anew = late.url_map.bind("localhost"), alone.bind("localhost")
    paths = {(route.path, route.method) for route in routes(demo, things())}
    assert isinstance(late.url_map, Map)
    assert late.url_map._matcher is demo.url_map._matcher, "put together once"  # noqa: SLF001  this is what it is about
    for path, method in sorted(paths):
        endpoint, values = known.match(path, method)
        assert (endpoint, values) == anew.match(path, method)
        asked = {**values, "more": "å b"}
        assert known.build(endpoint, asked) == anew.build(endpoint, asked)


def test_a_later_app_has_all_that_flask_alone_gives_it(lite: Flask, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Blueprint, "register", REGISTER)
        alone = make_app("sqlite://")
    late = make_app("sqlite://")
    told = [[(rule.rule, rule.endpoint, rule.methods, rule.defaults) for rule in app.url_map.iter_rules()] for app in (late, alone)]
    assert told[0] == told[1]
    assert {**late.view_functions, "static": None} == {**alone.view_functions, "static": None}
    assert {**late.blueprints} == {**alone.blueprints}
    for hooks in ("before_request_funcs", "after_request_funcs", "teardown_request_funcs", "error_handler_spec", "url_default_functions"):
        assert _names(getattr(late, hooks)) == _names(getattr(alone, hooks))
    assert sorted(late.cli.commands) == sorted(alone.cli.commands)


def _names(hooks: dict[str | None, Any]) -> dict[str | None, int]:
    """How many there are of each door: some are made anew for each app."""
    return {name: len(found) for name, found in hooks.items()}


def test_a_template_that_has_changed_is_compiled_anew() -> None:
    pages = {"page": "one {{ 1 + 1 }}"}
    kept = Templates()

    def read() -> str:
        return Environment(autoescape=True, bytecode_cache=kept, loader=FunctionLoader(pages.get)).get_template("page").render()

    assert [read(), read()] == ["one 2", "one 2"]
    assert len(kept.codes) == 1
    pages["page"] = "two"
    assert read() == "two"


def test_a_statement_is_compiled_once_and_asks_the_database_of_its_engine(tmp_path: Path) -> None:
    here = table("here", column("name"), column("only_in_this_test"))
    engines = [create_engine(f"sqlite:///{tmp_path / name}.sqlite") for name in ("one", "two")]
    for engine, name in zip(engines, ("one", "two"), strict=True):
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE here (name TEXT, only_in_this_test INTEGER)")
            connection.execute(insert(here).values(name=name, only_in_this_test=len(name)))
            assert connection.scalars(select(here.c.name).where(here.c.only_in_this_test == len(name))).all() == [name]
        engine.dispose()
    kept = [statement for statement in Shared.statements.values() if "only_in_this_test" in str(statement)]
    assert len(kept) == 2, "the INSERT and the SELECT, each once for both databases"
