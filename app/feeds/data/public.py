"""Calendars as JSON, siblings of those that programs subscribe to: found, kept and refreshed as those are."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, current_app
from sqlalchemy.exc import DBAPIError

from app.calendars import group
from app.clock import now
from app.errors import Missing
from app.feeds import queries, service
from app.feeds.answers import ANYBODY, answer, answer_owner, asked, last_good, unavailable
from app.feeds.faults import answers_faults
from app.feeds.personal import making
from app.feeds.personal.queries import token_owner
from app.feeds.revisions import PUBLIC, revisions
from app.feeds.rules import etag
from app.feeds.shelf import document, made_with
from app.web import Door
from app.workshops.rules import uid_host

door = Door(__name__, localised=False)
answers_faults(door)

JSCALENDAR = "application/jscalendar+json; type=group"
FORMAT = "-j1"  # follows the sibling's validator; rises when the same calendar would give other JSON


@door.get("/feeds/<path:name>.json")
def calendar(name: str) -> Response:
    """A public calendar. With the database gone, the last good copy."""
    lang, level = asked()
    key = f"data:{service.public_key(name, lang, level)}"
    try:
        numbers, changed_at = revisions(PUBLIC)
        if not queries.exists(name):
            raise Missing
        tag = etag(name, lang, level, numbers, changed_at, made_with())

        def made() -> bytes:
            sibling = service.public(name, lang, level, tag, changed_at, now=now())
            source = f"{current_app.config['CONFIG'].base_url}/feeds/{quote(name)}.json?lang={lang}&show={level}"
            return group(sibling.body, uid=_uid(name, level, lang), lang=lang, updated=changed_at, source=source)

        kept = document(key, tag + FORMAT, changed_at, made, now=now())
    except DBAPIError:
        return last_good(key, JSCALENDAR)
    return answer(kept, ANYBODY, JSCALENDAR)


@door.get("/feeds/me/<token>.json")
def own(token: str) -> Response:
    """Somebody's own calendar. A wrong address and a revoked one look the same: 404."""
    try:
        owner = token_owner(token)
        if owner is None:
            raise Missing
        numbers, changed_at = revisions(PUBLIC, f"person:{owner.person_id}")
        tag = making.tag(owner, numbers, changed_at, made_with())

        def made() -> bytes:
            sibling = making.personal(owner, tag, changed_at, now=now())
            uid = _uid(f"me{owner.person_id}", owner.level, owner.lang)
            return group(sibling.body, uid=uid, lang=owner.lang, updated=changed_at)

        kept = document(f"data:token:{owner.token_id}", tag + FORMAT, changed_at, made, now=now())
    except DBAPIError:
        return unavailable()
    return answer_owner(kept, owner.token_id, JSCALENDAR)


def _uid(*parts: str) -> str:
    """The name of a whole calendar, for ever: `all.days.sv@workshops.icld.se`."""
    return f"{'.'.join(parts).replace('/', '.')}@{uid_host(current_app.config['CONFIG'].base_url)}"
