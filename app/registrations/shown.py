"""What pages say of a registration: when and where, whether one can leave, and what leaving means."""

from __future__ import annotations

from datetime import datetime

from app.languages import gettext as _
from app.questions import queries as questions
from app.questions.shown import lines as answered
from app.registrations import letters, queries
from app.registrations.models import Registration
from app.registrations.rules import may_answer, may_leave
from app.workshops.rules import stage
from app.workshops.showing import entries


def facts(registration: Registration, now: datetime) -> dict[str, object]:
    """What the pages of one registration show, as the templates call it."""
    workshop = registration.workshop
    return {
        "registration": registration,
        "workshop": workshop,
        "clock_rows": letters.clocks(workshop.days, workshop.zone, workshop.place, registration.person.zone),
        "where": entries.where(workshop),
        "position": queries.place_in_line(registration) if registration.state == "waitlisted" else 0,
        "may_leave": leaving_is_open(registration, now),
        "leaving": _leaving(registration),
        "answers": answered(questions.answers([registration.id]).get(registration.id, ())),
        "may_answer": answering_is_open(registration, now) and questions.count(workshop.id) > 0,
    }


def leaving_is_open(registration: Registration, now: datetime) -> bool:
    """Whether there is something to give up."""
    workshop = registration.workshop
    over = stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done"
    return workshop.state != "cancelled" and may_leave(registration.state, over=over)


def answering_is_open(registration: Registration, now: datetime) -> bool:
    """Whether answers to the workshop's questions can still be changed."""
    return may_answer(registration.state, registration.workshop.state, registration.workshop.starts_at, now)


def left(state: str) -> str:
    """What is said to somebody who has given up what this state was."""
    if state == "confirmed":
        return _("You are no longer registered. Thank you for giving the seat back.")
    if state == "requested":
        return _("Your request is withdrawn.")
    return _("You are no longer on the waiting list.") if state == "waitlisted" else _("You are no longer registered.")


def arrived(registration: Registration) -> str:
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
