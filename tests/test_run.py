"""run.py: what it says when something is missing, what it does once only, which port it takes, how it starts and ends two programs."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

import run
from tests.servers import free_port

SOURCE = Path(run.__file__)
LOOPBACK = "127.0.0.1"

# Stand-ins for what run.py starts: it runs modules, and a module of its own folder comes first.
GRANIAN = """
import http.server, os, sys
print("BASE_URL", os.environ["BASE_URL"], "DEMO", os.environ["DEMO"], flush=True)
print("TRUSTED", os.environ.get("TRUSTED_HOSTS", "the default"), flush=True)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Ready).serve_forever()
"""
FLASK = """
import json, sys
print("migrated")
print(json.dumps([{"address": "ana@umea.example", "password": "secret", "name": "Ana", "is": "staff"}] if "--demo" in sys.argv else []))
"""
SCHEDULER = "import time; print('ticking', flush=True); time.sleep(100)"


# Before anything else ------------------------------------------------------------------------------------------------


def test_old_pythons_can_read_it() -> None:
    """Python 3.6 must parse the file to say that it is too old."""
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_nothing_is_lacking_here() -> None:
    assert not run.lacking(sys.version_info[:3], venv_works=True)


@pytest.mark.parametrize(
    ("fake", "words"),
    [
        ("import sys; sys.version_info = (3, 9, 2)", ["Python 3.11 or newer", "this is Python 3.9.2"]),
        ("import sys; sys.modules['ensurepip'] = None", ["cannot make environments", "apt install python3-venv"]),
    ],
)
def test_it_says_what_is_missing(tmp_path: Path, fake: str, words: list[str]) -> None:
    """In plain words, without a traceback, and before it makes anything."""
    shutil.copy(SOURCE, tmp_path)
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    (fakes / "sitecustomize.py").write_text(fake, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(fakes)}
    said = subprocess.run([sys.executable, tmp_path / "run.py"], capture_output=True, text=True, env=env, check=False)
    assert said.returncode == 1
    assert all(word in said.stderr for word in words)
    assert "Traceback" not in said.stderr
    assert not (tmp_path / ".venv").exists()


# Once only -----------------------------------------------------------------------------------------------------------


def test_a_stamp_holds_until_a_file_or_a_fact_changes(tmp_path: Path) -> None:
    lock, stamp = tmp_path / "lock", tmp_path / "stamp"
    lock.write_text("one", encoding="utf-8")
    assert not run.is_stamped(stamp, [lock], "0001")
    run.put_stamp(stamp, [lock], "0001")
    assert run.is_stamped(stamp, [lock], "0001")
    assert not run.is_stamped(stamp, [lock], "0002")
    lock.write_text("two", encoding="utf-8")
    assert not run.is_stamped(stamp, [lock], "0001")


def test_the_revision_is_what_the_database_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is gone, without tables, or elsewhere never counts as known."""
    assert run.revision(tmp_path) != run.revision(tmp_path)
    with closing(sqlite3.connect(tmp_path / "workshops.sqlite")) as database:
        assert run.revision(tmp_path) != run.revision(tmp_path)
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('0001')")
        database.commit()
    assert "0001" in run.revision(tmp_path)
    assert run.revision(tmp_path) == run.revision(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    assert run.revision(tmp_path) != run.revision(tmp_path)


# Ports ---------------------------------------------------------------------------------------------------------------


def test_the_port_asked_for_is_taken_or_refused() -> None:
    port = free_port()
    assert run.pick_port(port, LOOPBACK) == port
    with socket.create_server((LOOPBACK, port)), pytest.raises(run.Stop, match=f"Port {port} .* taken"):
        run.pick_port(port, LOOPBACK)
    with pytest.raises(run.Stop, match="cannot be used"):
        run.pick_port(99999, LOOPBACK)


def test_another_port_is_found_when_the_usual_one_is_taken() -> None:
    if run.is_free(5000, LOOPBACK):
        assert run.pick_port(None, LOOPBACK) == 5000
        with socket.create_server((LOOPBACK, 5000)):
            assert run.pick_port(None, LOOPBACK) != 5000
    else:
        assert run.pick_port(None, LOOPBACK) != 5000


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104  nothing is opened
        ("::", "[::1]"),
        ("10.0.0.5", "10.0.0.5"),
    ],
)
def test_an_address_to_listen_at_is_printed_as_one_to_visit(host: str, reached: str) -> None:
    assert run.as_reached(host) == reached


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "localhost", "::1"])
def test_who_listens_to_oneself_only_trusts_and_says_nothing_more(host: str) -> None:
    assert run.own_names(host, ["192.168.1.7"]) == []
    assert run.warning([], 5000, demo=True) == []


