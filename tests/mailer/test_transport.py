"""One message into one SMTP send, against real servers: well-behaved, silent, broken, untrusted."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask

from app import create_core, mailer
from app.mailer import Lost, Refused, Unreachable
from app.mailer.transport import hang_up, transport
from tests.conftest import SETTINGS
from tests.outbox.made import Script, scripted

RAW = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\nfirst\r\n.\r\n..two\r\nlast\r\n"
READER = "c@d.example"

Core = Callable[..., Flask]


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    """Makes an app and stays in its context."""
    with ExitStack() as stack:

        def make(port: int | None = None, **settings: str) -> Flask:
            server = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_TIMEOUT": "1"} if port else {}
            app = create_core({**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": "sqlite://", **server, **settings})
            stack.enter_context(app.app_context())
            stack.callback(hang_up)
            return app

        yield make


@pytest.fixture(params=[False, True], ids=["one by one", "at once"])
def breath(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is asked step by step, and in one breath."""
    monkeypatch.setattr(Script, "pipelining", request.param)


BOTH_WAYS = pytest.mark.usefixtures("breath")


@BOTH_WAYS
def test_every_byte_arrives_even_lines_that_begin_with_a_dot(core: Core) -> None:
    with scripted() as (server, port):
        core(port)
        assert mailer.send(RAW, READER) == "250 taken"
        assert server.raw == [RAW]
        assert server.envelopes == [("partnership@icld.se", [READER])]
        hang_up()


@BOTH_WAYS
def test_several_messages_share_a_connection(core: Core) -> None:
    with scripted() as (server, port):
        core(port)
        for _number in range(5):
            mailer.send(RAW, READER)
        assert (len(server.raw), server.sessions) == (5, 1)
        hang_up()


@BOTH_WAYS
def test_a_kept_connection_that_the_server_has_ended_is_opened_again(core: Core) -> None:
    with scripted() as (server, port):
        core(port)
        mailer.send(RAW, READER)
        transport().host.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
        mailer.send(RAW, READER)
        assert (len(server.raw), server.sessions) == (2, 2)
        hang_up()


@BOTH_WAYS
def test_nothing_is_sent_when_the_last_look_says_no(core: Core) -> None:
    with scripted() as (server, port):
        core(port)
        assert mailer.send(RAW, READER, ready=lambda: False) is None
        assert server.raw == []
        mailer.send(RAW, READER)
        assert (len(server.raw), server.sessions) == (1, 1)
        hang_up()


@BOTH_WAYS
@pytest.mark.parametrize(
    ("answer", "final"), [("550 no such mailbox", True), ("450 later", False), ("452 full", False), ("421 closing", False)]
)
@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_the_servers_answer_to_one_message_says_whether_to_try_again(core: Core, stage: str, answer: str, final: bool) -> None:
    with scripted() as (server, port):
        core(port)
        getattr(server, f"at_{stage}")[READER] = [answer]
        with pytest.raises(Refused) as refusal:
            mailer.send(RAW, READER)
        assert (refusal.value.final, str(refusal.value)) == (final, answer)
        mailer.send(RAW, READER)
        assert len(server.raw) == 1
        hang_up()


