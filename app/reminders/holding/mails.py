"""The mail to a coordinator whose organisation has seats that nobody sits on yet."""

from __future__ import annotations

from datetime import timedelta

from app.accounts.models import Person
from app.languages import moment, span, using
from app.mailer import link
from app.outbox.service import Item, Mail
from app.reminders.holding.queries import key_of
from app.wording import render, say
from app.workshops.models import SeatHold, Workshop

LAST = timedelta(minutes=1)  # before midnight: 'until 3 May, 23:59' is understood, 'until 4 May, 00:00' is not


def lapses_soon(hold: SeatHold, workshop: Workshop, coordinator: Person) -> Mail:
    """'Two seats are still held for you': until when on the reader's clock, and where to name who comes."""
    with using(coordinator.lang):
        first, last = workshop.days[0].on, workshop.days[-1].on
        until = moment(hold.lapses_at - LAST, coordinator.zone)
        key = "hold_reminder.heading_one" if hold.unused == 1 else "hold_reminder.heading_several"
        heading = say(key, num=hold.unused, organisation=hold.organisation.name)
        content = render(
            "held_seats",
            coordinator.lang,
            subject=say("hold_reminder.subject", title=workshop.text.title, when=span(first, last)),
            heading=heading,
            until=say("hold_reminder.until", when=until),
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
