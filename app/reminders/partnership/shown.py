"""Which mails about a partnership's dates go when to how many, for its staff."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from flask import url_for

from app.database import db
from app.errors import Missing
from app.languages import city, ngettext
from app.languages import gettext as _
from app.membership.models import Partnership, PartnershipEvent
from app.membership.partnership.entries import dated
from app.membership.partnership.rules import KINDS
from app.membership.partnership.shown import title_in
from app.membership.told import area_name, pair_name
from app.outbox.queries import Planned, Topic
from app.reminders.partnership import queries
from app.reminders.partnership.rules import PAST, dues
from app.reminders.rules import known_zone


def planned(partnership_id: int, now: datetime) -> list[Planned]:
    """Those still to come, in order; one line for each clock that their readers live by."""
    rows = dated(PartnershipEvent.partnership_id == partnership_id, PartnershipEvent.ends_at > now - PAST)
    people = queries.readers([partnership_id], now.date())[partnership_id] if rows else []
    zones = {kind: Counter(known_zone(person.zone, "UTC") for person in queries.concerned(people, kind)) for kind in KINDS}
    found = [
        Planned(due.at, _what(due.days, title_in(row.titles)[0]), _who(number, zone), zone)
        for row in rows
        for zone, number in zones[row.kind].items()
        for due in dues(queries.day_of(row), zone)
        if due.at > now
    ]
    return sorted(found, key=lambda one: (one.due_at, one.what, one.zone))


def topic(partnership_id: int) -> Topic:
    """A partnership as what a mail is about. Raises Missing."""
    row = db.session.get(Partnership, partnership_id)
    if row is None:
        raise Missing
    title = pair_name(row.right.place, row.left.place)
    staff = [(url_for("partnership_staff.partnerships"), _("Partnerships")), (url_for("partnership_staff.edit", slug=row.slug), title)]
    return Topic(title, None, row.right.zone, area_name(row.area), staff)


def _what(days: int, title: str) -> str:
    if days > 0:
        return ngettext("%(num)s day before: %(title)s", "%(num)s days before: %(title)s", days, title=title)
    return ngettext(
        "%(num)s day after, if it is not done: %(title)s",
        "%(num)s days after, if it is not done: %(title)s",
        -days,
        title=title,
    )


def _who(number: int, zone: str) -> str:
    return ngettext("%(num)s person on the clock of %(city)s", "%(num)s people on the clock of %(city)s", number, city=city(zone))
