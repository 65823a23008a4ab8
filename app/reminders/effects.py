"""What a workshop's or a registration's change means for reminders; in the same transaction as the change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from flask import Flask

from app import announcements, clock
from app.accounts.models import Person
from app.audit.service import Actor
from app.membership.models import Partnership, PartnershipEvent
from app.membership.partnership.rules import Stand
from app.membership.shown import Task
from app.outbox.queries import Planned, Topic
from app.registrations.late import Dues
from app.registrations.models import Registration
from app.registrations.waiting.leads import Leads
from app.reminders import moves, offers, planning, queries, rewriting, service, shown, usual
from app.reminders.editing import service as editing
from app.reminders.partnership import service as partnerships
from app.reminders.partnership import shown as dates
from app.reminders.partnership.news import service as date_news
from app.reminders.rules import DEADLINES, code_of
from app.workshops.above import Asked
from app.workshops.acts.outcome import OnClock
from app.workshops.models import Workshop


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "workshop_published", published)
    announcements.register(app, "workshop_moved", moved)
    announcements.register(app, "workshop_changed", changed)
    announcements.register(app, "workshop_postponed", stopped)
    announcements.register(app, "workshop_cancelled", stopped)
    announcements.register(app, "workshop_restored", restored)
    announcements.register(app, "registration_changed", registration_changed)
    announcements.register(app, "needs_changed", needs_changed)
    announcements.register(app, "person_reads_otherwise", person_reads_otherwise)
    announcements.register(app, "person_absorbed", person_absorbed)
    announcements.register(app, "workshop_reminders_chosen", chosen)
    announcements.register(app, "workshop_copied", workshop_copied)
    announcements.register(app, "reminders_of", reminders_of)
    announcements.register(app, "reminder_dues", reminder_dues)
    announcements.register(app, "network_founded", usual.founded)
    announcements.register(app, "network_reminds", network_reminds)
    announcements.register(app, "offer_reminders", offer_reminders)
    announcements.register(app, "planned_mails", planned_mails)
    announcements.register(app, "reminders_on_clock", reminders_on_clock)
    announcements.register(app, "staff_tasks", staff_tasks)
    announcements.register(app, "partnership_date_changed", partnership_date_changed)
    announcements.register(app, "partnership_date_news", partnership_date_news)
    announcements.register(app, "partnership_changed", partnership_changed)
    announcements.register(app, "partnership_part_changed", partnership_left)
    announcements.register(app, "place_ended", partnership_left)
    announcements.register(app, "topic_title", topic_title)


def published(*, workshop: Workshop, now: datetime, **_facts: Any) -> None:
    """Its reminders stand on the clock at once."""
    service.plan_workshop(workshop.id, now)


def moved(*, workshop: Workshop, started_at: datetime | None, now: datetime, **_facts: Any) -> None:
    """New dues; what already went goes again if the start moved far."""
    moves.replan(workshop, started_at, now)


def changed(*, workshop: Workshop, now: datetime, changed: Collection[str] = (), moved: bool = False, **_facts: Any) -> None:
    """New words in what has not left yet; the format may let other rules in. `moved`: that was announced before, and all is done.

    A deadline that comes nearer may be one of which is to be reminded at once.
    """
    if workshop.state == "published" and not moved and DEADLINES & set(changed):
        moves.replan(workshop, workshop.starts_at, now)
    elif workshop.state == "published" and not moved:
        service.plan_workshop(workshop.id, now)
        moves.renew(workshop, now)


def stopped(*, workshop: Workshop, now: datetime, **_facts: Any) -> None:
    """Postponed or cancelled: nothing more leaves."""
    moves.cancel(workshop, now)


def restored(*, workshop: Workshop, now: datetime, **_facts: Any) -> None:
    """Its reminders stand on the clock again."""
    moves.replan(workshop, None, now)


def registration_changed(*, registration: Registration, now: datetime, **_facts: Any) -> None:
    """Whoever leaves gets no reminder; who has never come before has none. A newcomer's zone is planned at the next pass,
    within a minute."""
    if registration.state in {"confirmed", "waitlisted"} or registration.generation == 0:
        return
    moves.leave(registration, now)


def needs_changed(*, registration: Registration, now: datetime, **_facts: Any) -> None:
    """Who has asked for a letter for a visa is not reminded to, though the mail may be written already."""
    rewriting.drop_letters(registration, now)


def person_reads_otherwise(*, person: Person, now: datetime, **_facts: Any) -> None:
    """What has not left yet is written anew, in the new language and on the new clock; what is to come stands on that clock."""
    moves.renew_for(person, now)
    for registration in queries.of_person(person.id, now):
        service.plan_workshop(registration.workshop_id, now)
    date_news.renew(person.id, now=now)


def person_absorbed(*, guest: Person, person: Person, **_facts: Any) -> None:
    """Who has stopped a kind of mail under one address gets none under the other."""
    person.reminders_off = person.reminders_off or guest.reminders_off
    person.bulletins_off = person.bulletins_off or guest.bulletins_off
    person.partnerships_off = person.partnerships_off or guest.partnerships_off
    person.commitment_off = person.commitment_off or guest.commitment_off


def chosen(*, workshop: Workshop, chosen: Sequence[str], now: datetime, by: Actor, **_facts: Any) -> None:
    """Staff have ticked reminders in the workshop's form."""
    service.choose(workshop.id, chosen, by=by, now=now)


