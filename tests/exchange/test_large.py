"""A file of fifty megabytes, against the server of production: its sender gets a page that says why, and the server stays small."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import factories, servers
from tests.conftest import SETTINGS, MakeApp, Visitor
from tests.exchange.made import ADDRESS

BOUND = "----a-line-between-parts"
PIECE = b"a" * 65_536
FIFTY = 50_000_000


@contextmanager
def granian(url: str, port: int, folder: Path) -> Iterator[int]:
    """The service as in production, in a process of its own; the number of the worker."""
    settings = {**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": url, "BASE_URL": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws", "wsgi:app"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **settings})
    try:
        for _try in range(600):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        yield int(children.read_text().split()[0]) if children.exists() else 0
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def cookie(sqlite_url: str, make_app: MakeApp) -> str:
    """A programme officer's, good on every server with the same key and database."""
    app = make_app(sqlite_url)
    with app.app_context():
        factories.network(factories.organisation("CO"))
        visitor = app.test_client()
        assert isinstance(visitor, Visitor)
        found = visitor.signed_in(factories.person(staff="officer")).get_cookie("session", domain="localhost")
    assert found is not None
    return found.value


def most_memory(process: int) -> int:
    """The most that a process has had, in MB; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if process and status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def send(port: int, size: int, cookie: str) -> tuple[int, str]:
    """Sends a file of this size whole, as a browser does, and only then reads: (bytes that left, answer)."""
    part = f'--{BOUND}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'.encode()
    end = f"\r\n--{BOUND}--\r\n".encode()
    head = f"POST {ADDRESS} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: session={cookie}\r\nConnection: close\r\n"
    head += f"Content-Type: multipart/form-data; boundary={BOUND}\r\nContent-Length: {len(part) + size + len(end)}\r\n\r\n"
    left, answer = 0, b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(head.encode() + part)
        while left < size:
            piece = PIECE[: size - left]
            line.sendall(piece)
            left += len(piece)
        line.sendall(end)
        while more := line.recv(65_536):
            answer += more
    return left, answer.decode()


@pytest.mark.timeout(180)
def test_fifty_megabytes_get_a_page_and_no_cut_line(sqlite_url: str, cookie: str, tmp_path: Path) -> None:
    port = servers.free_port()
    with granian(sqlite_url, port, tmp_path) as worker:
        _left, page = send(port, 10, cookie)
        assert " 403 " in page.splitlines()[0], "the form has no token: a small one is read to its end"
        before = most_memory(worker)
        left, page = send(port, FIFTY, cookie)
        grown = most_memory(worker) - before
    assert left == FIFTY, "the line was cut before the file had left"
    assert page.startswith("HTTP/1.1 413")
    assert "The file is larger than 2 MB." in page
    assert 'id="problems"' in page
    assert grown <= 20, f"{grown} MB more for one file"
