"""The secret addresses of personal calendars: made, renewed, ended, and what each shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.audit.service import Actor, record
from app.crypto import hash_token, new_token
from app.database import db, transaction
from app.errors import Missing, Refused
from app.feeds.models import FeedToken
from app.feeds.personal import queries
from app.feeds.revisions import bump
from app.languages import gettext as _

MOST_DEVICES = 20


@dataclass(frozen=True)
class Options:
    """What one device shows: the language, how finely, and whether deadlines are there and ring."""

    lang: str
    level: str = "days"
    deadlines: bool = False


def make_token(person_id: int, device: str, shown: Options | str, *, by: Actor, now: datetime) -> str:
    """A secret address for one device; it is returned here and never again. `shown` may be the language alone. Raises Refused."""
    options = shown if isinstance(shown, Options) else Options(shown)
    with transaction():
        if len(queries.tokens(person_id)) >= MOST_DEVICES:
            raise Refused(problems={"device": _("You have many addresses already. Revoke one that you no longer use.")})
        token = new_token()
        row = FeedToken(person_id=person_id, token_hash=hash_token(token), device=device, created_at=now, last_agent="")
        _show(row, options)
        db.session.add(row)
        record("feed.made", f"person:{person_id}", by=by, now=now, name=by.name, device=device)
        return token


def renew(person_id: int, token_id: int, *, by: Actor, now: datetime) -> tuple[str, str]:
    """(a new secret for the same device, the device's name); the old address ends at once. Raises Missing for another person's."""
    with transaction():
        row = queries.get_token(person_id, token_id)
        token = new_token()
        row.token_hash, row.created_at, row.last_fetched_at, row.last_agent = hash_token(token), now, None, ""
        record("feed.renewed", f"person:{person_id}", by=by, now=now, name=by.name, device=row.device)
        return token, row.device


def choose(person_id: int, token_id: int, device: str, options: Options, *, by: Actor, now: datetime) -> None:
    """Other options for a device, whose address stays. Raises Missing for another person's.

    The calendar's revision moves: who asks by date alone (If-Modified-Since) would not see the difference.
    """
    with transaction():
        row = queries.get_token(person_id, token_id)
        before = (row.device, row.lang, row.level, row.deadlines)
        row.device = device
        _show(row, options)
        if before != (row.device, row.lang, row.level, row.deadlines):
            bump(f"person:{person_id}", now=now)
            record("feed.chosen", f"person:{person_id}", by=by, now=now, name=by.name, device=device)


def revoke(person_id: int, token_id: int, *, by: Actor, now: datetime) -> None:
    """Ends one address at once. Raises Missing for another person's."""
    with transaction():
        token = db.session.get(FeedToken, token_id)
        if token is None or token.person_id != person_id:
            raise Missing
        if token.revoked_at is None:
            token.revoked_at = now
            record("feed.revoked", f"person:{person_id}", by=by, now=now, name=by.name, device=token.device)


def _show(row: FeedToken, options: Options) -> None:
    row.lang, row.level, row.deadlines = options.lang, options.level, options.deadlines
