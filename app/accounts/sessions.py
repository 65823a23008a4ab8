"""Who is this? The cookie holds a random token; the row it names, on the server, says whose session that is.

The time of the last click stands in the signed cookie, because reading a page writes nothing to the database.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from flask import current_app, g, request, session
from sqlalchemy import Row, Select, bindparam, select, update

from app.accounts import rules
from app.accounts.models import STAFF, Person, SignIn
from app.clock import now
from app.crypto import hash_token, new_token
from app.database import db, transaction
from app.web import UNWANTED, forget_session, get_me

STAMP_SECONDS = 60  # the cookie is renewed once a minute at most


class Known(NamedTuple):
    """Whoever is signed in, as far as every page must know: a row of columns, which takes a third of the time of an object."""

    id: int
    name: str
    address: str
    lang: str
    zone: str
    role: str | None

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF


def identify() -> tuple[Known | None, bool]:
    """The signed-in person and whether the second factor was given. Reads one row, and none without a cookie."""
    token = session.get("sid")
    row = _find_live(token, now()) if isinstance(token, str) else None
    g.sign_in_id = row.sign_in_id if row else None
    return (Known(*row[: len(Known._fields)]), row.second_factor_at is not None) if row else (None, False)


def _find_live(token: str, at: datetime) -> Row[*tuple[Any, ...]] | None:
    row = db.session.connection().execute(_signed_in(), {"token_hash": hash_token(token)}).one_or_none()
    if row is None or row.ended_at is not None or row.expires_at <= at or row.disabled_at is not None:
        return None
    config = current_app.config["CONFIG"]
    seen = datetime.fromtimestamp(int(session.get("seen", 0)), UTC)
    if at - seen > rules.idle_length(staff=row.role is not None, hours=config.number("session_idle_hours")):
        return None
    if at - seen > timedelta(seconds=STAMP_SECONDS):
        session["seen"] = int(at.timestamp())
    return row


@lru_cache(1)
def _signed_in() -> Select[*tuple[Any, ...]]:
    """Made once: it runs with every page of everybody who is signed in."""
    person, sign_in = Person.__table__, SignIn.__table__
    known = [person.c[name] for name in Known._fields]
    times = sign_in.c.ended_at, sign_in.c.expires_at, sign_in.c.second_factor_at, person.c.disabled_at
    wanted = select(*known, sign_in.c.id.label("sign_in_id"), *times).join_from(sign_in, person)
    return wanted.where(sign_in.c.token_hash == bindparam("token_hash"))


def me() -> Person:
    """The signed-in person's row, for pages that change it or show all of it; only where somebody is signed in."""
    return db.session.get_one(Person, get_me().id)


def start(person: Person, *, second_factor: bool, at: datetime) -> None:
    """A new session with a new token; what the cookie held before is thrown away (ASVS 7.2.4)."""
    token = new_token()
    days = current_app.config["CONFIG"].number("session_days")
    with transaction():
        person.last_sign_in_at = at
        person.confirmed_at = person.confirmed_at or at
        row = SignIn(
            token_hash=hash_token(token),
            person_id=person.id,
            created_at=at,
            seen_at=at,
            expires_at=at + rules.session_length(staff=person.role is not None, days=days),
            second_factor_at=at if second_factor else None,
            agent=UNWANTED.sub("", request.user_agent.string)[:200],
        )
        db.session.add(row)
    old = session.get("sid")
    forget_session()
    if isinstance(old, str):
        end(at, token=old)
    session["sid"], session["seen"] = token, int(at.timestamp())
    session.permanent = True


def end(at: datetime, *, token: str) -> None:
    """Ends the session of that token, wherever its cookie has been copied to."""
    with transaction():
        db.session.execute(update(SignIn).where(SignIn.token_hash == hash_token(token), SignIn.ended_at.is_(None)).values(ended_at=at))


def mine() -> SignIn:
    """The session of this request; only where somebody is signed in."""
    return db.session.get_one(SignIn, g.sign_in_id)


def is_fresh(at: datetime) -> bool:
    """Whether the sign-in is new enough for what a thief of an open browser must not do."""
    return at - mine().created_at <= timedelta(minutes=rules.FRESH_MINUTES)
