"""What pages say of a registration: when and where, whether one can leave, and what leaving means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.announcements import announce
from app.languages import gettext as _
from app.languages import moment
from app.needs import queries as needs
from app.needs.shown import Letters, find_letters
from app.needs.shown import kind_names as need_names
from app.questions import queries as questions
from app.questions.shown import lines as answered
from app.registrations import answers, change_mails, letters, queries
from app.registrations.elsewhere import elsewhere
from app.registrations.models import Registration
from app.registrations.rules import may_answer, may_leave
from app.registrations.service import Arrival
from app.registrations.waiting import terms
from app.workshops.rules import registration_state, stage
from app.workshops.showing import entries
from app.workshops.showing.adding import Way, ways


def facts(registration: Registration, now: datetime) -> dict[str, object]:
    """What the pages of one registration show, as the templates call it."""
    workshop = registration.workshop
    still = answering_is_open(registration, now)
    needed = needs.kinds(whose := answers.whose(registration))
    return {
        "registration": registration,
        "workshop": workshop,
        "clock_rows": letters.clocks(workshop.days, workshop.zone, workshop.place, registration.person.zone),
        "where": entries.where(workshop),
        "position": queries.place_in_line(registration) if registration.state == "waitlisted" else 0,
        "line": _line(registration, now),
        "asked": workshop.state == "published" and change_mails.is_asked(registration) and now < (workshop.starts_at or now),
        "may_leave": leaving_is_open(registration, now),
        "leaving": _leaving(registration),
        "may_pass": passing_is_open(registration, now),
        "answers": answered(questions.answers([registration.id]).get(registration.id, ())),
        "may_answer": still and questions.count(workshop.id) > 0,
        "awaited": still and bool(questions.awaited(workshop.id, [registration.id])),
        "needed": needed,
        "needs_gone": still and not needed and bool(needs.consents(whose)),
        "may_need": still,
        # Whoever has only asked for a seat has read it when asking.
        "busy": elsewhere(registration.person_id, workshop) if still and registration.state != "requested" else [],
        "letters": letters_for(registration, now) if still and "visa" not in needed else None,
        "need_names": need_names(),
        "has_certificate": _has_certificate(registration, now),
        "feedback": _feedback(registration, now),
        "calendar": _calendar(registration, now),
    }


def letters_for(registration: Registration, now: datetime) -> Letters | None:
    """Until when the person can ask for a letter for a visa, if they may need one."""
    home = registration.organisation.country if registration.organisation else None
    return find_letters(registration.workshop, registration.person.zone, now, home)


def _calendar(registration: Registration, now: datetime) -> list[Way]:
    """The ways into one's own calendar, for whoever comes or may still come."""
    if registration.state in {"cancelled", "declined"}:
        return []
    return ways(registration.workshop, registration_state(registration.workshop, now))


def _has_certificate(registration: Registration, now: datetime) -> bool:
    """Asked of those above, and only once there can be one."""
    ends_at, found = registration.workshop.ends_at, list[bool]()
    if ends_at is not None and ends_at <= now:
        announce("certificate_of", registration_id=registration.id, into=found)
    return bool(found)


def _feedback(registration: Registration, now: datetime) -> list[bool]:
    """Asked of those above: whether the questions about a workshop that is over are answered; empty if they are not open."""
    ends_at, found = registration.workshop.ends_at, list[bool]()
    if ends_at is not None and ends_at <= now:
        announce("feedback_of", registration=registration, now=now, into=found)
    return found


@dataclass(frozen=True)
class Line:
    """What somebody who waits, or has an offer, is told of the waiting list."""

    moves: bool
    offers: bool
    stops: str  # when nobody moves up any more
    free: bool  # a seat that whoever comes first may take
    until: str  # when the own offer ends; nothing once it has
    after: str  # when the own offer ended


def _line(registration: Registration, now: datetime) -> Line:
    workshop, zone = registration.workshop, registration.person.zone
    mine, moves = terms.of(workshop), terms.moves(workshop, now)
    public = workshop.state == "published" and workshop.starts_at is not None and now < workshop.starts_at
    until = registration.held_until if registration.state == "offered" else None
    ended = until is not None and workshop.state == "published" and until <= now
    return Line(
        moves=moves,
        offers=mine.offers,
        stops=moment(mine.ends_at, zone) if mine.ends_at is not None else "",
        free=public and not moves and workshop.seats_left > 0,
        until=moment(until, zone) if until is not None and not ended else "",
        after=moment(until, zone) if until is not None and ended else "",
    )


def leaving_is_open(registration: Registration, now: datetime) -> bool:
    """Whether there is something to give up."""
    workshop = registration.workshop
    over = stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done"
    return workshop.state != "cancelled" and may_leave(registration.state, over=over)


def answering_is_open(registration: Registration, now: datetime) -> bool:
    """Whether answers to the workshop's questions can still be changed."""
    return may_answer(registration.state, registration.workshop.state, registration.workshop.starts_at, now)


def passing_is_open(registration: Registration, now: datetime) -> bool:
    """Whether one can name somebody of the same organisation who comes instead."""
    mine = registration.organisation_id is not None and registration.state in {"confirmed", "waitlisted", "requested"}
    return mine and answering_is_open(registration, now)


def states() -> dict[str, str]:
    """What a registration's state is called where others read it."""
    return {
        "confirmed": _("Has a seat"),
        "offered": _("Has an offer of a seat"),
        "waitlisted": _("On the waiting list"),
        "requested": _("Request sent"),
        "unconfirmed": _("Not confirmed yet"),
    }


def left(state: str) -> str:
    """What is said to somebody who has given up what this state was."""
    if state in {"confirmed", "offered"}:
        return _("You are no longer registered. Thank you for giving the seat back.")
    if state == "requested":
        return _("Your request is withdrawn.")
    return _("You are no longer on the waiting list.") if state == "waitlisted" else _("You are no longer registered.")


def arrived(registration: Registration | Arrival) -> str:
    """What is said to somebody who has just registered."""
    if registration.state == "requested":
        return _("We have your request. You get the answer by mail.")
    if registration.state == "confirmed":
        return _("You have a seat. The mail with the calendar entry is on its way.")
    return _("You are on the waiting list.")


def _leaving(registration: Registration) -> str:
    if registration.state == "confirmed":
        return _("Your seat becomes free for somebody else at once, and the entry is taken off your calendar.")
    if registration.state == "waitlisted":
        return _("You leave the waiting list, and the others move up.")
    return _("What you asked for is withdrawn, and nothing more is mailed to you about it.")
