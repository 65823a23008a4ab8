"""The mail to whoever belongs to a partnership about one of its dates: what, when, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app

from app.accounts.models import Person
from app.accounts.stopping import stop_path
from app.languages import current, span, using
from app.mailer import Content, link
from app.membership.partnership import entries
from app.membership.partnership.entries import Dated
from app.membership.partnership.shown import kind_name, title_in
from app.membership.told import pair_name
from app.outbox.service import Item, Mail
from app.reminders.partnership.queries import subject
from app.reminders.partnership.rules import Due
from app.reminders.rules import known_zone
from app.wording import render, say
from app.workshops.showing.adding import Way, in_short, on_the_web


@dataclass(frozen=True)
class Told:
    """A date in the reader's words."""

    title: str
    title_lang: str
    eyebrow: str
    when: str
    clocks: Sequence[str]
    words: str
    ways: Sequence[Way]
    short_ways: Sequence[Way]


def reminder(row: Dated, person: Person, due: Due, key: str) -> Mail:
    """One reminder to one person."""
    stop = stop_path(person.id, "partnerships")
    with using(person.lang):
        content = _content(row, person, due, link(stop))
    return Mail(
        kind="partnership",
        person_id=person.id,
        lang=person.lang,
        recipient=person.address,
        recipient_name=person.name,
        content=content,
        items=[Item(key, subject(row.id), f"partnership:{row.partnership_id}")],
        expires_at=due.useful_until,
        rank_at=row.starts_at,
        zone=known_zone(person.zone, "UTC"),
        unsubscribe=link(stop),
    )


def _content(row: Dated, person: Person, due: Due, stop_url: str) -> Content:
    lang, pair = current(), pair_name(row.right, row.left)
    title, title_lang = title_in(row.titles)
    when = span(row.starts_on, row.ends_on)
    entry = entries.entry(row, lang, "overview", current_app.config["CONFIG"])
    told = Told(
        title=title,
        title_lang="" if title_lang == lang else title_lang,
        eyebrow=f"{kind_name(row.kind)} · {pair}",
        when=when,
        clocks=entries.clocks(row),
        words=_words(row, due),
        ways=on_the_web(entry) if due.days > 0 else [],
        short_ways=in_short(entry) if due.days > 0 else [],
    )
    return render(
        "partnership",
        lang,
        headline=_headline(row, title, when, due),
        name=person.name,
        told=told,
        first=row.starts_on,
        last=row.ends_on,
        place=row.place,
        pair=pair,
        asks=due.days < 0,
        button_url=link(f"/{lang}/me/partnerships/{row.slug}/"),
        calendar_url=link(f"/{lang}/me/calendar/"),
        stop_url=stop_url,
        choose_url=link(f"/{lang}/me/mails/"),
    )


def _headline(row: Dated, title: str, when: str, due: Due) -> str:
    if due.days < 0:
        return say("partnership.subject_late", title=title, when=when)
    if row.kind == "report":
        return say("partnership.subject_report", title=title, when=when)
    return say("partnership.subject", title=title, when=when)


def _words(row: Dated, due: Due) -> str:
    if due.days < 0:
        return say("partnership.late")
    if row.kind == "report":
        return say("partnership.report")
    if row.kind == "milestone":
        return say("partnership.milestone")
    return say("partnership.visit") if row.kind == "visit" else say("partnership.meeting")
