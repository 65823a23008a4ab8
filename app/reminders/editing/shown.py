"""The page of rules in finished words: each rule and its next time, and what one rule does for each coming workshop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.languages import current, moment, ngettext
from app.languages import gettext as _
from app.organisations.models import Organisation
from app.reminders import planning
from app.reminders import queries as reads
from app.reminders.editing import queries, words
from app.reminders.editing.queries import Place
from app.reminders.models import ReminderRule
from app.reminders.rules import fits, known_zone
from app.reminders.shown import words_of
from app.workshops.models import Workshop

HOME = "Europe/Stockholm"  # on whose clock staff read a fixed moment of a network


@dataclass(frozen=True)
class Line:
    """A rule in the list. `state`: on, off, skipped (by this workshop), replaced (by what is ticked in its form), ticked there."""

    id: int
    words: str
    who: str
    clock: str
    state: str
    following: str
    is_of_offers: bool


@dataclass(frozen=True)
class Coming:
    """What a rule does for one workshop: a line for each clock, or why nothing goes."""

    workshop_id: int
    title: str
    title_lang: str | None
    lines: Sequence[tuple[str, str]]  # (when, and when at the place, or for how many)


def lines(place: Place, members: Mapping[int, Organisation], now: datetime) -> tuple[list[Line], list[Line]]:
    """(the place's own rules, its network's if the place is a workshop)."""
    own, coming = queries.own(place), queries.coming(place, now)
    mine = [_line(place, rule, "on" if rule.enabled else "off", members, coming, now) for rule in own if not reads.is_ticked(rule)]
    if place.workshop is None:
        return mine, []
    ticked = [_line(place, rule, "ticked", members, coming, now) for rule in own if reads.is_ticked(rule) and rule.enabled]
    skipped, theirs = reads.skipped([place.workshop.id]), []
    for rule in queries.of_network(place.network.id):
        if rule.enabled:
            off = (rule.id, place.workshop.id) in skipped
            state = "skipped" if off else "replaced" if reads.is_replaced(rule, own) else "on"
            theirs.append(_line(place, rule, state, members, coming, now))
    return [*ticked, *mine], theirs


def _line(
    place: Place, rule: ReminderRule, state: str, members: Mapping[int, Organisation], coming: Sequence[Workshop], now: datetime
) -> Line:
    who = words.audience(rule)
    if rule.organisation_id is not None:
        organisation = members.get(rule.organisation_id)
        who = _("%(who)s, %(part)s", who=who, part=organisation.name if organisation else _("an organisation that has left"))
    following = _next(rule, coming, now, alone=place.workshop is not None) if state in {"on", "ticked"} else ""
    return Line(rule.id, words_of(rule), who, _clock(rule, place), state, following, rule.anchor == "offer_lapses")


def _clock(rule: ReminderRule, place: Place) -> str:
    if rule.instant is not None:
        return moment(rule.instant, place.workshop.zone if place.workshop else HOME)
    return words.clock(rule, place) if rule.unit == "days" and rule.instant is None else ""


def _next(rule: ReminderRule, coming: Sequence[Workshop], now: datetime, *, alone: bool) -> str:
    """The nearest time at which it goes, on the clock of the place; for which workshop, unless that one is `alone`."""
    if rule.anchor == "offer_lapses":
        return _("With each offer of a seat")
    found = [
        (due.at, one)
        for one in coming
        if fits(rule.applies_to, one.format) and (due := planning.due_of(rule, one, one.zone)) and due.at > now
    ]
    if not found:
        return _("For no coming workshop any more")
    at, workshop = min(found, key=lambda pair: pair[0])
    when = moment(at, workshop.zone)
    return _("Next %(when)s", when=when) if alone else _("Next %(when)s: %(title)s", when=when, title=workshop.text.title)


def preview(place: Place, rule: ReminderRule, now: datetime, *, saved: bool) -> list[Coming]:
    """What a rule, saved or only typed, does for the nearest workshops, on the clocks of their people and of the place."""
    coming = queries.coming(place, now)
    if place.workshop is not None and not coming:
        coming = [place.workshop]
    numbers = [workshop.id for workshop in coming]
    people, skipped = queries.meant(rule.whom, numbers), reads.skipped(numbers)
    found = []
    for workshop in coming:
        text = workshop.text
        told = (
            [(_("Switched off for this workshop"), "")]
            if (rule.id, workshop.id) in skipped
            else _told(rule, workshop, people.get(workshop.id, {}), now, saved=saved)
        )
        found.append(Coming(workshop.id, text.title, text.lang if text.lang != current() else None, told))
    return found


def _told(rule: ReminderRule, workshop: Workshop, people: Mapping[str, int], now: datetime, *, saved: bool) -> list[tuple[str, str]]:
    if not rule.enabled:
        return [(_("Nothing goes: the rule is switched off"), "")]
    if not fits(rule.applies_to, workshop.format):
        return [(_("Nothing goes: it takes place otherwise"), "")]
    if rule.anchor == "offer_lapses":
        offers = workshop.waitlist == "offer"
        return [(_("With each offer of a seat") if offers else _("Nothing goes: free seats are given at once here"), "")]
    return [_on_clock(rule, workshop, zone, number, now, saved=saved) for zone, number in (sorted(people.items()) or [(workshop.zone, 0)])]


def _on_clock(rule: ReminderRule, workshop: Workshop, zone: str, number: int, now: datetime, *, saved: bool) -> tuple[str, str]:
    clock = known_zone(zone, workshop.zone)
    due = planning.due_of(rule, workshop, clock)
    if due is None:
        return _("Nothing goes: the workshop lacks the date that the rule counts from"), ""
    who = ngettext("for %(num)s person", "for %(num)s people", number)
    here = moment(due.at, clock)
    there = moment(due.at, workshop.zone)
    if there != here:
        who = f"{there} · {who}"
    if due.at > now:
        return here, who
    return (_("It was due on %(when)s", when=here) if saved else _("Not any more: it would have been due on %(when)s", when=here)), who
