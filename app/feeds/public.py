"""What calendar programs poll: public calendars, and the file of one workshop. No session, no cookie on their way."""

from __future__ import annotations

from flask import Response
from sqlalchemy.exc import DBAPIError

from app.clock import now
from app.errors import Missing
from app.feeds import queries, service
from app.feeds.answers import ANYBODY, answer, asked, last_good
from app.feeds.faults import answers_faults
from app.feeds.polling import gate
from app.feeds.revisions import PUBLIC, revisions
from app.feeds.rules import etag
from app.feeds.shelf import made_with
from app.web import Door

door = Door(__name__, localised=False)
answers_faults(door)


@door.get("/feeds/<path:name>.ics")
def feed(name: str) -> Response:
    """A public calendar, from its kept bytes if nothing has changed. With the database gone, the last good copy."""
    lang, level = asked()
    try:
        numbers, changed_at = revisions(PUBLIC)
        if not queries.exists(name):
            raise Missing
        tag = etag(name, lang, level, numbers, changed_at, made_with())
        kept = service.public(name, lang, level, tag, changed_at, now=now())
    except DBAPIError:
        return last_good(service.public_key(name, lang, level))
    gate.remember(gate.Address(service.public_key(name, lang, level), name, lang, level))
    return answer(kept, ANYBODY)


@door.get("/workshops/<slug>.ics")
def workshop_file(slug: str) -> Response:
    """One workshop as a file: the same entries, byte for byte, as in the feeds."""
    lang, _level = asked()
    headers = (("Content-Disposition", f'attachment; filename="{slug}.ics"'),)
    try:
        numbers, changed_at = revisions(PUBLIC)
        scope = f"w{queries.number_of(slug)}"
        kept = service.one(slug, lang, etag(scope, lang, "days", numbers, changed_at, made_with()), changed_at, now=now())
        gate.remember(gate.Address(service.file_key(slug, lang), scope, lang, "days", headers))
    except DBAPIError:
        response = last_good(service.file_key(slug, lang))
    else:
        response = answer(kept, ANYBODY)
    if response.mimetype == "text/calendar":
        response.headers.extend(headers)
    return response
