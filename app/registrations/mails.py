"""The mails about one's own seat: rows in, finished messages out. Nothing is read or sent here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from app.languages import gettext as _
from app.languages import moment, using
from app.outbox.service import Mail
from app.registrations.late import begins
from app.registrations.letters import Common, Letter, dates, mail, page
from app.registrations.models import Registration
from app.registrations.waiting import terms
from app.wording import say


@dataclass(frozen=True)
class Named:
    """Who registered somebody else, or instead of whom somebody comes; `asks`: the workshop's questions are still to answer."""

    registered_by: str = ""
    instead_of: str = ""
    asks: bool = False

    def words(self) -> tuple[str, ...]:
        """In the language in force; how to say no stands there too, since the reader has asked for nothing."""
        first = say("named.registered_by", name=self.registered_by) if self.registered_by else ""
        if self.instead_of:
            first = say("named.instead_of", name=self.instead_of)
        questions = say("named.questions") if self.asks else ""
        return tuple(filter(None, (first, say("named.say_no"), questions)))


def answer(
    registration: Registration,
    *,
    promoted: bool = False,
    approved: bool = False,
    given: bool = False,
    named: Named | None = None,
    common: Common | None = None,
) -> Mail:
    """'You have a seat', with the calendar entry, 'you are on the waiting list', or 'we have your request'. `given`: out of turn.
    `named`: by somebody else."""
    if registration.state == "requested":
        return _request(registration, named, common)
    common = common or Common()
    with using(registration.lang):
        title, when = common.titled(registration)
        if registration.state == "confirmed":
            words = [_entry(registration)]
            if promoted:
                words.insert(0, say("confirmation.promoted"))
            if given:
                words.insert(0, say("confirmation.given"))
            if approved:
                words.insert(0, say("confirmation.approved"))
            if registration.workshop.format != "online":
                words.append(say("confirmation.code", code=common.code))
                words.append(say("confirmation.qr"))
            words[:0] = named.words() if named else ()
            letter = Letter(
                kind="promotion" if promoted else "confirmation",
                subject=say("confirmation.subject", title=title, when=when),
                heading=say("confirmation.heading"),
                words=tuple(words),
                button=_("See or change your registration"),
                method="REQUEST",
                begins=begins(registration, common.dues(registration.workshop)),
            )
        else:
            wait = _wait(registration)
            letter = Letter(
                kind="waiting",
                subject=say("waiting.subject", title=title, when=when),
                heading=say("waiting.heading"),
                words=(*(named.words() if named else ()), *((say("waiting.approved"),) if approved else ()), wait),
                button=_("See your place in the line"),
            )
        return mail(registration, letter, common)


def _entry(registration: Registration) -> str:
    """Where the calendar entry is; nobody is invited to what has no date yet (letters.mail sees to it)."""
    if registration.workshop.state == "postponed":
        return say("confirmation.postponed")
    return say("confirmation.entry")


def _wait(registration: Registration) -> str:
    """What somebody who waits may hope for; who comes once the line has stopped is promised no turn."""
    if registration.workshop.state == "published" and not terms.moves(registration.workshop, registration.changed_at):
        return say("waiting.nobody_moves")
    if registration.workshop.waitlist == "offer":
        return say("waiting.by_offer")
    return say("waiting.at_once")


def _request(registration: Registration, named: Named | None, common: Common | None) -> Mail:
    with using(registration.lang):
        letter = Letter(
            kind="request",
            subject=say("request.subject", title=registration.workshop.text.title, when=dates(registration)),
            heading=say("request.heading"),
            words=(
                *(named.words() if named else ()),
                say("request.decision"),
                say("request.withdraw"),
            ),
            button=_("See or withdraw your request"),
        )
        return mail(registration, letter, common)


def declined(registration: Registration) -> Mail:
    """'There is no seat for you this time', and why."""
    with using(registration.lang):
        letter = Letter(
            kind="declined",
            subject=say("declined.subject", title=registration.workshop.text.title, when=dates(registration)),
            heading=say("declined.heading"),
            words=(say("declined.questions"),),
            button=_("See the workshop"),
            button_path=page(registration),
            reason=registration.reason,
        )
        return mail(registration, letter)


def hold(registration: Registration, *, again: datetime | None = None, common: Common | None = None) -> Mail:
    """'Press the button to get your seat', to a guest whose address we do not know yet. `again`: asked for once more then."""
    with using(registration.lang):
        until = registration.held_until or registration.changed_at
        zone = registration.person.zone
        letter = Letter(
            kind="hold",
            subject=say("hold.subject", title=registration.workshop.text.title),
            heading=say("hold.heading"),
            words=(
                say("hold.seat"),
                say("hold.held", when=moment(until, zone)),
            )
            if registration.holds_seat
            else (
                say("hold.request"),
                say("hold.not_you"),
            )
            if registration.workshop.approval
            else (
                say("hold.waiting"),
                say("hold.not_you"),
            ),
            button=_("Confirm my registration"),
            key=_again("hold", registration, again) if again else "",
        )
        return replace(mail(registration, letter, common), expires_at=until)


def link_again(registration: Registration, *, now: datetime, common: Common | None = None) -> Mail:
    """The link once more, for somebody who registers a second time. At most one a minute; the door counts the rest."""
    with using(registration.lang):
        waits = registration.state == "waitlisted"
        offered = say("link.heading_offered")
        heading = say("link.heading_waiting") if waits else say("link.heading")
        answered = {
            "offered": offered,
            "requested": say("link.heading_request"),
            "declined": say("link.heading_declined"),
        }
        letter = Letter(
            kind="link",
            subject=say("link.subject", title=registration.workshop.text.title),
            heading=answered.get(registration.state, heading),
            words=(say("link.words"),),
            button=_("See your place in the line") if waits else _("See or change your registration"),
            key=_again("link", registration, now),
        )
        return mail(registration, letter, common)


def goodbye(registration: Registration, before: str, *, substitute: str = "") -> Mail:
    """'You are no longer registered', which takes the entry off the calendar; 'no longer on the waiting list'; 'withdrawn'.
    `before`: the state that was given up, to a `substitute` if one is named."""
    with using(registration.lang):
        title, when = registration.workshop.text.title, dates(registration)
        had_seat = before in {"confirmed", "offered"}
        if had_seat:
            subject, heading = (
                say("cancelled_seat.subject_seat", title=title, when=when),
                say("cancelled_seat.heading_seat"),
            )
            words = say("cancelled_seat.seat")
            if before == "offered":
                subject = say("cancelled_seat.subject_offered", title=title, when=when)
                heading = say("cancelled_seat.heading_offered")
                words = say("cancelled_seat.offered")
        elif before == "requested":
            subject = say("cancelled_seat.subject_request", title=title, when=when)
            heading = say("cancelled_seat.heading_request")
            words = say("cancelled_seat.again")
        else:
            subject = say("cancelled_seat.subject_waiting", title=title, when=when)
            heading = say("cancelled_seat.heading_waiting")
            words = say("cancelled_seat.again")
        if substitute:
            words = say("cancelled_seat.substitute", name=substitute)
        letter = Letter(
            kind="cancelled_seat",
            subject=subject,
            heading=heading,
            words=(words,),
            button=_("See the workshop"),
            button_path=page(registration),
            method="CANCEL" if had_seat else None,  # who waited was never invited
            reason="" if substitute else registration.reason,  # it says the same
        )
        return mail(registration, letter)


def _again(kind: str, registration: Registration, now: datetime) -> str:
    return f"{kind}:{registration.id}:{registration.generation}:again:{int(now.timestamp() // 60)}"
