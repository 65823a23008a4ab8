"""Pick a calendar, see what it will look like, and take it along. A plain form; the address says all that was picked."""

from __future__ import annotations

from flask import render_template, request, url_for

from app.clock import now
from app.feeds import service
from app.feeds.addresses import addresses
from app.feeds.subscribing import choosing, programs
from app.feeds.subscribing.coming import coming
from app.languages import LANGUAGES
from app.membership.line import partnerships
from app.organisations.queries import networks
from app.web import Door, reader_zone

door = Door(__name__)


@door.get("/subscribe")
def subscribe() -> str:
    """What can be picked, the calendar that is, its next entries and its address, and how it is done in each program."""
    found = networks()
    pairs = partnerships()
    picked = choosing.choice(request.args, found, pairs)
    title = service.title(picked.name, picked.lang)
    return render_template(
        "feeds/subscribe.html",
        picked=picked,
        calendars=choosing.calendars(found, pairs),
        tongues=LANGUAGES,
        levels=choosing.levels(),
        title=title,
        addresses=addresses(picked.path, title),
        news=url_for("news_public.news_feed", name=picked.name, lang=picked.lang),
        coming=coming(picked.name, picked.lang, picked.level, reader_zone(), now=now()),
        programs=programs.programs(),
        likely=programs.likely(request.user_agent.string),
    )
