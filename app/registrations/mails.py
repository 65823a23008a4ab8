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


@dataclass(frozen=True)
class Named:
    """Who registered somebody else, or instead of whom somebody comes; `asks`: the workshop's questions are still to answer."""

    registered_by: str = ""
    instead_of: str = ""
    asks: bool = False

    def words(self) -> tuple[str, ...]:
        """In the language in force; how to say no stands there too, since the reader has asked for nothing."""
        first = _("%(name)s has registered you.", name=self.registered_by) if self.registered_by else ""
        if self.instead_of:
            first = _("You come instead of %(name)s.", name=self.instead_of)
        questions = _("Please answer the workshop's questions behind the button.") if self.asks else ""
        return tuple(filter(None, (first, _("If you do not want to come, say so behind the button."), questions)))


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
                words.insert(0, _("A seat became free, and you were next in line."))
            if given:
                words.insert(0, _("Our staff have given you a seat."))
            if approved:
                words.insert(0, _("Your request is approved."))
            if registration.workshop.format != "online":
                words.append(_("Your check-in code is %(code)s. Show it at the door.", code=common.code))
                words.append(_("Behind the button it also stands as a QR code."))
            words[:0] = named.words() if named else ()
            letter = Letter(
                kind="promotion" if promoted else "confirmation",
                subject=_("You have a seat: %(title)s, %(when)s", title=title, when=when),
                heading=_("You have a seat"),
                words=tuple(words),
                button=_("See or change your registration"),
                method="REQUEST",
                begins=begins(registration, common.dues(registration.workshop)),
            )
        else:
            wait = _wait(registration)
            letter = Letter(
                kind="waiting",
                subject=_("You are on the waiting list: %(title)s, %(when)s", title=title, when=when),
                heading=_("You are on the waiting list"),
                words=(*(named.words() if named else ()), *((_("Your request is approved."),) if approved else ()), wait),
                button=_("See your place in the line"),
            )
        return mail(registration, letter, common)


def _entry(registration: Registration) -> str:
    """Where the calendar entry is; nobody is invited to what has no date yet (letters.mail sees to it)."""
    if registration.workshop.state == "postponed":
        return _("The workshop is postponed. We write as soon as there is a new date, and the calendar entry comes with that mail.")
    return _(
        "The calendar entry comes with this mail. Answering it in your calendar does not reach us: use the button to change or cancel."
    )


def _wait(registration: Registration) -> str:
    """What somebody who waits may hope for; who comes once the line has stopped is promised no turn."""
    if registration.workshop.state == "published" and not terms.moves(registration.workshop, registration.changed_at):
        return _("All seats are taken, and nobody moves up any more. When one becomes free, the first to take it behind the button has it.")
    if registration.workshop.waitlist == "offer":
        return _("All seats are taken. When one becomes free, it is offered to the first in line by mail, for a limited time.")
    return _("All seats are taken. When one becomes free, the first in line gets it, and we write to you at once.")


def _request(registration: Registration, named: Named | None, common: Common | None) -> Mail:
    with using(registration.lang):
        letter = Letter(
            kind="request",
            subject=_("We have your request: %(title)s, %(when)s", title=registration.workshop.text.title, when=dates(registration)),
            heading=_("We have your request"),
            words=(
                *(named.words() if named else ()),
                _("Our staff decide who comes to this workshop. You get the answer by mail. Until then you have no seat yet."),
                _("If you cannot come after all, please withdraw your request."),
            ),
            button=_("See or withdraw your request"),
        )
        return mail(registration, letter, common)


def declined(registration: Registration) -> Mail:
    """'There is no seat for you this time', and why."""
    with using(registration.lang):
        letter = Letter(
            kind="declined",
            subject=_("Your request is declined: %(title)s, %(when)s", title=registration.workshop.text.title, when=dates(registration)),
            heading=_("Your request is declined"),
            words=(_("If you have questions, answer this mail."),),
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
            subject=_("Confirm your registration: %(title)s", title=registration.workshop.text.title),
            heading=_("One more step"),
            words=(
                _("Somebody, hopefully you, asked for a seat with this address. Press the button to take it."),
                _("The seat is held until %(when)s. If it was not you, do nothing.", when=moment(until, zone)),
            )
            if registration.holds_seat
            else (
                _("Somebody, hopefully you, asked for a seat with this address. Press the button, and the request reaches our staff."),
                _("If it was not you, do nothing."),
            )
            if registration.workshop.approval
            else (
                _("Somebody, hopefully you, registered with this address. All seats are taken: press the button to join the waiting list."),
                _("If it was not you, do nothing."),
            ),
            button=_("Confirm my registration"),
            key=_again("hold", registration, again) if again else "",
        )
        return replace(mail(registration, letter, common), expires_at=until)


def link_again(registration: Registration, *, now: datetime, common: Common | None = None) -> Mail:
    """The link once more, for somebody who registers a second time. At most one a minute; the door counts the rest."""
    with using(registration.lang):
        waits = registration.state == "waitlisted"
        offered = _("A seat is offered to you already")
        heading = _("You are on the waiting list already") if waits else _("You are registered already")
        answered = {
            "offered": offered,
            "requested": _("We have your request already"),
            "declined": _("Your request has been answered already"),
        }
        letter = Letter(
            kind="link",
            subject=_("Your registration: %(title)s", title=registration.workshop.text.title),
            heading=answered.get(registration.state, heading),
            words=(_("Somebody, hopefully you, registered once more with this address. Nothing has changed; here is your link."),),
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
                _("You are no longer registered: %(title)s, %(when)s", title=title, when=when),
                _("You are no longer registered"),
            )
            words = _("Your seat is free for somebody else. You may register again as long as registration is open.")
            if before == "offered":
                subject = _("You have left the offered seat: %(title)s, %(when)s", title=title, when=when)
                heading = _("You have left the offered seat")
                words = _("The seat goes to the next in line. You may register again as long as registration is open.")
        elif before == "requested":
            subject = _("Your request is withdrawn: %(title)s, %(when)s", title=title, when=when)
            heading = _("Your request is withdrawn")
            words = _("You may register again as long as registration is open.")
        else:
            subject = _("You are no longer on the waiting list: %(title)s, %(when)s", title=title, when=when)
            heading = _("You are no longer on the waiting list")
            words = _("You may register again as long as registration is open.")
        if substitute:
            words = _("%(name)s comes instead of you.", name=substitute)
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
