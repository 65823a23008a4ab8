"""An SMTP server that takes everything and keeps nothing, in a process of its own, and a bare loop of Flask-Mail: the reference."""

from __future__ import annotations

import os
import pwd
import shutil
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy

import flask_mail
from flask import Flask

from tests.servers import free_port


@dataclass(frozen=True)
class Sink:
    """The server, and what it is called."""

    name: str
    port: int


@contextmanager
def sink() -> Iterator[Sink]:
    """Postfix's smtp-sink where it is installed, for it is the faster; else aiosmtpd, and then it may be the server that is measured."""
    port = free_port()
    program = shutil.which("smtp-sink", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if program:
        name, user = "Postfix's smtp-sink", ["-u", pwd.getpwnam("nobody").pw_name] if os.geteuid() == 0 else []
        command = [program, *user, f"127.0.0.1:{port}", "100"]
    else:
        name, command = "aiosmtpd", [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield Sink(name, port)
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", port, timeout=2):
            return
        time.sleep(0.1)
    message = "no SMTP server to measure against"
    raise TimeoutError(message)


def flask_mail_loop(port: int, bodies: Sequence[bytes]) -> float:
    """Seconds that Flask-Mail takes for the same mails over one connection, with no bookkeeping at all."""
    app = Flask("loop")
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_DEFAULT_SENDER="ICLD <partnership@icld.se>")
    mail = flask_mail.Mail(app)
    with app.app_context():
        messages = [_words(body) for body in bodies]
        start = time.perf_counter()
        with mail.connect() as line:
            for message in messages:
                line.send(message)
        return time.perf_counter() - start


def bytes_loop(port: int, bodies: Sequence[bytes]) -> float:
    """Seconds for the finished bytes over one connection: how much the server and smtplib take at the very most."""
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as line:
        for body in bodies:
            line.sendmail("partnership@icld.se", "reader@there.example", body)
    return time.perf_counter() - start


def _words(body: bytes) -> flask_mail.Message:
    """The words of one of our finished mails, as whoever uses Flask-Mail would hold them."""
    mail = message_from_bytes(body, policy=policy.default)
    parts = {part.get_content_subtype(): str(part.get_content()) for part in mail.walk() if not part.is_multipart()}
    text = parts.pop("plain")
    return flask_mail.Message(str(mail["Subject"]), recipients=[mail["To"].addresses[0].addr_spec], body=text, alts=parts)
