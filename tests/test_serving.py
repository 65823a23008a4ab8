"""The web processes of an installation: they answer, share what was loaded before them, and end together."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests import servers
from tests.conftest import SETTINGS

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="what a process shares is read from Linux's /proc")


def test_two_processes_answer_share_their_memory_and_end_with_the_first(sqlite_url: str, tmp_path: Path) -> None:
    with _served(sqlite_url, tmp_path) as (server, port):
        assert _answer(server, port, "/healthz") == 200
        assert _answer(server, port, "/feeds/all.ics?lang=es") == 200
        workers = _workers(server)
        assert len(workers) == 2
        own = [_own(pid) for pid in workers]
        assert max(own) < 0.6, f"of a worker's memory {own} is its own: what is loaded before the fork is there once"
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


def test_a_process_that_is_killed_is_replaced_and_takes_nobody_along(sqlite_url: str, tmp_path: Path) -> None:
    with _served(sqlite_url, tmp_path) as (server, port):
        assert _answer(server, port, "/healthz") == 200
        killed, other = _workers(server)
        os.kill(killed, signal.SIGKILL)
        for _time in range(100):
            now = _workers(server)
            if len(now) == 2 and killed not in now:
                break
            time.sleep(0.1)
        assert (len(now), other in now, killed in now) == (2, True, False)
        assert [_answer(server, port, "/healthz") for _time in range(4)] == [200] * 4


def test_a_web_process_loads_nothing_that_only_commands_need(sqlite_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, **SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": sqlite_url}
    said = "import sys, app.serving, wsgi; print({'alembic', 'mako', 'pygments', 'xlsxwriter', 'typst', 'psycopg'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", said], env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


@contextmanager
def _served(sqlite_url: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = servers.free_port()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--port", str(port), "--workers", "2", "--threads", "1"]
    environment = {**os.environ, **SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": sqlite_url, "TRUSTED_HOSTS": "127.0.0.1"}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield server, port
    finally:
        server.terminate()
        server.wait(20)


def _workers(server: subprocess.Popen[bytes]) -> list[int]:
    assert server.poll() is None, "the server has ended"
    return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]


def _answer(server: subprocess.Popen[bytes], port: int, path: str) -> int:
    """The status, once the server listens."""
    for _time in range(600):
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", path)
            status = connection.getresponse().status
            connection.close()
            return status
        assert server.poll() is None, "the server has ended"
        time.sleep(0.1)
    raise AssertionError(path)


def _own(pid: int) -> float:
    """The share of a process's memory that no other has."""
    found = dict(re.findall(r"^(\w+):\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE))
    return (int(found["Private_Dirty"]) + int(found["Private_Clean"])) / int(found["Rss"])
