"""How often something may be tried: counted in the database, so that all processes count together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from flask import current_app
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts import rules
from app.accounts.models import Tries
from app.crypto import hash_token
from app.database import db, transaction
from app.errors import TooMany
from app.languages import gettext as _
from app.languages import ngettext


def count_try(key: str, limit: int, now: datetime, *, minutes: int = 60) -> None:
    """One more try of `key` in this stretch of `minutes`. Raises TooMany above `limit`, with the wait in seconds.

    Opens its own transaction: a try counts even when what was tried fails.
    """
    length = minutes * 60
    begins = datetime.fromtimestamp(now.timestamp() // length * length, UTC)
    with transaction() as session:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        row = dialect.insert(Tries).values(key=key[:200], hour=begins, count=1)
        raised = row.on_conflict_do_update(index_elements=["key", "hour"], set_={"count": Tries.count + 1})
        count = session.execute(raised.returning(Tries.count)).scalar_one()
    if count > limit:
        wait = max(1, int((begins + timedelta(minutes=minutes) - now).total_seconds()))
        raise TooMany(too_many_words(wait), retry_after=wait)


def too_many_words(seconds: int) -> str:
    """What is said, without a word on whether there is such an account."""
    wait = -(-seconds // 60)
    return ngettext("Too many tries. Wait a minute and try again.", "Too many tries. Wait %(num)s minutes and try again.", wait)


def network_of(ip: str | None) -> str:
    """The network that tries are counted for: an IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        address = ip_address(ip or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, 64), strict=False))
    return str(address)


def for_network(ip: str | None, now: datetime) -> None:
    """Sign-ins and sign-ups from one network. Raises TooMany."""
    count_try(f"network:{hash_token(network_of(ip))}", _setting("tries_per_network"), now)


def for_mail(address: str, now: datetime) -> None:
    """Codes and links to one address, whether anybody has it or not. Raises TooMany."""
    whose = hash_token(rules.canonical(address))
    try:
        count_try(f"mail:{whose}", _setting("mails_per_hour"), now)
        count_try(f"mail_day:{whose}", rules.MAILS_PER_DAY, now, minutes=24 * 60)
    except TooMany as refusal:
        wait = -(-refusal.retry_after // 60)
        words = ngettext(
            "We have just sent several mails to this address. Use the newest one, or wait a minute.",
            "We have just sent several mails to this address. Use the newest one, or wait %(num)s minutes.",
            wait,
        )
        raise TooMany(words, retry_after=refusal.retry_after) from refusal


def for_password(address: str, now: datetime) -> None:
    """Passwords for one address. A code by mail is counted apart, so nobody can lock somebody else out. Raises TooMany."""
    try:
        count_try(_password_key(address), _setting("sign_ins_per_hour"), now)
    except TooMany as refusal:
        words = _("Too many passwords were tried for this address. Ask for a code by mail instead.")
        raise TooMany(words, retry_after=refusal.retry_after) from refusal


def forget_passwords(address: str) -> None:
    """The right password was given: what was mistyped before no longer counts."""
    with transaction():
        db.session.execute(delete(Tries).where(Tries.key == _password_key(address)))


def for_second_factor(person_id: int, now: datetime) -> None:
    """Codes of the second factor for one person. Raises TooMany."""
    count_try(f"second_factor:{person_id}", rules.SECOND_FACTOR_TRIES, now, minutes=rules.SECOND_FACTOR_MINUTES)


def _password_key(address: str) -> str:
    return f"password:{hash_token(rules.canonical(address))}"


def _setting(name: str) -> int:
    return int(current_app.config["CONFIG"].number(name))
