"""What the house does in one place only: read the time, commit, send mail, write calendars, read the environment."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

TIME = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.localtime", "time.gmtime", "func.now"}
MIGRATIONS = "app/migrations/*"
PLAIN = {"rules", "values", "walltime", "checks"}
BELOW = ("models", "queries", "service", "rules", "mails")
Modules = dict[str, ast.Module]


def calls(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The dotted name and the line of every call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The dotted name and the line of everything that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def importers(modules: Modules, library: str) -> set[str]:
    """The modules that import a library."""
    return {path for path, tree in modules.items() if any(name.split(".")[0] == library for name, _line in imports(tree))}


def test_the_time_is_read_in_clock_only(modules: Modules) -> None:
    found = {
        path: line
        for path, tree in modules.items()
        for name, line in calls(tree)
        if ".".join(name.rsplit(".", 2)[-2:]) in TIME and path != "app/clock.py"
    }
    assert found == {}


UNITS = {"app/database.py", "app/swift.py"}  # the second for the statements of every mail, past the session


def test_only_database_commits_and_rolls_back(modules: Modules) -> None:
    found = {
        path: line
        for path, tree in modules.items()
        for name, line in calls(tree)
        if name.endswith((".commit", ".rollback")) and path not in UNITS and not fnmatch(path, MIGRATIONS)
    }
    assert found == {}


def test_only_the_mailer_knows_flask_mail_and_smtp(modules: Modules) -> None:
    strangers = importers(modules, "flask_mail") | importers(modules, "smtplib")
    assert {path for path in strangers if not fnmatch(path, "app/mailer*")} == set()


def test_only_calendars_know_icalendar(modules: Modules) -> None:
    assert {path for path in importers(modules, "icalendar") if not fnmatch(path, "app/calendars/*")} == set()


def test_only_config_reads_the_environment(modules: Modules) -> None:
    readers = {
        path
        for path, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert readers <= {"app/config.py"}


def test_rules_need_the_standard_library_only(modules: Modules) -> None:
    wrong = [
        f"{path}:{line} {name}"
        for path, tree in modules.items()
        if Path(path).stem in PLAIN
        for name, line in imports(tree)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("app.errors") and not set(name.split(".")) & PLAIN
    ]
    assert wrong == []


def test_nothing_below_the_doors_knows_the_request(modules: Modules) -> None:
    allowed = {"flask.current_app", "flask.Flask"}
    wrong = [
        f"{path}:{line} {name}"
        for path, tree in modules.items()
        if Path(path).stem in BELOW
        for name, line in imports(tree)
        if name.split(".")[0] == "flask" and name not in allowed
    ]
    assert wrong == []


def test_every_module_says_what_belongs_in_it(modules: Modules) -> None:
    assert [path for path, tree in modules.items() if not ast.get_docstring(tree)] == []


def test_the_scheduler_loads_no_doors_and_no_form_tokens() -> None:
    program = "import scheduler.jobs, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert set(done.stdout.split()) & {"app.web", "flask_wtf", "flask_compress", "flask_security"} == set()