@contextmanager
def dialogue(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that says these things whatever it hears; its port, and the packets that it gets."""
    packets: list[bytes] = []

    def talk() -> None:
        line, _from = listening.accept()
        with line:
            for words in (b"220 here", b"250-here\r\n250 PIPELINING", *answers):
                line.sendall(words + b"\r\n")
                packets.append(line.recv(4096))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=talk)
        server.start()
        yield listening.getsockname()[1], packets
        server.join(10)


QUESTIONS = b"MAIL FROM:<partnership@icld.se>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"


def test_a_server_that_takes_several_commands_at_once_gets_them_in_one_packet(core: Core) -> None:
    with dialogue(b"250 a\r\n250 b\r\n354 go", b"250 taken") as (port, packets):
        core(port)
        assert mailer.send(RAW, READER) == "250 taken"
        hang_up()
    assert (packets[1], packets[2]) == (QUESTIONS, RAW.replace(b"\r\n.", b"\r\n..") + b".\r\n")


def test_leave_to_go_ahead_with_nobody_to_get_it_is_answered_with_nothing(core: Core) -> None:
    with dialogue(b"250 a\r\n550 no such mailbox\r\n354 go", b"554 nobody", b"250 begin anew") as (port, packets):
        core(port)
        with pytest.raises(Refused, match="550 no such mailbox"):
            mailer.send(RAW, READER)
        hang_up()
    assert packets[1:4] == [QUESTIONS, b".\r\n", b"rset\r\n"]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("stage", "answer", "maybe"), [("rcpt", "hang up", False), ("data", "hang up", True), ("data", "hang up after", True)]
)
def test_a_broken_connection_says_whether_the_message_may_have_arrived(core: Core, stage: str, answer: str, maybe: bool) -> None:
    with scripted() as (server, port):
        core(port)
        getattr(server, f"at_{stage}")[READER] = [answer]
        with pytest.raises(Lost) as loss:
            mailer.send(RAW, READER)
        assert loss.value.maybe_sent is maybe
        mailer.send(RAW, READER)
        hang_up()


@BOTH_WAYS
@pytest.mark.parametrize(("stage", "maybe"), [("rcpt", False), ("data", True)])
def test_silence_ends_after_the_time_out(core: Core, stage: str, maybe: bool) -> None:
    with scripted() as (server, port):
        core(port)
        getattr(server, f"at_{stage}")[READER] = ["silence"]
        started = time.monotonic()
        with pytest.raises(Lost, match="silent") as loss:
            mailer.send(RAW, READER)
        assert loss.value.maybe_sent is maybe
        assert 0.9 < time.monotonic() - started < 3


def test_a_server_that_accepts_and_says_nothing_is_unreachable(core: Core) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        core(silent.getsockname()[1])
        with pytest.raises(Unreachable, match="silent"):
            mailer.send(RAW, READER)


def test_no_server_at_all_is_unreachable(core: Core) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    core(port)
    with pytest.raises(Unreachable, match="refused"):
        mailer.send(RAW, READER)


def test_a_refused_log_in_is_unreachable_and_does_not_tell_the_password(core: Core) -> None:
    with scripted(auth_require_tls=False, authenticator=lambda *_facts: _no()) as (server, port):
        core(port, MAIL_USERNAME="robot", MAIL_PASSWORD="open sesame")
        with pytest.raises(Unreachable, match="login_refused: 535") as error:
            mailer.send(RAW, READER)
        assert "sesame" not in str(error.value)
        assert server.raw == []


@BOTH_WAYS
def test_a_sender_that_the_server_does_not_take_is_no_fault_of_the_message(core: Core) -> None:
    with scripted() as (server, port):
        server.handle_MAIL = _refuse_sender  # type: ignore[attr-defined]
        core(port)
        with pytest.raises(Unreachable, match="sender_refused: 550"):
            mailer.send(RAW, READER)


@pytest.mark.parametrize("address", ["c@d.example> SIZE=1 <x", "c@d.example e@f.example", "Ana <c@d.example>", "c@d.example\r\nDATA"])
def test_an_address_that_would_be_more_than_one_word_of_a_command_is_never_said(core: Core, address: str) -> None:
    with scripted() as (server, port):
        core(port)
        with pytest.raises(ValueError, match="command"):
            mailer.send(RAW, address)
        assert (server.raw, server.envelopes) == ([], [])


def test_a_sender_whose_domain_has_letters_of_its_own_is_told_in_idna(core: Core) -> None:
    with scripted() as (server, port):
        core(port, MAIL_DEFAULT_SENDER="ICLD <info@malmö.example>")
        mailer.send(RAW, READER)
        assert [sender for sender, _to in server.envelopes] == ["info@xn--malm-8qa.example"]


def _no() -> object:
    from aiosmtpd.smtp import AuthResult  # noqa: PLC0415  only here

    return AuthResult(success=False, handled=False)


async def _refuse_sender(*_facts: object) -> str:
    return "550 not yours"


# TLS -----------------------------------------------------------------------------------------------------------------


@contextmanager
def certificate(folder: Path) -> Iterator[tuple[ssl.SSLContext, Path]]:
    """A certificate for this machine that nobody trusts: the server's context, and the file to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = folder / "key.pem"
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    yield context, file


def test_an_untrusted_certificate_stops_everything(core: Core, tmp_path: Path) -> None:
    with certificate(tmp_path) as (context, _file), scripted(tls_context=context) as (server, port):
        core(port, MAIL_USE_TLS="true")
        with pytest.raises(Unreachable, match="certificate: "):
            mailer.send(RAW, READER)
        assert server.raw == []


@BOTH_WAYS
def test_a_trusted_certificate_lets_the_message_through(core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with certificate(tmp_path) as (context, file), scripted(tls_context=context, require_starttls=True) as (server, port):
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        core(port, MAIL_USE_TLS="true")
        mailer.send(RAW, READER)
        assert server.raw == [RAW]
        hang_up()


def test_it_never_falls_back_to_plain_text(core: Core) -> None:
    with scripted() as (server, port):
        core(port, MAIL_USE_TLS="true")
        with pytest.raises(Unreachable, match="STARTTLS"):
            mailer.send(RAW, READER)
        assert server.raw == []


# The local mailbox -----------------------------------------------------------------------------------------------------


def test_without_a_server_each_message_is_a_complete_file_named_by_time(core: Core, tmp_path: Path) -> None:
    core()
    for number in range(20):
        mailer.send(RAW + str(number).encode(), READER)
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.read_bytes() for file in files] == [RAW + str(number).encode() for number in range(20)]
    assert all(file.suffix == ".eml" for file in files)


def test_a_reader_of_the_mailbox_never_sees_half_a_message(core: Core, tmp_path: Path) -> None:
    core()
    seen: set[int] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.update(file.stat().st_size for file in (tmp_path / "mail").glob("*.eml"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _number in range(50):
        mailer.send(b"x" * 200_000, READER)
    done.set()
    watcher.join()
    assert seen <= {200_000}


def test_only_named_addresses_and_domains_are_allowed(core: Core) -> None:
    config = core(MAIL_ALLOWLIST="One@There.example, @here.example").config["CONFIG"]
    allowed = ["one@there.example", "ONE@there.example", "any@here.example", "any@HERE.example"]
    others = ["two@there.example", "any@nothere.example", "any@here.example.evil", "here.example"]
    assert [mailer.is_allowed(config, address) for address in allowed + others] == [True] * 4 + [False] * 4
