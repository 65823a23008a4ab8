"""The mail to a coordinator whose organisation has seats that nobody sits on yet."""

from __future__ import annotations

from datetime import timedelta

from app.accounts.models import Person
from app.languages import gettext as _
from app.languages import moment, ngettext, span, using
from app.mailer import link, render
from app.outbox.service import Item, Mail
from app.reminders.holding.queries import key_of
from app.workshops.models import SeatHold, Workshop

LAST = timedelta(minutes=1)  # before midnight: 'until 3 May, 23:59' is understood, 'until 4 May, 00:00' is not


def lapses_soon(hold: SeatHold, workshop: Workshop, coordinator: Person) -> Mail:
    """'Two seats are still held for you': until when on the reader's clock, and where to name who comes."""
    with using(coordinator.lang):
        first, last = workshop.days[0].on, workshop.days[-1].on
        until = moment(hold.lapses_at - LAST, coordinator.zone)
        name = hold.organisation.name
        heading = ngettext(
            "One seat is still held for %(organisation)s",
            "%(num)s seats are still held for %(organisation)s",
            hold.unused,
            organisation=name,
        )
        content = render(
            "held_seats",
            coordinator.lang,
            subject=_("Held seats lapse soon: %(title)s, %(when)s", title=workshop.text.title, when=span(first, last)),
            heading=heading,
            until=_("They are held until %(when)s.", when=until),
            workshop=workshop,
            title_lang=workshop.text.lang if workshop.text.lang != coordinator.lang else "",
            dates=span(first, last),
            organisation=hold.organisation,
            button_url=link(f"/{coordinator.lang}/me/delegation/{workshop.id}/"),
        )
    return Mail(
        kind="hold_reminder",
        person_id=coordinator.id,
        lang=coordinator.lang,
        recipient=coordinator.address,
        recipient_name=coordinator.name,
        content=content,
        items=[Item(key_of(hold.id, hold.until, coordinator.id), f"seat_hold:{hold.id}", f"workshop:{workshop.id}")],
        expires_at=hold.lapses_at,
        rank_at=workshop.starts_at,
        zone=coordinator.zone,
    )
