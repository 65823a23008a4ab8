"""What a workshop's change means for those who have registered; in the same transaction as the change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from flask import Flask, url_for

from app import announcements
from app.accounts.models import Person
from app.audit.service import Actor
from app.audit.service import person as actor
from app.languages import country, current, ngettext
from app.languages import gettext as _
from app.outbox import service as outbox
from app.outbox.queries import Topic
from app.registrations import mails, queries, service
from app.registrations.models import Registration
from app.registrations.rules import next_sequence
from app.workshops import queries as workshops
from app.workshops.models import Workshop

PLACE = frozenset({"format", "venue", "street_address", "place", "country", "join_url"})
TOLD = ("confirmed", "waitlisted", "offered", "requested")


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "workshop_moved", moved)
    announcements.register(app, "workshop_changed", changed)
    announcements.register(app, "workshop_cancelled", cancelled)
    announcements.register(app, "workshop_postponed", postponed)
    announcements.register(app, "workshop_restored", restored)
    announcements.register(app, "capacity_raised", capacity_raised)
    announcements.register(app, "person_absorbed", person_absorbed)
    announcements.register(app, "who_comes", who_comes)
    announcements.register(app, "who_is_told", who_is_told)
    announcements.register(app, "topic_title", topic_title)


def moved(*, workshop: Workshop, before: Sequence[mails.Wall], now: datetime, **_facts: Any) -> None:
    """Everybody is told once, five minutes after the last of several edits: what it was before the first of them."""
    _tell_change(workshop, now, before=tuple(before))


def changed(*, workshop: Workshop, now: datetime, changed: frozenset[str] = frozenset(), **_facts: Any) -> None:
    """A new place is told as a new time is; other words that change are not worth a mail."""
    if workshop.state == "published" and changed & PLACE:
        _tell_change(workshop, now, new_place=True)


def _tell_change(workshop: Workshop, now: datetime, *, before: tuple[mails.Wall, ...] = (), new_place: bool = False) -> None:
    """One mail takes the place of those that still wait, and says what they said."""
    waiting = queries.waiting_changes(workshop.id)
    today = tuple((one.on, one.starts, one.ends) for one in workshop.days)
    for registration in queries.of_workshop(workshop.id, TOLD):
        subject = f"registration:{registration.id}"
        keys = waiting.get(subject, [])
        outbox.withdraw(subject, kinds=["change"], state="superseded")
        _raise_sequence(registration, now)
        place = new_place or any(key.startswith(("place:", "both:")) for key in keys)
        first = next((old for key in keys if (old := mails.unpack(key))), before)
        if first and first != today:
            outbox.queue(mails.change(registration, first, also_place=place, now=now), now=now)
        elif place or before == today:  # the same hours, on another place's clock
            outbox.queue(mails.new_place(registration, now=now), now=now)


def cancelled(*, workshop: Workshop, now: datetime, **_facts: Any) -> None:
    """Everybody is told at once; what was still to go about this workshop does not."""
    _tell(workshop, "cancelled", now)


def postponed(*, workshop: Workshop, now: datetime, **_facts: Any) -> None:
    """Everybody is told at once; the place is kept."""
    _tell(workshop, "postponed", now)


def restored(*, workshop: Workshop, now: datetime, by: Actor, **_facts: Any) -> None:
    """Everybody is told at once, and who waited moves up."""
    _tell(workshop, "restored", now)
    service.promote(workshop.id, by=by, now=now)


def capacity_raised(*, workshop: Workshop, now: datetime, by: Actor, **_facts: Any) -> None:
    """New seats go to those who wait, first come, first served."""
    service.promote(workshop.id, by=by, now=now)


def person_absorbed(*, guest: Person, person: Person, now: datetime, **_facts: Any) -> None:
    """A guest's address turns out to be a member's: the registrations follow, but for workshops where the member is already."""
    for registration in queries.of_person(guest.id):
        if queries.find(registration.workshop_id, person.id) is None:
            registration.person = person
        else:
            service.cancel(registration.id, by=actor(person), now=now)


def who_comes(*, workshop: Workshop, into: list[tuple[str, str, int]], **_facts: Any) -> None:
    """(country, organisation, how many) for the public page."""
    into.extend((country(o.country), o.name, number) for o, number in queries.who_comes(workshop.id))


def topic_title(*, topic: str, into: list[Topic], **_facts: Any) -> None:
    """What the mail log of a workshop is called, and who gets its mails. Raises Missing."""
    feature, _colon, number = topic.partition(":")
    if feature != "workshop" or not number.isdigit():
        return
    workshop = workshops.get(int(number))
    counts = queries.counts(workshop.id)
    confirmed, waiting = counts.get("confirmed", 0), counts.get("waitlisted", 0)
    people = [ngettext("%(num)s registered person", "%(num)s registered people", confirmed)]
    if waiting:
        people.append(ngettext("%(num)s on the waiting list", "%(num)s on the waiting list", waiting))
    title = workshop.text.title if workshop.texts else _("Without a title")
    lang = workshop.text.lang if workshop.texts and workshop.text.lang != current() else None
    links = [(url_for("workshops_staff.workshops"), _("Workshops")), (url_for("workshops_staff.edit", workshop_id=workshop.id), title)]
    into.append(Topic(title, lang, workshop.zone, ", ".join(people), links))


def who_is_told(*, workshop: Workshop, into: list[int], **_facts: Any) -> None:
    """How many people a change reaches by mail, for the staff's pages."""
    into.append(sum(number for state, number in queries.counts(workshop.id).items() if state in TOLD))


def _tell(workshop: Workshop, news: Literal["cancelled", "postponed", "restored"], now: datetime) -> None:
    for registration in queries.of_workshop(workshop.id, TOLD):
        outbox.withdraw(f"registration:{registration.id}", kinds=["change", "reminder", "confirmation", "promotion"], state="superseded")
        _raise_sequence(registration, now)
        outbox.queue(mails.news(registration, news), now=now)


def _raise_sequence(registration: Registration, now: datetime) -> None:
    registration.sequence = next_sequence(registration.sequence, registration.workshop.sequence)
    registration.changed_at = now
