"""What stands in somebody's own calendar: what they come to, wait for or have lately given up, in words of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask import current_app

from app import calendars, mailer
from app.calendars import Entry, Status, Years
from app.errors import Refused
from app.feeds.leaving import GIVEN_UP
from app.feeds.partnerships.making import widened
from app.feeds.personal import closing, deadlines, partnerships, queries
from app.feeds.personal.deadlines import Owed
from app.feeds.personal.packed import own
from app.feeds.personal.queries import Owner
from app.feeds.rules import KEPT_LEFT, etag
from app.feeds.shelf import Kept, packed
from app.languages import gettext as _
from app.languages import moment, ngettext, using
from app.registrations.models import Registration
from app.workshops.showing import entries

ONLINE = ("online", "both")


def tag(owner: Owner, revisions: Sequence[int], changed_at: datetime, made_with: str) -> str:
    """The validator of what one address shows: it names the options too, for they change without a revision."""
    shown = f"{owner.level}.deadlines" if owner.deadlines else owner.level
    return etag(f"me{owner.person_id}", owner.lang, shown, revisions, changed_at, made_with)


def key_of(owner: Owner) -> str:
    """Where it stands on the shelf."""
    return f"person:{owner.person_id}?{owner.lang}&{owner.level}{'&deadlines' if owner.deadlines else ''}"


def personal(owner: Owner, etag: str, changed_at: datetime, *, now: datetime) -> Kept:
    """Somebody's own calendar, the kept bytes of this revision or new ones; devices with the same options share them."""
    key = key_of(owner)
    kept = own().current(key, etag, now)
    if kept is not None:
        return kept
    made = shown(owner)
    years = widened(entries.years(), made)
    pieces = [_piece(entry, years) for entry in made]
    with using(owner.lang):
        name = _("My workshops")
    return own().put(key, packed(etag, changed_at, now, calendars.feed(name, pieces, years, lang=owner.lang)))


def shown(owner: Owner) -> list[Entry]:
    """The entries of one address: workshops, the oldest first, the dates of partnerships, and what is awaited."""
    registrations = queries.own(owner.person_id, owner.level)
    found = [entry for registration in registrations for entry in of_registration(registration, owner.lang, owner.level)]
    found += partnerships.shown(owner.person_id, owner.lang, owner.level)
    if owner.deadlines:
        asked, letterless = queries.unanswered_by(owner.person_id), queries.without_letter(owner.person_id)
        days = _chase_days()
        for registration in registrations:
            owed = Owed(asks=registration.id in asked, letter=registration.id in letterless)
            found += deadlines.of_registration(registration, owner.lang, days, owed)
        found += closing.shown(owner.person_id, owner.lang)
    return found


def of_registration(registration: Registration, lang: str, level: str) -> list[Entry]:
    """The workshop's entries of that level with the public UIDs and times, and with what they mean to this person.

    SEQUENCE is the workshop's of that entry, plus the larger of registration's and workshop's for days and sessions; in the
    overview it is that larger one alone, as in the invitation, which has the same UID. None of the three ever falls, so neither
    does it, it is never below the public one, and it rises when the day moves as when the person leaves or comes back.
    """
    workshop = registration.workshop
    own = max(registration.sequence, workshop.sequence)
    if level == "overview":
        made = [replace(entries.overview(workshop, lang), sequence=own)] if workshop.days else []
    else:
        of = entries.sessions if level == "sessions" else entries.daily
        made = [replace(entry, sequence=entry.sequence + own) for entry in of(workshop, lang)]
    with using(lang):
        return [_mine(entry, registration, lang) for entry in made]


def registration_url(registration: Registration, lang: str) -> str:
    """Where the person sees and changes it, once signed in; the calendar has no key to it."""
    return mailer.link(f"/{lang}/me/registrations/{registration.id}")


def _mine(entry: Entry, registration: Registration, lang: str) -> Entry:
    """One entry as the person's own: whether it is sure stands in STATUS, in the title and in the text, for no program shows all."""
    state, workshop = registration.state, registration.workshop
    takes_place = entry.status is Status.CONFIRMED
    status, title, transparent = entry.status, entry.summary, entry.transparent
    if takes_place and state in GIVEN_UP:
        status, title, transparent = Status.CANCELLED, _("CANCELLED for you: %(title)s", title=title), True
    elif takes_place and state != "confirmed":
        status, title = Status.TENTATIVE, _awaited(state, title)
    join_url = workshop.join_url if takes_place and state == "confirmed" and workshop.format in ONLINE else ""
    url = registration_url(registration, lang)
    lines = [
        *_standing(registration),
        entries.without_way_in(entry),
        _("Join online: %(url)s", url=join_url) if join_url else "",
        _("See, change or cancel your registration: %(url)s", url=url),
        _("The workshop's page: %(url)s", url=entries.page_url(workshop, lang)),
    ]
    return replace(
        entry,
        changed=max(entry.changed, registration.changed_at),
        status=status,
        summary=title,
        description="\n".join(line for line in lines if line),
        url=url,
        transparent=transparent,
        join_url=join_url,
    )


def _awaited(state: str, title: str) -> str:
    if state == "offered":
        return _("Offered to you: %(title)s", title=title)
    return _("Requested: %(title)s", title=title) if state == "requested" else _("Waiting list: %(title)s", title=title)


def _standing(registration: Registration) -> list[str]:
    """How the person stands to the workshop. Why somebody declined or left may name others, and is not told here."""
    workshop = registration.workshop
    days = KEPT_LEFT.days
    goes = ngettext("This entry goes from your calendar after one day.", "This entry goes from your calendar after %(num)s days.", days)
    if registration.state == "declined":
        return [_("Your request is declined."), goes]
    if registration.state == "cancelled":
        return [_("You are no longer registered."), goes]
    if workshop.state == "cancelled":
        return []
    return [_holding(registration)]


def _holding(registration: Registration) -> str:
    if registration.state == "confirmed":
        return _("You have a seat.")
    if registration.state == "requested":
        return _("You have asked for a seat. Our staff have not answered yet.")
    if registration.state == "offered" and registration.held_until is not None and registration.workshop.state == "published":
        until = moment(registration.held_until, registration.workshop.zone)
        return _("A seat is offered to you. It is yours once you accept it, and is held until %(when)s.", when=until)
    if registration.state == "offered":
        return _("A seat is offered to you. It is yours once you accept it.")
    return _("You are on the waiting list and have no seat yet.")


def _chase_days() -> int:
    return int(current_app.config["CONFIG"].number("reconfirm_chase_days"))


def _piece(entry: Entry, years: Years) -> bytes:
    """One entry's bytes, made anew: they are one person's, and would push what all share off the shelf.

    A link that cannot stand in a property of its own still stands in the text: nobody loses a calendar over it.
    """
    try:
        return calendars.render_entry(entry, years)
    except Refused:
        if not entry.join_url:
            raise
        return calendars.render_entry(replace(entry, join_url=""), years)
