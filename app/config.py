"""Every setting once: name, type, default, meaning. Read from the environment, after `.env`, after what tests pass in."""

from __future__ import annotations

import os
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from functools import cached_property
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from tempfile import mkstemp
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")  # before the @: what SMTP carries without an extension
DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
MOST_PORTS = 65_535
LEAST_SECRET = 32  # characters
ALL = 100  # per cent


class ConfigError(RuntimeError):
    """The service cannot start like this; the message says which setting and what to do."""


def setting(default: str, meaning: str, *, least: int | None = None) -> Any:
    """One setting: its default as it would stand in the environment, and what it means. `least` is of whole numbers."""
    return field(default=default, metadata={"meaning": meaning, "least": least})


@dataclass(frozen=True)
class Settings:
    """The raw settings. The field name in capitals is the name in the environment."""

    app_env: str = setting("development", "`development` (secrets are made for you) or `production` (refuses to start without them)")
    instance: str = setting("", "folder of the SQLite file, generated secrets and the local mailbox; default `instance/`")
    database_url: str = setting("", "SQLite in `instance/` by default; `postgresql://user:password@host/name` for several machines")
    secret_key: str = setting("", "signs cookies and forms; at least 32 characters")
    secret_key_fallbacks: str = setting("", "older secret keys that are still accepted, separated by commas")
    data_key: str = setting(
        "", "encrypts second-factor secrets, manage links and needs; at least 32 characters; keep a copy apart from the backups"
    )
    base_url: str = setting("", "where people reach the service, such as `https://workshops.example.org`; all links are made from it")
    trusted_hosts: str = setting("", "host names answered, separated by commas; default: that of BASE_URL, in development this machine too")
    proxies: str = setting("0", "how many reverse proxies stand in front and add X-Forwarded-For", least=0)
    mail_server: str = setting("", "SMTP server; without one each mail becomes a file in `instance/mail/`")
    mail_port: str = setting("25", "port of the SMTP server", least=1)
    mail_use_tls: str = setting("false", "STARTTLS, with the certificate checked")
    mail_use_ssl: str = setting("false", "TLS from the first byte, with the certificate checked")
    mail_username: str = setting("", "log-in at the SMTP server")
    mail_password: str = setting("", "password at the SMTP server")
    mail_default_sender: str = setting("ICLD <partnership@icld.se>", "the From of every mail and the organizer of every invitation")
    mail_timeout: str = setting("20", "seconds that one SMTP command may take", least=1)
    mail_mode: str = setting("live", "`live`, `paused` (nothing leaves, not even codes) or `allowlist` (only to MAIL_ALLOWLIST)")
    mail_allowlist: str = setting("", "addresses or @domains that mail may go to in mode `allowlist`, separated by commas")
    mail_per_minute: str = setting("600", "the most mails a minute that the scheduler sends", least=1)
    bounce_limit: str = setting("3", "failures at one address within BOUNCE_DAYS after which it is marked", least=1)
    bounce_days: str = setting("30", "days in which failures at one address are counted", least=1)
    bounce_imap_server: str = setting("", "IMAP server of the mailbox that reports of non-delivery come to; without one none is read")
    bounce_imap_port: str = setting("993", "port of that server; TLS from the first byte, with the certificate checked", least=1)
    bounce_imap_user: str = setting("", "log-in at that server")
    bounce_imap_password: str = setting("", "password at that server")
    bounce_imap_folder: str = setting("INBOX", "folder that is read there; what is not a report stays as it is")
    bounce_secret: str = setting(
        "", "lets reports of non-delivery be posted to `/hooks/bounces`; at least 32 characters; without one there is no such address"
    )
    outbox_lease: str = setting("120", "seconds after which a mail taken by a dead process is taken over", least=1)
    tick_seconds: str = setting("2", "seconds between two looks of the scheduler into the outbox", least=1)
    plan_seconds: str = setting("60", "seconds between two plannings of reminders", least=1)
    silence_seconds: str = setting("300", "seconds without a heartbeat after which the scheduler counts as silent", least=1)
    hold_minutes: str = setting("30", "minutes that a guest's seat is held until the address is confirmed", least=1)
    offer_hours: str = setting(
        "48", "hours that somebody next in line has to accept an offered seat, where the workshop does not say", least=1
    )
    promotion_ends_hours: str = setting(
        "24", "hours before the start from which nobody moves up from the waiting list, where the workshop does not say", least=0
    )
    reconfirm_chase_days: str = setting(
        "4", "days after which somebody who has not said whether a new date suits is asked once more", least=1
    )
    hold_reminder_days: str = setting(
        "3", "days before seats held for an organisation lapse on which its coordinators are reminded of them", least=1
    )
    code_minutes: str = setting("10", "minutes that a sign-in code is good for", least=1)
    session_days: str = setting("30", "days after which a member must sign in again (staff: 12 hours)", least=1)
    session_idle_hours: str = setting("72", "hours without a click after which a member is signed out (staff: 30 minutes)", least=1)
    sign_ins_per_hour: str = setting("10", "codes or passwords that may be tried for one address in an hour", least=1)
    mails_per_hour: str = setting("3", "codes or links that are mailed to one address in an hour", least=1)
    tries_per_network: str = setting("60", "sign-ins and sign-ups from one network address in an hour", least=1)
    needs_days_kept: str = setting(
        "14", "days after a workshop's end after which what people need (food, access, interpretation, visa) is erased", least=1
    )
    attendance_threshold: str = setting("50", "per cent of the half-days that somebody must be there for to have attended", least=1)
    feedback_days: str = setting("30", "days after a workshop's end for which the questions about it can be answered", least=1)
    certificate_checks: str = setting(
        "30", "certificates that one network address may look up in a minute, counted in each process", least=1
    )
    backup_folder: str = setting(
        "", "folder, best on another disk, in which the scheduler keeps copies of the database; without one it makes none"
    )
    backup_key: str = setting("", "encrypts the copies; at least 32 characters; keep it apart from them and from this machine")
    backup_hourly: str = setting("48", "hourly copies that are kept", least=1)
    backup_nightly: str = setting("35", "nightly copies that are kept", least=1)
    lock_seconds: str = setting("6", "seconds that a writer waits for the database before it says busy", least=0)
    demo: str = setting("", "`1` shows /dev/mail and lets demo staff in without a second factor; never in production")