def test_who_listens_to_all_trusts_the_own_names() -> None:
    own = ["127.0.0.1", "::1", "localhost"]
    here = ["192.168.1.7", "127.0.1.1", "192.168.1.7", "fe80::1%eth0", "", "town-hall"]
    assert run.own_names("0.0.0.0", here) == ["192.168.1.7", "fe80::1", "town-hall", *own]  # noqa: S104  nothing is opened
    assert run.own_names("10.0.0.5", here) == ["10.0.0.5", *own]


@pytest.mark.parametrize(("demo", "lines"), [(True, 2), (False, 1)])
def test_an_open_demo_is_said_in_plain_words(demo: bool, lines: int) -> None:
    said = run.warning(["192.168.1.7"], 5000, demo=demo)
    assert len(said) == lines
    assert "http://192.168.1.7:5000/" in said[0]
    assert ("anybody on this network can come in as staff" in said[-1]) is demo


# Both programs -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with run.py, locks that ask for nothing, and stand-ins for what it starts."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(SOURCE, folder)
    (folder / "app" / "migrations").mkdir(parents=True)
    for name in run.LOCKS:
        (folder / name).write_text("# nothing\n", encoding="utf-8")
    return folder


@contextmanager
def started(house: Path, *arguments: str, **programs: str) -> Iterator[subprocess.Popen[str]]:
    for name, source in {"granian": GRANIAN, "flask": FLASK, "scheduler": SCHEDULER, **programs}.items():
        (house / f"{name}.py").write_text(source, encoding="utf-8")
    command = [sys.executable, str(house / "run.py"), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What it has said once it says these words, or all that it says before it ends."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if words in line:
            break
    return said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_both_and_stops_both(house: Path, number: signal.Signals) -> None:
    port = free_port()
    with started(house, "--port", str(port)) as process:
        said = read_until(process, "Ctrl-C stops both")
        assert said.count("http://") == 1
        assert f"http://{LOOPBACK}:{port}/" in said
        assert "ana@umea.example" in said
        assert "/dev/mail" in said
        with urlopen(f"http://{LOOPBACK}:{port}/readyz", timeout=5) as answer:
            assert answer.status == 200
        assert f"BASE_URL http://{LOOPBACK}:{port} DEMO 1" in (house / "instance" / "web.log").read_text(encoding="utf-8")
        assert "ticking" in (house / "instance" / "scheduler.log").read_text(encoding="utf-8")
        process.send_signal(number)
        assert process.wait(20) == 0
    with pytest.raises(URLError):
        urlopen(f"http://{LOOPBACK}:{port}/readyz", timeout=5)


@pytest.mark.parametrize(("host", "trusted"), [("127.0.0.1", "the default"), ("0.0.0.0", socket.gethostname())])  # noqa: S104  of a test
def test_others_on_the_network_get_an_answer_and_the_owner_a_warning(house: Path, host: str, trusted: str) -> None:
    with started(house, "--port", str(free_port()), "--host", host) as process:
        said = read_until(process, "Ctrl-C stops both" if trusted == "the default" else "WARNING")
    assert ("anybody on this network can come in as staff" in said) is (trusted != "the default")
    log = (house / "instance" / "web.log").read_text(encoding="utf-8")
    assert trusted in next(line for line in log.splitlines() if line.startswith("TRUSTED"))


def test_it_asks_itself_without_a_proxy(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{LOOPBACK}:{free_port()}")
    with started(house, "--port", str(free_port())) as process:
        assert "Ctrl-C stops both" in read_until(process, "Ctrl-C stops both")


def test_the_second_start_installs_nothing(house: Path) -> None:
    with started(house, "--port", str(free_port())) as process:
        read_until(process, "Ctrl-C stops both")
    with started(house, "--port", str(free_port()), "--no-demo") as process:
        said = read_until(process, "Ctrl-C stops both")
    assert "Installing" not in said
    assert "staff invite ADDRESS" in said
    assert "ana@umea.example" not in said


def test_one_that_dies_takes_the_other_along(house: Path) -> None:
    """And the end of its log is shown."""
    port = free_port()
    with started(house, "--port", str(port), scheduler="import time; time.sleep(1); raise SystemExit('no clock today')") as process:
        said = read_until(process, "never said")
        assert process.wait(20) == 1
    assert "no clock today" in said
    assert "The scheduler process ended" in said
    with pytest.raises(URLError):
        urlopen(f"http://{LOOPBACK}:{port}/readyz", timeout=5)


def test_a_database_that_cannot_be_prepared_is_said(house: Path) -> None:
    with started(house, "--port", str(free_port()), flask="raise SystemExit('no room on the disk')") as process:
        said = read_until(process, "never said")
        assert process.wait(20) == 1
    assert "no room on the disk" in said
    assert "Could not prepare the database" in said