def workshop_copied(*, source: Workshop, workshop: Workshop, parts: frozenset[str], now: datetime, **_facts: Any) -> None:
    """The rules beside those that are ticked in the form, which the form's values bring."""
    if "reminders" in parts:
        editing.bring_along(source, workshop, now)


def reminders_of(*, workshop: Workshop | None, into: list[str], **_facts: Any) -> None:
    """The codes of the reminders that a workshop has of its own, for its form."""
    if workshop is not None and workshop.id is not None:
        rules = queries.own_rules(workshop.id)
        into.extend(code_of(rule.offset, rule.unit, rule.at_local) for rule in rules if rule.enabled and queries.is_ticked(rule))


def reminder_dues(*, workshop: Workshop, into: list[Dues], **_facts: Any) -> None:
    """When its reminders leave, for the confirmations of those who come after that."""
    into.append(planning.dues(workshop, queries.rules_of([workshop])[workshop.id]))


def network_reminds(*, network_id: int, into: list[Asked], **_facts: Any) -> None:
    """Whom the network's usual reminders are for, so that its workshops' list can say that none goes out."""
    into.append(queries.reminded_by(network_id))


def offer_reminders(*, workshop: Workshop, into: Leads, **_facts: Any) -> None:
    """When an offered seat of this workshop is reminded of."""
    offers.remind(workshop, into)


def planned_mails(*, topic: str, into: list[Planned], **_facts: Any) -> None:
    """The reminders still to come, for the mail log of a workshop or of a person, and for a partnership's page."""
    kind, _colon, number = topic.partition(":")
    if kind == "workshop" and number.isdigit():
        into.extend(shown.planned(int(number)))
    if kind == "person" and number.isdigit():
        into.extend(shown.planned_for(int(number)))
    if kind == "partnership" and number.isdigit():
        into.extend(dates.planned(int(number), clock.now()))


def reminders_on_clock(*, workshop: Workshop, into: list[OnClock], **_facts: Any) -> None:
    """Each reminder of a workshop as it stands, to see what a change does to it."""
    into.extend(shown.on_clock(workshop.id))


def staff_tasks(*, into: list[Task], now: datetime, **_facts: Any) -> None:
    """Reminders held or missed, for the staff's overview."""
    into.extend(shown.tasks(now))


def partnership_date_changed(*, event: PartnershipEvent, **_facts: Any) -> None:
    """What waits about it is written anew, or taken back."""
    partnerships.renew(event)


def partnership_date_news(*, event: PartnershipEvent, before: Stand | None, now: datetime, **_facts: Any) -> None:
    """Its people are told that it is new, moved or called off."""
    date_news.tell(event, before, now=now)


def partnership_changed(*, partnership: Partnership, now: datetime, **_facts: Any) -> None:
    """Of one that is over nothing more is told."""
    date_news.ended(partnership, now=now)


def partnership_left(*, person_id: int, now: datetime, **_facts: Any) -> None:
    """Somebody may belong to a partnership no more."""
    date_news.renew(person_id, now=now)  # first, for it holds them: people before mails, as everywhere
    partnerships.let_go(person_id, now=now)


def topic_title(*, topic: str, into: list[Topic], **_facts: Any) -> None:
    """What a mail about a partnership is about. Raises Missing."""
    kind, _colon, number = topic.partition(":")
    if kind == "partnership" and number.isdigit():
        into.append(dates.topic(int(number)))
