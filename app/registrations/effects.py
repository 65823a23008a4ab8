"""What a workshop's change means for those who have registered; in the same transaction as the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Flask, url_for
from sqlalchemy import or_, select, update

from app import announcements
from app.accounts.models import Affiliation, Person
from app.audit.service import Actor
from app.audit.service import person as actor
from app.database import db
from app.languages import country, current, ngettext
from app.languages import gettext as _
from app.needs.shown import Seat
from app.outbox.queries import Topic
from app.registrations import change_mails, holds, newcomers, news, queries, seats, service
from app.registrations.joining import service as joining
from app.registrations.models import ACTIVE, Registration
from app.registrations.rules import may_leave
from app.registrations.waiting import line
from app.workshops import queries as workshops
from app.workshops.above import Asked
from app.workshops.models import Workshop
from app.workshops.past.told import days_fact, read_days
from app.workshops.rules import stage
from app.workshops.showing.facts import Held, Mine

PLACE = frozenset({"format", "venue", "street_address", "place", "country", "join_url"})
LINE = frozenset({"closes", "promotion_ends_hours"})  # when free seats cease to go to those who wait


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "workshop_moved", moved)
    announcements.register(app, "workshop_changed", changed)
    announcements.register(app, "workshop_cancelled", cancelled)
    announcements.register(app, "workshop_postponed", postponed)
    announcements.register(app, "workshop_restored", restored)
    announcements.register(app, "capacity_raised", capacity_raised)
    announcements.register(app, "person_reads_otherwise", person_reads_otherwise)
    announcements.register(app, "people_meet", people_meet)
    announcements.register(app, "person_absorbed", person_absorbed)
    announcements.register(app, "person_closed", person_closed)
    announcements.register(app, "who_comes", who_comes)
    announcements.register(app, "place_confirmed", place_confirmed)
    announcements.register(app, "my_place", my_place)
    announcements.register(app, "my_seats", my_seats)
    announcements.register(app, "seated_without_hold", seated_without_hold)
    announcements.register(app, "holds_came_back", holds_came_back)
    announcements.register(app, "who_is_told", who_is_told)
    announcements.register(app, "who_reads", who_reads)
    announcements.register(app, "topic_title", topic_title)
    announcements.register(app, "seats_of", seats_of)


def moved(*, workshop: Workshop, before: Sequence[change_mails.Wall], now: datetime, by: Actor, over: bool = False, **_facts: Any) -> None:
    """Everybody is told once, five minutes after the last of several edits: what it was before the first of them.

    `over`: it was and is over, and nobody is told. A start that lies ahead once more passes on seats that were left free.
    """
    unsent = {} if over else news.take_back(workshop)
    seated = [] if over else line.fit(workshop, now, told=True)
    line.promote(workshop.id, by=by, now=now, also=seated)
    if not over:
        news.tell_change(workshop, unsent, now, before=tuple(before))


def changed(
    *, workshop: Workshop, now: datetime, by: Actor, changed: frozenset[str] = frozenset(), over: bool = False, **_facts: Any
) -> None:
    """A new place is told as a new time is; other words that change are not worth a mail.

    `over`: it was and is over, and nobody is told. A later end of registration passes on seats that were left free, and an
    earlier end of the line shortens its offers; while a workshop is postponed, their clock stands still.
    """
    running = workshop.state == "published" and not over
    tell = running and bool(changed & PLACE)
    unsent = news.take_back(workshop) if tell else {}
    other = line.fit(workshop, now, told=tell) if running and changed & LINE else []
    line.promote(workshop.id, by=by, now=now, also=other)
    if tell:
        news.tell_change(workshop, unsent, now, new_place=True)


def cancelled(*, workshop: Workshop, now: datetime, **_facts: Any) -> None:
    """Everybody is told at once; what was still to go about this workshop does not."""
    news.tell(workshop, "cancelled", now)


def postponed(*, workshop: Workshop, now: datetime, **_facts: Any) -> None:
    """Everybody is told at once; the place is kept."""
    news.tell(workshop, "postponed", now)


def restored(*, workshop: Workshop, now: datetime, by: Actor, stopped: Mapping[str, Any] | None = None, **_facts: Any) -> None:
    """Who waited moves up, and everybody else is told at once; and asked, unless it has the days with which it was `stopped`."""
    news.take_back(workshop)
    renewed = line.renew(workshop, by=by, now=now)
    moved_up = line.promote(workshop.id, by=by, now=now)
    same = stopped == days_fact(workshop.days, workshop.zone)
    before = tuple((day.on, day.starts, day.ends) for day in read_days(stopped))
    news.tell(workshop, "restored", now, but=[*renewed, *moved_up], same_date=same, before=before)


def capacity_raised(*, workshop: Workshop, now: datetime, by: Actor, **_facts: Any) -> None:
    """New seats go to those who wait, first come, first served."""
    line.promote(workshop.id, by=by, now=now)


def person_reads_otherwise(*, person: Person, **_facts: Any) -> None:
    """All further mails come in the language that the account has now, also about seats taken in another."""
    for registration in queries.of_person(person.id):
        registration.lang = person.lang


def people_meet(*, guest: Person, person: Person, **_facts: Any) -> None:
    """An address is about to be proved: the workshops at which either is registered are held before the two are changed."""
    joining.hold_still(guest, person)


def person_absorbed(*, guest: Person, person: Person, now: datetime, before: str = "", **_facts: Any) -> None:
    """A guest's address turns out to be a member's: the registrations follow, and of two for one workshop the better is left."""
    joining.join(guest, person, before=before or person.address, now=now)


def person_closed(*, person: Person, now: datetime, by: Actor, **_facts: Any) -> None:
    """Nobody comes with a closed account: its seats go to those who wait, in the order in which workshops are locked everywhere."""
    for registration in sorted(queries.of_person(person.id), key=lambda one: one.workshop_id):
        workshop = registration.workshop
        over = stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done"
        if may_leave(registration.state, over=over):
            service.cancel(registration.id, by=by, now=now)


def who_comes(*, workshop_id: int, into: list[tuple[str, str, int]], **_facts: Any) -> None:
    """(country, organisation, how many) for the public page."""
    into.extend((country(code), name, number) for code, name, number in queries.who_comes(workshop_id))


def my_place(*, workshop_id: int, person_id: int, into: list[Mine], **_facts: Any) -> None:
    """How the reader stands to a workshop, for its page: where the own registration is, if there is one."""
    found = queries.find(workshop_id, person_id)
    if found is not None and found.state in ACTIVE:
        known = {"confirmed": _("Registered"), "waitlisted": _("On the waiting list"), "requested": _("Request sent")}
        known["offered"] = _("A seat is offered to you")
        words = known.get(found.state, _("Not confirmed yet"))
        url = url_for("registrations_member.registration", registration_id=found.id)
        into.append(Mine(words, "check" if found.state == "confirmed" else "clock", url))


def my_seats(*, workshop_id: int, person_id: int, now: datetime, into: list[Held], **_facts: Any) -> None:
    """The seats that are held for the reader's organisation, if any is left."""
    hold = newcomers.hold_for(workshop_id, person_id, now)
    if hold is not None:
        into.append(Held(hold.organisation.name, hold.unused))


