"""Mails to look at beforehand, made by the code that will send them: a reminder as one of its readers gets it, and what follows
from an act as somebody gets it who does not exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.models import Person
from app.crypto import encrypt
from app.errors import Missing
from app.languages import gettext as _
from app.languages import using
from app.mailer import Content
from app.outbox.service import Mail
from app.registrations import change_mails
from app.registrations import mails as answers
from app.registrations.coming import mails as coming
from app.registrations.letters import problem_of
from app.registrations.models import Registration
from app.registrations.waiting import mails as waiting
from app.registrations.waiting import terms
from app.reminders import mails
from app.reminders.holding.mails import lapses_soon
from app.reminders.mails import Besides
from app.reminders.rehearsing.lineup import Line, as_published
from app.workshops.models import Workshop

OWN_LINK = re.compile(r"(?<=/r/)[\w-]+")  # whoever has it is that person
LINK = b"sample"
SHIFT = timedelta(days=2)  # the sample of a move tells of one so far
OFFER = timedelta(hours=48)
HELD = timedelta(minutes=30)

Compose = Callable[[Registration, datetime], Mail]


@dataclass(frozen=True)
class Sample:
    """One mail to look at; `name`: the reader's, empty for somebody who does not exist."""

    lang: str
    subject: str
    text: str
    html: str
    name: str = ""
    problem: str = ""  # why it cannot be written


def reader(workshop: Workshop, lang: str, zone: str, state: str, now: datetime) -> Registration:
    """Somebody who does not exist, registered for this workshop: rows that are never added to the session."""
    with using(lang):
        name = _("Sample reader")
    person = Person(address="sample@reader.example", canonical_address="sample@reader.example", name=name, lang=lang, zone=zone)
    seat = state in {"confirmed", "offered", "unconfirmed"}
    mine = Registration(
        id=0,
        workshop_id=workshop.id,
        state=state,
        lang=lang,
        check_in_code="ABCD2345",
        manage_token=encrypt(LINK),
        holds_seat=seat,
        sequence=workshop.sequence,
        generation=0,
        lapses=0,
        priority=0,
        reason="",
        queued_at=now,
        confirmed_at=now if state == "confirmed" else None,
        changed_at=now,
        held_until=now + (OFFER if state == "offered" else HELD),
    )
    set_committed_value(mine, "workshop", workshop)  # so that it does not follow the workshop into the session
    set_committed_value(mine, "person", person)
    return mine


def of_reminder(workshop: Workshop, line: Line, lang: str, now: datetime) -> Sample:
    """As the first who gets it in this language, else as somebody who does not exist; at the hour at which it leaves. Nobody is named
    who is reminded of letters for a visa: that they have not asked is theirs to tell."""
    with as_published(workshop):
        groups = () if line.rule.whom.letterless else line.groups
        group = next((list(group) for group in groups if group[0].lang == lang), None)
        name = group[0].person.name if group else ""
        state = "waitlisted" if line.rule.audience == "waitlisted" else "confirmed"
        group = group or [reader(workshop, lang, line.wall, state, now)]
        try:
            besides = {one.id: Besides(absent=line.rule.absent, letter=line.rule.whom.letterless) for one in group}
            return _seen(mails.reminder(group, now=line.leaves_at, besides=besides), name)
        except SQLAlchemyError:
            raise
        except Exception as error:  # as when it is due: that one fails, and says why
            current_app.logger.exception("the reminder of registration %s could not be written", group[0].id)
            return Sample(lang, workshop.text.title, "", "", name, problem_of(error))


def of_act(workshop: Workshop, code: str, lang: str, now: datetime) -> Sample:
    """What follows from an act, to somebody on the clock of the place. Raises Missing for a code that is none."""
    if code not in ACTS:
        raise Missing
    act = ACTS[code]
    with as_published(workshop):
        return _seen(act.compose(reader(workshop, lang, workshop.zone, act.state, now), now))


def of_hold(workshop: Workshop, number: int, lang: str, now: datetime) -> Sample:
    """The reminder of held seats to a coordinator who does not exist. Raises Missing."""
    hold = next((hold for hold in workshop.holds if hold.id == number), None)
    if hold is None:
        raise Missing
    return _seen(lapses_soon(hold, workshop, reader(workshop, lang, workshop.zone, "confirmed", now).person))


def _seen(mail: Mail, name: str = "") -> Sample:
    content: Content = mail.content
    text, html = (OWN_LINK.sub("…", words) for words in (content.text, content.html))
    return Sample(mail.lang, content.subject, text, html, name)


def _moved(registration: Registration, now: datetime) -> Mail:
    days = [(day.on - SHIFT, day.starts, day.ends) for day in registration.workshop.days]
    registration.asked_at = now  # a new date asks everybody
    return change_mails.change(registration, days, now=now)


def _offered(registration: Registration, now: datetime) -> Mail:
    registration.held_until = terms.of(registration.workshop).deadline(now) or registration.held_until
    return waiting.offer(registration)


def _news(state: str) -> Compose:
    if state == "cancelled":
        return lambda registration, _now: change_mails.news(registration, "cancelled")
    if state == "postponed":
        return lambda registration, _now: change_mails.news(registration, "postponed")
    return lambda registration, _now: change_mails.news(registration, "restored", same_date=True)


@dataclass(frozen=True)
class Act:
    """What somebody does, the mail that follows, and how its reader stands then. `tells`: all who are registered or wait get it."""

    kind: str
    state: str
    compose: Compose
    tells: bool = False


ACTS = {
    "registered": Act("confirmation", "confirmed", lambda registration, _now: answers.answer(registration)),
    "requested": Act("request", "requested", lambda registration, _now: answers.answer(registration)),
    "hold": Act("hold", "unconfirmed", lambda registration, _now: answers.hold(registration)),
    "waiting": Act("waiting", "waitlisted", lambda registration, _now: answers.answer(registration)),
    "promoted": Act("promotion", "confirmed", lambda registration, _now: answers.answer(registration, promoted=True)),
    "offered": Act("offer", "offered", _offered),
    "left": Act("cancelled_seat", "cancelled", lambda registration, _now: answers.goodbye(registration, "confirmed")),
    "moved": Act("change", "confirmed", _moved, tells=True),
    "silent": Act("reconfirm", "confirmed", lambda registration, now: coming.chase(registration, now=now)),
    "postponed": Act("workshop_postponed", "confirmed", _news("postponed"), tells=True),
    "cancelled": Act("workshop_cancelled", "confirmed", _news("cancelled"), tells=True),
    "restored": Act("workshop_restored", "confirmed", _news("restored"), tells=True),
}


def acts_of(workshop: Workshop, *, over: bool) -> list[str]:
    """The acts that may still happen to this workshop, in the order in which they come about."""
    if over or workshop.state == "cancelled":
        return [] if over else ["restored"]
    if workshop.state == "postponed":
        return ["restored", "cancelled"]
    first = ["requested", "registered"] if workshop.approval else ["registered"]
    guests = ["hold"] if workshop.access == "open" else []
    up = "offered" if workshop.waitlist == "offer" else "promoted"
    return [*guests, *first, "waiting", up, "left", "moved", "silent", "postponed", "cancelled"]
