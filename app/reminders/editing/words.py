"""Rules in words: when, for whom, and what is wrong with one that was typed."""

from __future__ import annotations

from app.languages import city
from app.languages import gettext as _
from app.reminders.editing.queries import Place
from app.reminders.editing.rules import LEAST_MINUTES, MOST, MOST_DAYS_AFTER, OF_ANCHOR
from app.reminders.models import ReminderRule
from app.reminders.shown import words_of


def rule(row: ReminderRule) -> str:
    """When, and for whom if not for all who have a seat: 'Reminder 7 days before, at 09:00: who is on the waiting list'."""
    group = audience(row)
    return _("%(rule)s: %(who)s", rule=words_of(row), who=group)


def audience(row: ReminderRule) -> str:
    """For whom, without the organisation."""
    code = "absent" if row.absent else OF_ANCHOR.get(row.anchor, row.audience)
    said = audiences()[code]
    if row.comes_as is not None:
        said = _("%(who)s, %(part)s", who=said, part=kinds()[row.comes_as])
    if row.applies_to != "all":
        said = _("%(who)s, %(part)s", who=said, part=forms()[row.applies_to])
    return said


def audiences() -> dict[str, str]:
    """Whom a rule is for, by state and attendance."""
    return {
        "confirmed": _("who has a seat"),
        "waitlisted": _("who is on the waiting list"),
        "offered": _("who is offered a seat"),
        "letterless": _("who has a seat, comes from another country and has not asked for a letter for a visa"),
        "attended": _("who was there"),
        "absent": _("who had a seat and was not there"),
    }


def kinds() -> dict[str, str]:
    """As what somebody comes."""
    return {"official": _("only officials"), "politician": _("only politicians")}


def forms() -> dict[str, str]:
    """Which workshops a rule is for."""
    return {"all": _("all workshops"), "on_site": _("workshops on site"), "online": _("workshops online")}


def anchors() -> dict[str, str]:
    """What a rule counts from."""
    return {
        "start": _("the start"),
        "end": _("the end"),
        "opens": _("the opening of registration"),
        "closes": _("the closing of registration"),
        "letters": _("the last moment for letters for a visa"),
        "offer_lapses": _("the end of an offered seat"),
        "instant": _("no anchor: a fixed moment"),
    }


def problem(code: str, unit: str = "") -> str:
    """What is wrong, and what would be right; `unit`: of a rule that is too short."""
    least = LEAST_MINUTES if unit == "minutes" else 1
    return {
        "gone": _("That moment has passed. Choose one that is still to come."),
        "too_late": _("That is more than %(days)s days after the end, when nothing is sent any more.", days=MOST_DAYS_AFTER),
        "after_all": _("At most %(days)s days after: later nothing is sent any more.", days=MOST_DAYS_AFTER),
        "most_days": _("Enter at most %(most)s days", most=MOST["days"]),
        "most_hours": _("Enter at most %(most)s hours, or count in days", most=MOST["hours"]),
        "most_minutes": _("Enter at most %(most)s minutes, or count in hours", most=MOST["minutes"]),
        "too_short": _("Enter at least %(least)s: so shortly before it helps nobody.", least=least),
        "before_lapse": _("Choose a time before: when an offer has ended, a mail of its own says so."),
        "before_letters": _("Choose a time before: after that moment no letter is written any more."),
        "nobody_yet": _("Choose a time after: before registration opens there is nobody to remind."),
        "hour_with_days": _("An hour goes with days only. Leave it empty, or count in days."),
        "at_night": _("Choose an hour between 06:00 and 21:00: nobody is written to at night."),
        "no_deadline": _("This workshop has no last day of registration. Set one in its form, or choose something else."),
        "no_letters": _("This workshop has no last day for letters for a visa. Set one in its form, or choose something else."),
        "no_opening": _("This workshop does not say when registration opens. Set it in its form, or choose something else."),
        "no_offers": _("This workshop offers no seats: the first in line gets a free one at once."),
        "longer_than_offer": _("An offer here does not stand that long, so the reminder would never go. Enter less."),
        "of_letters": _("Choose “who has a seat, comes from another country …”: nobody else needs to ask for a letter."),
        "letterless_alone": _(
            "Only the last moment for letters for a visa is for those who may need one. Choose others, or count from that."
        ),
        "of_offer": _("Choose “who is offered a seat”: nobody else has an offer that ends."),
        "offered_alone": _("Only the end of an offered seat is for those who are offered one. Choose others, or count from that."),
        "before_the_end": _("Nobody has attended, or stayed away, before the end. Choose others, or count from the end."),
        "nobody_waits": _("After the end nobody is on the waiting list any more. Choose others."),
        "other_format": _("This workshop takes place otherwise, so the rule would never hold. Choose “all workshops”."),
        "passed": _("For this workshop that moment has passed, so the reminder would never go."),
    }[code]


def twin(row: ReminderRule, place: Place) -> str:
    """That the same rule is there already, and where."""
    if place.workshop is not None and row.workshop_id is None:
        return _("The network has this rule already, and it holds for this workshop. Two would write twice.")
    if not row.enabled:
        return _("The same rule is there already, switched off. Switch that one on.")
    return _("The same rule is there already. Two would write twice.")


def clock(row: ReminderRule, place: Place) -> str:
    """Whose clock its hour is read on."""
    if row.zone_of == "person":
        return _("on each reader's own clock")
    return _("on the clock of %(city)s", city=city(place.workshop.zone)) if place.workshop else _("on the clock of the place")
