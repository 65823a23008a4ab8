"""How often something may be tried: counted in the database, so that all processes count together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from flask import current_app
from sqlalchemy import case, delete, select, update
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
    begins = _begins(now, minutes)
    with transaction() as session:
        row = _insert(key, begins, 1)
        raised = row.on_conflict_do_update(index_elements=["key", "hour"], set_={"count": Tries.count + 1})
        count = session.execute(raised.returning(Tries.count)).scalar_one()
    if count > limit:
        wait = _seconds(begins + timedelta(minutes=minutes) - now)
        raise TooMany(too_many_words(wait), retry_after=wait)


def _begins(now: datetime, minutes: int) -> datetime:
    """The beginning of the stretch that `now` lies in."""
    length = minutes * 60
    return datetime.fromtimestamp(now.timestamp() // length * length, UTC)


def _insert(key: str, begins: datetime, count: int) -> postgresql.Insert | sqlite.Insert:
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    row: postgresql.Insert | sqlite.Insert = dialect.insert(Tries).values(key=key, hour=begins, count=count)
    return row


def _seconds(wait: timedelta) -> int:
    return max(1, -(-wait // timedelta(seconds=1)))


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
    """Sign-ins and sign-ups from one network, until they succeed. Raises TooMany."""
    count_try(_network_key(ip), _setting("tries_per_network"), now)


def give_back(ip: str | None, tries: int, now: datetime) -> None:
    """Those tries led to somebody's own account: a town hall behind one address is not shut out by its own people."""
    fewer = case((Tries.count > tries, Tries.count - tries), else_=0)
    mine = update(Tries).where(Tries.key == _network_key(ip), Tries.hour == _begins(now, 60))
    with transaction() as session:
        session.execute(mine.values(count=fewer).execution_options(synchronize_session=False))


def for_mail(address: str, ip: str | None, now: datetime) -> None:
    """Codes and links to one address, whether anybody has it or not. Raises TooMany.

    Counted for the network that asks, so that a stranger elsewhere cannot use up somebody's mails; the ceiling for all
    networks together only keeps a mailbox from being flooded.
    """
    whose, asking = hash_token(rules.canonical(address)), _network_key(ip)
    most = _setting("mails_per_hour")
    try:
        count_try(f"mail:{whose}:{asking}", most, now)
        count_try(f"mail_day:{whose}:{asking}", max(rules.MAILS_PER_DAY, most), now, minutes=24 * 60)
        count_try(f"mail:{whose}", most * rules.ALL_NETWORKS, now)
    except TooMany as refusal:
        wait = -(-refusal.retry_after // 60)
        words = ngettext(
            "We have just sent several mails to this address. Use the newest one, or wait a minute.",
            "We have just sent several mails to this address. Use the newest one, or wait %(num)s minutes.",
            wait,
        )
        raise TooMany(words, retry_after=refusal.retry_after) from refusal


def for_naming(person_id: int, now: datetime) -> None:
    """Acts in which a coordinator names people: an answer may tell whose address belongs elsewhere. Raises TooMany."""
    count_try(f"naming:{person_id}", rules.NAMINGS_PER_HOUR, now)


def for_password(address: str, ip: str | None, now: datetime) -> None:
    """One more password for an address. Raises TooMany.

    After a few, each has to wait longer than the one before, in the network that mistypes. The ceiling for all networks
    together stops a guess from many places; a code by mail is counted apart, so nobody can lock somebody else out.
    """
    try:
        _count_slower(_password_key(address, ip), _setting("sign_ins_per_hour"), now)
        count_try(_password_key(address), _setting("sign_ins_per_hour") * rules.ALL_NETWORKS, now)
    except TooMany as refusal:
        words = _("Too many passwords were tried for this address. Ask for a code by mail instead.")
        raise TooMany(words, retry_after=refusal.retry_after) from refusal


def _count_slower(key: str, limit: int, now: datetime) -> None:
    """One more try of `key` in this hour, if its delay is over. Raises TooMany; what comes too early is not counted."""
    begins = _begins(now, 60)
    with transaction() as session:
        session.execute(_insert(key, begins, 0).on_conflict_do_nothing())
        wanted = select(Tries).where(Tries.key == key, Tries.hour == begins).with_for_update()
        row = session.scalars(wanted.execution_options(populate_existing=True)).one()
        if row.count >= limit:
            again = begins + timedelta(hours=1)
        else:
            again = (row.last_at or begins) + timedelta(seconds=rules.password_delay(row.count))
        if again <= now or row.count == 0:
            row.count, row.last_at = row.count + 1, now
            return
    raise TooMany(retry_after=_seconds(again - now))


def forget_passwords(address: str, ip: str | None) -> None:
    """The right password was given: what was mistyped before no longer counts."""
    keys = (_password_key(address, ip), _password_key(address))
    with transaction():
        db.session.execute(delete(Tries).where(Tries.key.in_(keys)))


def for_second_factor(person_id: int, now: datetime) -> None:
    """Codes of the second factor for one person. Raises TooMany."""
    count_try(f"second_factor:{person_id}", rules.SECOND_FACTOR_TRIES, now, minutes=rules.SECOND_FACTOR_MINUTES)


def _network_key(ip: str | None) -> str:
    return f"network:{hash_token(network_of(ip))}"


def _password_key(address: str, ip: str | None = "") -> str:
    """For one network; without `ip`, for all of them together."""
    whose = f"password:{hash_token(rules.canonical(address))}"
    return whose if ip == "" else f"{whose}:{_network_key(ip)}"


def _setting(name: str) -> int:
    return int(current_app.config["CONFIG"].number(name))
