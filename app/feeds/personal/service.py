"""The secret addresses of personal calendars."""

from __future__ import annotations

from datetime import datetime

from app.audit.service import Actor, record
from app.crypto import hash_token, new_token
from app.database import db, transaction
from app.errors import Missing, Refused
from app.feeds.models import FeedToken
from app.feeds.personal import queries
from app.languages import gettext as _

MOST_DEVICES = 20


def make_token(person_id: int, device: str, lang: str, *, by: Actor, now: datetime) -> str:
    """A secret address for one device; it is returned here and never again. Raises Refused."""
    with transaction():
        if len(queries.tokens(person_id)) >= MOST_DEVICES:
            raise Refused(problems={"device": _("You have many addresses already. Revoke one that you no longer use.")})
        token = new_token()
        db.session.add(
            FeedToken(person_id=person_id, token_hash=hash_token(token), device=device, lang=lang, created_at=now, last_agent="")
        )
        record("feed.made", f"person:{person_id}", by=by, now=now, name=by.name, device=device)
        return token


def revoke(person_id: int, token_id: int, *, by: Actor, now: datetime) -> None:
    """Ends one address at once. Raises Missing for another person's."""
    with transaction():
        token = db.session.get(FeedToken, token_id)
        if token is None or token.person_id != person_id:
            raise Missing
        if token.revoked_at is None:
            token.revoked_at = now
            record("feed.revoked", f"person:{person_id}", by=by, now=now, name=by.name, device=token.device)