def seated_without_hold(*, workshop: Workshop, into: dict[int, int], **_facts: Any) -> None:
    """Whose seats were held once, by organisation."""
    for registration in holds.without(workshop):
        number = registration.organisation_id or 0
        into[number] = into.get(number, 0) + 1


def holds_came_back(*, workshop: Workshop, **_facts: Any) -> None:
    """Their seats belong to the held ones again, and go back to those."""
    holds.rejoin(workshop)


def place_confirmed(*, affiliation: Affiliation, now: datetime, **_facts: Any) -> None:
    """Seats that somebody took before their organisation had confirmed them are its seats now, whatever a guest had typed,
    unless the workshop is over or another organisation sends them there. Seats held for the organisation are for them from now on.

    The workshops are held first, in the order in which all hold them: whoever leaves one holds it before the registration."""
    coming = select(Workshop.id).where(Workshop.ends_at > now)
    there = select(Registration.workshop_id).where(Registration.person_id == affiliation.person_id, Registration.workshop_id.in_(coming))
    for workshop_id in seats.guard().in_order(db.session.scalars(there).all()):
        seats.lock(workshop_id)
    others = newcomers.organisations_of(affiliation.person_id, now.date())
    mine = update(Registration).where(Registration.person_id == affiliation.person_id, Registration.workshop_id.in_(coming))
    unproved = or_(Registration.organisation_id.is_(None), Registration.organisation_id.not_in(others)) & Registration.vouched.is_(False)
    db.session.execute(mine.where(unproved).values(organisation_id=affiliation.organisation_id, organisation_name=""))
    for workshop_id in queries.waiting_for_hold(affiliation.person_id, affiliation.organisation_id):
        line.promote(workshop_id, by=actor(affiliation.person), now=now)


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
    readers = sum(counts.get(state, 0) for state in news.TOLD) if workshop.state != "draft" else 0
    into.append(Topic(title, lang, workshop.zone, ", ".join(people), links, readers))


def who_is_told(*, workshop: Workshop, into: list[Asked], **_facts: Any) -> None:
    """How many people a change reaches by mail, and how many of them wait for a decision, for the staff's pages."""
    into.append(queries.how_many("told", workshop.id, news.TOLD))
    into.append(queries.how_many("asking", workshop.id, ("requested",)))


def who_reads(*, subjects: Sequence[str], into: dict[str, str], **_facts: Any) -> None:
    """How those whom mails are about stand to the workshop ("registration:12" -> "Registered"), those with a seat first."""
    numbers = [int(subject.partition(":")[2]) for subject in subjects if subject.startswith("registration:")]
    states = queries.states_of(numbers)
    names = {"confirmed": _("Registered"), "offered": _("Has an offer of a seat"), "waitlisted": _("On the waiting list")}
    names["requested"] = _("Request sent")
    for state in ("confirmed", "offered", "waitlisted", "requested", "unconfirmed"):
        words = names.get(state, _("Not confirmed yet"))
        into.update({f"registration:{number}": words for number in numbers if states.get(number) == state})


def seats_of(*, workshop_id: int, into: dict[int, Seat], **_facts: Any) -> None:
    """Who sits on a workshop's seats, by registration; only for staff."""
    for one in queries.seated(workshop_id):
        organisation = one.organisation.name if one.organisation else one.organisation_name
        home = one.organisation.country if one.organisation else None
        into[one.id] = Seat(one.person_id, one.person.name, one.person.address, organisation, home)