@dataclass(frozen=True)
class Config:
    """The settings, read and checked: what the rest of the program uses."""

    settings: Settings
    instance: Path
    database_url: str
    secret_key: str
    data_key: bytes
    base_url: str
    trusted_hosts: tuple[str, ...]
    production: bool
    demo: bool

    def number(self, name: str) -> int:
        """A setting that is a whole number."""
        return int(getattr(self.settings, name))

    def flag(self, name: str) -> bool:
        """A setting that is yes or no."""
        return _is_yes(str(getattr(self.settings, name)))

    def words(self, name: str) -> tuple[str, ...]:
        """A setting that is a list, separated by commas."""
        return tuple(part.strip() for part in getattr(self.settings, name).split(",") if part.strip())

    @cached_property
    def sender(self) -> tuple[str, str]:
        """Name and address of MAIL_DEFAULT_SENDER: From of every mail, ORGANIZER of every calendar entry."""
        name, address = parseaddr(self.settings.mail_default_sender)
        return name or address, address

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")


def read(overrides: Mapping[str, str] | None = None) -> Config:
    """Settings from `overrides` (tests), else the environment, else `.env`, else the default.

    Raises ConfigError when production lacks a secret or a value makes no sense.
    """
    layers: dict[str, str | None] = {**dotenv_values(ROOT / ".env"), **os.environ, **(overrides or {})}
    chosen = {f.name: value for f in fields(Settings) if (value := layers.get(f.name.upper())) is not None}
    return check(Settings(**chosen))


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a program that we start finds around it: what we found, and this."""
    return {**os.environ, **more}


def is_command() -> bool:
    """Whether this process runs a command of `flask`, and serves nobody by itself."""
    return "FLASK_RUN_FROM_CLI" in os.environ


def check(settings: Settings) -> Config:
    """A Config out of raw settings; makes the development secrets once, in the instance folder."""
    if settings.app_env not in {"development", "production"}:
        message = f"APP_ENV must be development or production, not {settings.app_env!r}"
        raise ConfigError(message)
    if settings.mail_mode not in {"live", "paused", "allowlist"}:
        message = f"MAIL_MODE must be live, paused or allowlist, not {settings.mail_mode!r}"
        raise ConfigError(message)
    _check_numbers(settings)
    _check_mail(settings)
    _check_bounces(settings)
    production = settings.app_env == "production"
    missing = [n for n in ("secret_key", "data_key", "base_url") if production and not getattr(settings, n)]
    if missing:
        message = f"APP_ENV=production needs {', '.join(name.upper() for name in missing)}"
        raise ConfigError(message)
    if production and settings.backup_folder and not settings.backup_key:
        message = "BACKUP_FOLDER needs BACKUP_KEY in production: copies leave the machine, and everybody's names stand in them"
        raise ConfigError(message)
    secret = ("secret_key", "data_key", "backup_key") if settings.backup_key else ("secret_key", "data_key")
    short = [n for n in secret if (production or n == "backup_key") and len(getattr(settings, n)) < LEAST_SECRET]
    if short:
        message = f"{short[0].upper()} must have at least {LEAST_SECRET} characters"
        raise ConfigError(message)
    instance = Path(settings.instance) if settings.instance else ROOT / "instance"
    instance.mkdir(parents=True, exist_ok=True)
    base_url, host = _base_url(settings.base_url or "http://127.0.0.1:5000")
    if production and not base_url.startswith("https://") and not _is_loopback(host):
        message = f"BASE_URL must begin with https:// in production, not {base_url!r}: without it cookies travel in clear"
        raise ConfigError(message)
    hosts = tuple(part.strip() for part in settings.trusted_hosts.split(",") if part.strip())
    database_url = settings.database_url or f"sqlite:///{instance / 'workshops.sqlite'}"
    return Config(
        settings=settings,
        instance=instance,
        database_url=database_url.replace("postgres://", "postgresql://", 1),
        secret_key=settings.secret_key or _made_once(instance / "secret_key"),
        data_key=_fernet_key(settings.data_key or _made_once(instance / "data_key")),
        base_url=base_url,
        trusted_hosts=hosts or ((host,) if production else (host, "127.0.0.1", "localhost")),
        production=production,
        demo=not production and _is_yes(settings.demo),
    )


def _check_numbers(settings: Settings) -> None:
    """Nonsense is refused at the start, not where it is used: no mail a minute would go round for ever."""
    numbers: dict[str, int] = {}
    for one in fields(settings):
        least = one.metadata["least"]
        text = getattr(settings, one.name)
        if least is None:
            continue
        try:
            numbers[one.name] = int(text)
        except ValueError:
            message = f"{one.name.upper()} must be a whole number, not {text!r}"
            raise ConfigError(message) from None
        if numbers[one.name] < least:
            message = f"{one.name.upper()} must be {least} or more, not {text}"
            raise ConfigError(message)
    if numbers["mail_port"] > MOST_PORTS:
        message = f"MAIL_PORT must be {MOST_PORTS} or less, not {numbers['mail_port']}"
        raise ConfigError(message)
    if numbers["bounce_imap_port"] > MOST_PORTS:
        message = f"BOUNCE_IMAP_PORT must be {MOST_PORTS} or less, not {numbers['bounce_imap_port']}"
        raise ConfigError(message)
    if numbers["attendance_threshold"] > ALL:
        message = f"ATTENDANCE_THRESHOLD must be {ALL} or less, not {numbers['attendance_threshold']}"
        raise ConfigError(message)
    if numbers["silence_seconds"] <= max(numbers["plan_seconds"], numbers["tick_seconds"]):
        message = "SILENCE_SECONDS must be more than PLAN_SECONDS and TICK_SECONDS: else a scheduler at work counts as silent"
        raise ConfigError(message)


def _check_mail(settings: Settings) -> None:
    """A slip in these would store every mail as failed, or have the server refuse them all."""
    local, _at, domain = parseaddr(settings.mail_default_sender)[1].rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    if not (LOCAL.fullmatch(local) and DOMAIN.fullmatch(domain)) or CONTROLS.search(settings.mail_default_sender):
        example = "ICLD <partnership@icld.se>"
        message = f"MAIL_DEFAULT_SENDER must be an address, such as {example}, not {settings.mail_default_sender!r}"
        raise ConfigError(message)
    if bool(settings.mail_username) != bool(settings.mail_password):
        message = "MAIL_USERNAME and MAIL_PASSWORD belong together: with one alone nobody would be logged in"
        raise ConfigError(message)


def _check_bounces(settings: Settings) -> None:
    """Half a log-in reads no mailbox, and a short secret can be guessed by whoever posts often enough."""
    parts = (settings.bounce_imap_server, settings.bounce_imap_user, settings.bounce_imap_password)
    if any(parts) and not all(parts):
        message = "BOUNCE_IMAP_SERVER, BOUNCE_IMAP_USER and BOUNCE_IMAP_PASSWORD belong together: with some of them no mailbox is read"
        raise ConfigError(message)
    if not settings.bounce_imap_folder.isascii() or CONTROLS.search(settings.bounce_imap_folder) or not settings.bounce_imap_folder:
        message = f"BOUNCE_IMAP_FOLDER must be a name in ASCII as the server writes it, not {settings.bounce_imap_folder!r}"
        raise ConfigError(message)
    if settings.bounce_secret and (len(settings.bounce_secret) < LEAST_SECRET or not settings.bounce_secret.isascii()):
        message = f"BOUNCE_SECRET must have at least {LEAST_SECRET} characters, all of them ASCII"
        raise ConfigError(message)


def _is_yes(text: str) -> bool:
    return text.strip().lower() in {"1", "true", "yes", "on"}


def _base_url(text: str) -> tuple[str, str]:
    """The address with its scheme and host in lower case and without a slash at the end, and the host. Raises ConfigError."""
    message = f"BASE_URL must be an http or https address such as https://workshops.example.org, not {text!r}"
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError(message) from None
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
        raise ConfigError(message)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path, "", "")), host


def _is_loopback(host: str) -> bool:
    """This machine itself: whoever tries production here needs no certificate."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _made_once(path: Path) -> str:
    """A development secret: made at the first start, read at every later one. Raises ConfigError for a file without one.

    It appears under its name complete: web and scheduler start at the same moment, and one must not read what the other
    has not written yet.
    """
    if not path.exists():
        descriptor, made = mkstemp(dir=path.parent, prefix=f"{path.name}.")  # its mode is 0600
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        appear = os.rename if os.name == "nt" else os.link  # of the two, the one that never writes over a file
        with suppress(FileExistsError):  # the other one was quicker
            appear(made, path)
        Path(made).unlink(missing_ok=True)
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < LEAST_SECRET:
        message = f"{path} holds no secret. Throw the file away, and a new one is made; what the old one encrypted is then lost."
        raise ConfigError(message)
    return secret


def _fernet_key(text: str) -> bytes:
    """Any sufficiently long secret as the 32 bytes that Fernet wants."""
    return urlsafe_b64encode(sha256(text.encode()).digest())
