"""A finished message into one SMTP send, over one kept connection; without a server, into a file of the local mailbox."""

from __future__ import annotations

import os
import secrets
import smtplib
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

import flask_mail
from flask import current_app

from app.clock import now
from app.config import Config

KEY = "app.mailer"
AT_MOST = 100  # messages over one connection; many servers end it there themselves
IDLE = 5.0  # seconds after which a kept connection is asked whether it still lives
FAREWELL = 2.0  # seconds to say goodbye
OK, FORWARDED, GO_AHEAD, CLOSING = 250, 251, 354, 421  # RFC 5321 section 4.2.3
TEMPORARY = range(400, 500)
KEPT = "kept in "  # the answer of the local mailbox
# Why nothing could be sent, in codes that pages put into words; behind a colon stands what the other side said, in English.
SILENT, BROKEN, LOGIN, SENDER, CERTIFICATE, FULL = "silent", "no_connection", "login_refused", "sender_refused", "certificate", "mailbox"


class Unreachable(Exception):
    """No server that takes our mail: refused, silent, untrusted certificate, log-in or sender rejected. Not the message's fault."""


class Refused(Exception):
    """The server's answer to this one message; `final` when trying again is useless."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.final = code not in TEMPORARY


class Lost(Exception):
    """The connection broke or fell silent in the middle; `maybe_sent` when the server may have taken the message."""

    def __init__(self, words: str, *, maybe_sent: bool) -> None:
        super().__init__(words)
        self.maybe_sent = maybe_sent


def send(raw: bytes, recipient: str, *, ready: Callable[[], bool] = lambda: True) -> str | None:
    """Hands the message over and gives the server's answer. Raises Unreachable, Refused, Lost; ValueError for what is no address.

    `ready` is asked right before DATA: when it says no, nothing is sent and the answer is None.
    """
    return transport().send(raw, recipient, ready)


def is_kept(answer: str) -> bool:
    """Whether it was the local mailbox that gave this answer, not a server."""
    return answer.startswith(KEPT)


def hang_up() -> None:
    """Ends the kept connection, if there is one."""
    transport().hang_up()


def at_hand() -> bool:
    """Whether `ready` is the first thing that the next send asks: its connection stands, and all is said in one breath."""
    return transport().at_hand()


def transport() -> Transport:
    """The one transport of this app."""
    kept: Transport | None = current_app.extensions.get(KEY)
    return kept or cast(Transport, current_app.extensions.setdefault(KEY, Transport(current_app.config["CONFIG"])))


def is_allowed(config: Config, recipient: str) -> bool:
    """Whether MAIL_ALLOWLIST names this address or its domain."""
    address = recipient.lower()
    words = [word.lower() for word in config.words("mail_allowlist")]
    return address in words or any(word.startswith("@") and address.endswith(word) for word in words)


class Transport(flask_mail.Connection):
    """Flask-Mail's connection with a time-out, certificates that are checked, ready bytes, and a look right before DATA."""

    def __init__(self, config: Config) -> None:
        settings = config.settings
        state = flask_mail.Mail().init_mail(
            {
                "MAIL_SERVER": settings.mail_server,
                "MAIL_PORT": config.number("mail_port"),
                "MAIL_USE_TLS": config.flag("mail_use_tls"),
                "MAIL_USE_SSL": config.flag("mail_use_ssl"),
                "MAIL_USERNAME": settings.mail_username,
                "MAIL_PASSWORD": settings.mail_password,
                "MAIL_DEFAULT_SENDER": settings.mail_default_sender,
            }
        )
        super().__init__(state)  # type: ignore[arg-type]  # the state is what a Connection really takes
        self.sender = f"MAIL FROM:{smtplib.quoteaddr(_ascii(config.sender[1]))}"
        self.timeout = config.number("mail_timeout")
        self.mailbox = config.instance / "mail"
        self.process = os.getpid()
        self.used_at = 0.0
        self.turn = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def send(self, raw: bytes, recipient: str, ready: Callable[[], bool]) -> str | None:  # type: ignore[override]  # bytes, not a Message
        """See the function of this name."""
        if not self.mail.server:
            return self._keep(raw) if ready() else None
        with self.turn:
            try:
                reply = self._talk(raw, _ascii(recipient), ready)
            except Refused as error:
                if error.code == CLOSING:
                    self._drop()
                raise
            except BaseException:  # whatever it was, the dialogue is in the middle of something
                self._drop()
                raise
            self.used_at = time.monotonic()
            self.num_emails += 1
            return reply

    def hang_up(self) -> None:
        """Says goodbye, but does not wait long for an answer."""
        if self.host is not None and self.process == os.getpid():
            with suppress(smtplib.SMTPException, OSError):
                if self.host.sock is not None:
                    self.host.sock.settimeout(FAREWELL)
                self.host.quit()
        self._drop()

    def at_hand(self) -> bool:
        """See the function of this name."""
        if not self.mail.server:
            return True
        if self.host is None or self.process != os.getpid() or self.num_emails >= AT_MOST:
            return False
        return time.monotonic() - self.used_at <= IDLE and self.host.has_extn("pipelining")

    def configure_host(self) -> smtplib.SMTP:
        """A new connection: time-out, TLS against the machine's certificates, log-in. Never falls back to plain text."""
        mail = self.mail
        context = self._context = self._context or (ssl.create_default_context() if mail.use_tls or mail.use_ssl else None)
        host: smtplib.SMTP
        if mail.use_ssl:
            host = smtplib.SMTP_SSL(mail.server, mail.port, timeout=self.timeout, context=context)
        else:
            host = smtplib.SMTP(mail.server, mail.port, timeout=self.timeout)
        try:
            if mail.use_tls and not mail.use_ssl:
                host.starttls(context=context)
            host.ehlo_or_helo_if_needed()
            if mail.username and mail.password:
                host.login(mail.username, mail.password)
        except BaseException:
            host.close()
            raise
        return host

    def _open(self) -> smtplib.SMTP:
        """The kept connection if it still lives, else a new one. Raises Unreachable."""
        if self.process != os.getpid():  # a forked child must not speak on its parent's line
            self._drop()
            self.process = os.getpid()
        if self.host is not None and self.num_emails >= AT_MOST:
            self.hang_up()
        if self.host is not None and time.monotonic() - self.used_at > IDLE and not self._lives(self.host):
            self._drop()
        if self.host is None:
            try:
                self.host = self.configure_host()
            except (smtplib.SMTPException, OSError) as error:
                raise Unreachable(_words(error)) from error
            self.num_emails = 0
        return self.host

    def _lives(self, host: smtplib.SMTP) -> bool:
        with suppress(smtplib.SMTPException, OSError):
            return host.noop()[0] == OK
        return False

    def _talk(self, raw: bytes, recipient: str, ready: Callable[[], bool]) -> str | None:
        """The dialogue up to the server's leave to go ahead, then the message. A server that takes pipelining is told sender,
        recipient and DATA in one breath, one trip instead of three (RFC 2920 section 3.1); then the last look comes before that.
        """
        kept = self.host
        host = self._open()
        lines = [self.sender, f"RCPT TO:<{recipient}>", "DATA"]
        at_once = host.has_extn("pipelining")
        if at_once and not ready():
            return None
        if not self._begun(host, lines if at_once else lines[:1], fresh=host is not kept):
            self._drop()  # the server had ended a connection that we thought was kept
            return self._talk(raw, recipient, ready)
        try:
            self._named(host, [] if at_once else lines[1:2], unread=1 if at_once else 0)
            if not at_once and not ready():
                self._reset(host)
                return None
            code, words = _ask(host, [] if at_once else lines[2:])
            if code != GO_AHEAD:
                self._reset(host)
                raise Refused(code, _text(words))
        except (smtplib.SMTPException, OSError) as error:
            raise Lost(_words(error), maybe_sent=False) from error
        return self._hand_over(host, raw)

    def _begun(self, host: smtplib.SMTP, lines: Sequence[str], *, fresh: bool) -> bool:
        """Whether the server takes the sender; not if a kept connection has come to its end. Raises Unreachable, Refused."""
        try:
            code, words = _ask(host, lines)
        except (smtplib.SMTPException, OSError) as error:
            if fresh:
                raise Unreachable(_words(error)) from error
            return False
        if code in TEMPORARY and code != CLOSING:
            self._reset(host, unread=len(lines) - 1)
            raise Refused(code, _text(words))
        if code != OK and (fresh or code != CLOSING):
            reason = f"{SENDER}: {code} {_text(words)}"
            raise Unreachable(reason)
        return code == OK

    def _named(self, host: smtplib.SMTP, lines: Sequence[str], *, unread: int) -> None:
        """The server takes the recipient. Raises Refused."""
        code, words = _ask(host, lines)
        if code not in {OK, FORWARDED}:
            self._reset(host, unread=unread)
            raise Refused(code, _text(words))

    def _hand_over(self, host: smtplib.SMTP, raw: bytes) -> str:
        """The body and the one answer that counts."""
        lines = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
        body = lines[:1].replace(b".", b"..") + lines[1:].replace(b"\r\n.", b"\r\n..") + b".\r\n"
        try:
            host.send(body)
            code, words = host.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise Lost(_words(error), maybe_sent=True) from error
        if code != OK:
            raise Refused(code, _text(words))
        return f"{code} {_text(words)}"

    def _reset(self, host: smtplib.SMTP, *, unread: int = 0) -> None:
        """Begins anew, after the answers to what was asked in the same breath. Leave to go ahead with a message that nobody is to
        get is answered with none: the server refuses it for want of a recipient."""
        with suppress(smtplib.SMTPException, OSError):
            for _answer in range(unread):
                if host.getreply()[0] == GO_AHEAD:
                    host.send(b".\r\n")
                    host.getreply()
            host.rset()

    def _drop(self) -> None:
        if self.host is not None:
            self.host.close()
        self.host = None

    def _keep(self, raw: bytes) -> str:
        """A complete file, named by the instant, that appears all at once. Raises Unreachable."""
        name = f"{now():%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"
        unfinished = self.mailbox / f".{name}.unfinished"
        try:
            self.mailbox.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(raw)
            unfinished.rename(self.mailbox / f"{name}.eml")
        except OSError as error:  # a full disk, a folder that may not be written to
            reason = f"{FULL}: {_text(str(error))}"
            raise Unreachable(reason) from error
        return f"{KEPT}{Path('mail') / name}.eml"


def _ask(host: smtplib.SMTP, lines: Sequence[str]) -> tuple[int, bytes]:
    """Says commands, if any, in one packet; the next answer. Raises ValueError for a command that would be two."""
    if any("\r" in line or "\n" in line for line in lines):
        message = "a command with a line break in it"
        raise ValueError(message)
    if lines:
        host.send("".join(f"{line}\r\n" for line in lines))
    return host.getreply()


def _ascii(recipient: str) -> str:
    """An address as it stands in a command, its domain in IDNA. Raises ValueError for what would be more than one word there."""
    if " " in recipient or "<" in recipient or ">" in recipient:
        message = "an address that would be two words of a command"
        raise ValueError(message)
    local, _, domain = recipient.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.replace("\0", "").split())[:500]  # PostgreSQL keeps no zero octet


def _words(error: BaseException) -> str:
    """What happened, in a code and words that staff can pass on; never the password that was tried."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"{LOGIN}: {error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{CERTIFICATE}: {error.verify_message}"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return SILENT
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{BROKEN}: {_text(str(error) or type(error).__name__)}"
