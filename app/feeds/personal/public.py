"""The address that a calendar program of one person polls."""

from __future__ import annotations

from flask import Response
from sqlalchemy.exc import DBAPIError

from app.clock import now
from app.errors import Missing
from app.feeds.answers import answer_owner, unavailable
from app.feeds.faults import answers_faults
from app.feeds.personal import making, queries
from app.feeds.revisions import PUBLIC, revisions
from app.feeds.shelf import made_with
from app.web import Door

door = Door(__name__, localised=False)
answers_faults(door)


@door.get("/feeds/me/<token>.ics")
def feed(token: str) -> Response:
    """Somebody's own calendar. A wrong address and a revoked one look the same: 404."""
    try:
        owner = queries.token_owner(token)
        if owner is None:
            raise Missing
        numbers, changed_at = revisions(PUBLIC, f"person:{owner.person_id}")
        tag = making.tag(owner, numbers, changed_at, made_with())
        kept = making.personal(owner, tag, changed_at, now=now())
    except DBAPIError:
        return unavailable()
    return answer_owner(kept, owner.token_id)
