"""Reads the mailbox that reports of non-delivery come to, over IMAP (RFC 9051), a little further each time."""

from __future__ import annotations

import imaplib
import logging
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.exc import InterfaceError, OperationalError

from app.config import Config
from app.database import db, end_reading, transaction
from app.errors import Busy
from app.outbox.bounces import service
from app.outbox.bounces.reading import MOST_BYTES
from app.outbox.bounces.rules import tidy
from app.outbox.models import Switch
from app.outbox.queries import switched

logger = logging.getLogger(__name__)
POSITION, TROUBLE = "bounces", "bounces_trouble"  # switches: how far we have read; why we could not
AT_ONCE = 200  # mails in one run
BROKEN = "broken"


def collect(*, now: datetime, stop: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Reads what has come since the last time; how many of each sort (service.COUNTED, …, BROKEN). Nothing without a setting.

    How far we are is written with the row: a death in between repeats nothing, and what cannot be read is passed by for good.
    """
    config: Config = current_app.config["CONFIG"]
    if not config.settings.bounce_imap_server:
        return Counter()
    seen: Counter[str] = Counter()
    try:
        with _opened(config) as box:
            _read_on(box, config.settings.bounce_imap_folder, seen, now, stop)
    except (imaplib.IMAP4.error, OSError) as error:  # the certificate's too
        words = tidy(str(error) or type(error).__name__)[:200]
        logger.warning("reports of non-delivery cannot be read: %s", words)
        _throw(TROUBLE, words, now)
    else:
        _throw(TROUBLE, "", now)
    return seen


@contextmanager
def _opened(config: Config) -> Iterator[imaplib.IMAP4]:
    """The mailbox, over TLS against the machine's certificates; never in clear."""
    settings = config.settings
    box = imaplib.IMAP4_SSL(
        settings.bounce_imap_server,
        config.number("bounce_imap_port"),
        ssl_context=ssl.create_default_context(),
        timeout=config.number("mail_timeout"),
    )
    try:
        box.login(settings.bounce_imap_user, settings.bounce_imap_password)
        yield box
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            box.logout()
        with suppress(OSError):
            box.shutdown()  # after a line that broke, goodbye leaves it open


def _read_on(box: imaplib.IMAP4, folder: str, seen: Counter[str], now: datetime, stop: Callable[[], bool]) -> None:
    """Numbers only rise, as long as the folder is the same one (RFC 9051 section 2.3.1.1)."""
    quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
    _ask(box.select(f'"{quoted}"'))
    same = b"".join(box.response("UIDVALIDITY")[1][:1] or [b"0"]).decode("ascii", "replace")
    before, _colon, number = switched(POSITION).rpartition(" ")
    end_reading()  # what follows waits for the network
    last = int(number) if before == same and number.isdecimal() else 0
    numbers = [int(word) for line in _ask(box.uid("SEARCH", f"UID {last + 1}:*")) for word in (line or b"").split()]
    for uid in sorted(number for number in numbers if number > last)[:AT_ONCE]:  # "9:*" names the last one though it be the eighth
        if stop():
            return
        pieces = _ask(box.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
        raw = next((piece[1] for piece in pieces if isinstance(piece, tuple)), b"")
        sort = _take(raw, f"{same} {uid}", now)
        seen[sort] += 1
        if sort in {service.COUNTED, service.KNOWN}:  # what people write there stays unread for people
            _ask(box.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)"))


def _ask(answer: tuple[str, list[Any]]) -> list[Any]:
    """What the server gave. Raises IMAP4.error for a no."""
    said, given = answer
    if said != "OK":
        raise imaplib.IMAP4.error(str(given))
    return given


def _take(raw: bytes, position: str, now: datetime) -> str:
    """One mail, and that we have had it, in one transaction."""
    try:
        with transaction():
            sort = service.take(raw, now=now)
            _throw(POSITION, position, now)
            return sort
    except (Busy, OperationalError, InterfaceError):  # the database's trouble is not this mail's
        raise
    except Exception:  # whatever it is, it must not be met again and again
        logger.warning("a mail in the mailbox of non-delivery cannot be read, and is left there (%s)", position, exc_info=True)
        _throw(POSITION, position, now)
        return BROKEN


def _throw(name: str, value: str, now: datetime) -> None:
    """Sets one of our switches, if it stands otherwise."""
    if switched(name) == value:
        return
    with transaction() as session:
        switch = session.get(Switch, name) or Switch(name=name)
        switch.value, switch.at = value, now
        session.add(switch)
        db.session.flush()
